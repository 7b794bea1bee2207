//! Tokens: a code exchanged once, a refresh token used once, and taking permission back.

use std::fmt;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::tweets::handle;
use super::wire::hash;
use crate::ledger::LedgerError;
use crate::state::{Memory, State};
use crate::world::{Access, Change, Code, Refresh};

/// The application that the sandbox knows from the start.
pub const CLIENT_ID: &str = "herald-sandbox-client";
/// Its secret. It opens nothing but a sandbox.
pub const CLIENT_SECRET: &str = "herald-sandbox-secret";
/// An application without a secret, as a mobile one would be.
pub const PUBLIC_CLIENT_ID: &str = "herald-sandbox-public-client";

/// How long an access token lives, in seconds.
const ACCESS_SECONDS: i64 = 7200;

/// An application that people can permit to act for them.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// The public name.
    pub id: String,
    /// The secret, where the application can keep one.
    pub secret: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A refusal in the shape of RFC 6749.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl Refused {
    fn request(description: impl Into<String>) -> Self {
        let description = description.into();
        Self { status: StatusCode::BAD_REQUEST, error: "invalid_request", description }
    }

    fn client(description: &str) -> Self {
        let description = description.to_owned();
        Self { status: StatusCode::UNAUTHORIZED, error: "unauthorized_client", description }
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        let description = "The server is temporarily unavailable.".to_owned();
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { status, error: "temporarily_unavailable", description }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, Json(body)).into_response()
    }
}

/// `POST /2/oauth2/token`.
pub(crate) async fn token(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = Form::read(&body)?;
    let client = authenticate(&state, &headers, &form)?;
    let mut memory = state.memory();
    let granted = match form.required("grant_type")? {
        "authorization_code" => exchange(&mut memory, &client, &form),
        "refresh_token" => refresh(&mut memory, &client, &form),
        _ => Err(Refused {
            status: StatusCode::BAD_REQUEST,
            error: "unsupported_grant_type",
            description: "Value passed for the grant type is not supported.".to_owned(),
        }),
    }?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(granted)).into_response())
}

/// `POST /2/oauth2/revoke`.
pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = Form::read(&body)?;
    let client = authenticate(&state, &headers, &form)?;
    let key = hash(form.required("token")?);
    let mut memory = state.memory();
    let (change, user) = if let Some(access) = memory.world.access.get(&key) {
        (Change::AccessEnded { key }, Some((&access.client, &access.user)))
    } else {
        let refresh = memory.world.refresh.get(&key);
        (Change::RefreshUsed { key }, refresh.map(|kept| (&kept.client, &kept.user)))
    };
    let Some((_, user)) = user.filter(|(owner, _)| **owner == client) else {
        return Ok(Json(json!({ "revoked": true })).into_response());
    };
    let facts = json!({ "author": handle(user), "client": client });
    memory.happen("x", "revoke", facts, vec![change])?;
    Ok(Json(json!({ "revoked": true })).into_response())
}

/// Who asks: a confidential application by Basic, a public one by its `client_id`.
fn authenticate(state: &State, headers: &HeaderMap, form: &Form) -> Result<String, Refused> {
    let basic = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(basic);
    if let Some((id, secret)) = basic {
        let known = state.client(&id).is_some_and(|client| client.secret.as_ref() == Some(&secret));
        return if known { Ok(id) } else { Err(Refused::client("Client authentication failed.")) };
    }
    let id = form.get("client_id").unwrap_or_default();
    match state.client(id) {
        Some(Client { secret: None, .. }) => Ok(id.to_owned()),
        Some(_) => Err(Refused::client("Missing valid authorization header")),
        None => Err(Refused::request("Value passed for the client id was invalid.")),
    }
}

/// RFC 6749 percent-encodes both halves; for plain ids that changes nothing.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), secret.to_owned()))
}

fn exchange(memory: &mut Memory, client: &str, form: &Form) -> Result<Value, Refused> {
    let now = memory.now();
    let key = hash(form.required("code")?);
    let redirect_uri = form.required("redirect_uri")?;
    let verifier = form.required("code_verifier")?;
    let unusable = || Refused::request("Value passed for the authorization code was invalid.");
    let code = memory.world.codes.get(&key).ok_or_else(unusable)?.clone();
    if code.client != client || code.expires_at <= now {
        return Err(unusable());
    }
    if code.redirect_uri != redirect_uri {
        let description =
            "Value passed for the redirect uri did not match the uri of the authorization code.";
        return Err(Refused::request(description));
    }
    if !proves(&code, verifier) {
        let description = "Value passed for the code verifier did not match the code challenge.";
        return Err(Refused::request(description));
    }
    let used = Change::CodeUsed { key };
    grant(memory, client, &code.user, &code.scopes, ("exchange_code", used))
}

fn refresh(memory: &mut Memory, client: &str, form: &Form) -> Result<Value, Refused> {
    let key = hash(form.required("refresh_token")?);
    let known = memory.world.refresh.get(&key).filter(|refresh| refresh.client == client);
    let Some(Refresh { user, scopes, .. }) = known.cloned() else {
        return Err(Refused::request("Value passed for the token was invalid."));
    };
    let used = Change::RefreshUsed { key };
    grant(memory, client, &user, &scopes, ("refresh_token", used))
}

/// Issues a fresh pair; what it was issued for is used up in the same moment.
fn grant(
    memory: &mut Memory,
    client: &str,
    user: &str,
    scopes: &[String],
    (operation, spent): (&str, Change),
) -> Result<Value, Refused> {
    let (access, refresh) = (secret(), secret());
    let expires_at = memory.now().saturating_add(ACCESS_SECONDS.saturating_mul(1000));
    let granted = Access {
        client: client.to_owned(),
        user: user.to_owned(),
        scopes: scopes.to_vec(),
        expires_at,
    };
    let mut answer = json!({
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "access_token": access,
        "scope": scopes.join(" "),
    });
    let mut changes = vec![spent, Change::AccessGranted { key: hash(&access), access: granted }];
    if scopes.iter().any(|scope| scope == "offline.access") {
        if let Some(members) = answer.as_object_mut() {
            members.insert("refresh_token".to_owned(), json!(refresh));
        }
        let kept =
            Refresh { client: client.to_owned(), user: user.to_owned(), scopes: scopes.to_vec() };
        changes.push(Change::RefreshGranted { key: hash(&refresh), refresh: kept });
    }
    let facts = json!({ "author": handle(user), "client": client, "scope": scopes.join(" ") });
    memory.happen("x", operation, facts, changes)?;
    Ok(answer)
}

/// RFC 7636: the verifier must be well-formed and lead to the challenge.
fn proves(code: &Code, verifier: &str) -> bool {
    let formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let challenge = if code.plain {
        verifier.to_owned()
    } else {
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
    };
    formed && challenge == code.challenge
}

/// A secret that nobody guesses, in the letters that X uses.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 48]>())
}

/// A form body.
#[derive(Debug)]
struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Result<Self, Refused> {
        if body.len() > 64 * 1024 || std::str::from_utf8(body).is_err() {
            return Err(Refused::request("The request body cannot be read."));
        }
        Ok(Self(form_urlencoded::parse(body).into_owned().collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Refused> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refused::request(format!("Missing required parameter [{name}].")))
    }
}
