//! The one address of Cognito: what is asked stands in a header.

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::wire::{Refused, amz_json};
use super::{AppClient, admin, auth, challenge, passwords, sign_up, sigv4};
use crate::identity::form::header;
use crate::identity::settings::IdentitySettings;
use crate::state::{Memory, State};

/// Every operation that is served.
pub(crate) const NAMES: [&str; 19] = [
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetTokensFromRefreshToken",
    "GetUser",
    "GlobalSignOut",
    "RevokeToken",
    "AdminGetUser",
    "AdminUpdateUserAttributes",
    "AdminCreateUser",
    "AdminDeleteUser",
    "AdminSetUserPassword",
    "AdminUserGlobalSignOut",
    "ListUsers",
    "UpdateUserAttributes",
];

/// One call under way.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) settings: &'a IdentitySettings,
    pub(crate) memory: &'a mut Memory,
    pub(crate) members: Map<String, Value>,
}

/// The operation that `X-Amz-Target` names.
pub(crate) fn target(headers: &HeaderMap) -> Option<&str> {
    header(headers, "x-amz-target")?.strip_prefix("AWSCognitoIdentityProviderService.")
}

/// `POST /`.
pub(crate) async fn call(
    Shared(state): Shared<State>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut memory = state.memory();
    match answer(&state, &mut memory, (&uri, &headers, &body)) {
        Ok(value) => amz_json(StatusCode::OK, &value),
        Err(refused) => refused.into_response(),
    }
}

fn answer(
    state: &State,
    memory: &mut Memory,
    (uri, headers, body): (&axum::http::Uri, &HeaderMap, &Bytes),
) -> Result<Value, Refused> {
    let Some(name) = target(headers).filter(|name| NAMES.contains(name)) else {
        return Err(Refused::new("UnknownOperationException", ""));
    };
    let settings = state.identity();
    if name.starts_with("Admin") || name == "ListUsers" {
        let region = settings.cognito_pool.split('_').next().unwrap_or_default();
        sigv4::verify(&settings.aws_keys, region, (uri, headers, body))?;
    }
    let members = serde_json::from_slice(body)
        .map_err(|_| Refused::new("SerializationException", "Start of structure or map found."))?;
    let mut call = Call { settings, memory, members };
    match name {
        "SignUp" => sign_up::sign_up(&mut call),
        "ConfirmSignUp" => sign_up::confirm(&mut call),
        "ResendConfirmationCode" => sign_up::resend(&mut call),
        "ForgotPassword" => passwords::forgot(&mut call),
        "ConfirmForgotPassword" => passwords::confirm(&mut call),
        "InitiateAuth" => auth::initiate(&mut call),
        "RespondToAuthChallenge" => challenge::respond(&mut call),
        "GetTokensFromRefreshToken" => auth::tokens_from_refresh(&mut call),
        "GetUser" => auth::get_user(&mut call),
        "GlobalSignOut" => auth::global_sign_out(&mut call),
        "RevokeToken" => auth::revoke(&mut call),
        "UpdateUserAttributes" => auth::update_attributes(&mut call),
        _ => admin::serve(&mut call, name),
    }
}

impl Call<'_> {
    /// A text that was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A text that must be given.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refused> {
        self.text(name).map(str::to_owned).ok_or_else(|| {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_lowercase());
            let name: String = first.into_iter().chain(letters).collect();
            Refused::parameter(&format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy \
                 constraint: Member must not be null"
            ))
        })
    }

    /// A text within one of the maps, such as `AuthParameters`.
    pub(crate) fn within(&self, map: &str, name: &str) -> Option<String> {
        let text = self.members.get(map)?.get(name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The same, where it must be given.
    pub(crate) fn required_within(&self, map: &str, name: &str) -> Result<String, Refused> {
        self.within(map, name)
            .ok_or_else(|| Refused::parameter(&format!("Missing required parameter {name}")))
    }

    /// The app client that `ClientId` names.
    pub(crate) fn client(&self) -> Result<AppClient, Refused> {
        let id = self.required("ClientId")?;
        let known = self.settings.cognito_clients.iter().find(|one| one.client.id == id);
        known.cloned().ok_or_else(|| {
            let text = format!("User pool client {id} does not exist.");
            Refused::new("ResourceNotFoundException", &text)
        })
    }
}

/// Checks the hash that a client with a secret must send along with a user's name.
pub(crate) fn prove(
    client: &AppClient,
    username: &str,
    given: Option<&str>,
) -> Result<(), Refused> {
    let id = &client.client.id;
    let Some(secret) = &client.client.secret else { return Ok(()) };
    let Some(given) = given else {
        return Err(Refused::unauthorized(&format!(
            "Client {id} is configured with secret but SECRET_HASH was not received"
        )));
    };
    if given == wire_hash(secret, username, id) {
        return Ok(());
    }
    Err(Refused::unauthorized(&format!("Unable to verify secret hash for client {id}")))
}

/// Base64 of HMAC-SHA256 over user name and client id, under the client's secret.
fn wire_hash(secret: &str, username: &str, client: &str) -> String {
    use base64::Engine as _;
    use ring::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{username}{client}").as_bytes());
    base64::engine::general_purpose::STANDARD.encode(tag)
}
