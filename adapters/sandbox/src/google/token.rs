//! Tokens: a code exchanged once, and refresh tokens that stay the same.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::ISSUER;
use super::wire::{self, Refused};
use crate::clock;
use crate::identity::form::Form;
use crate::identity::grants::{self, Unusable};
use crate::identity::signing;
use crate::identity::world::{Change, Grant};
use crate::state::{Memory, State};
use crate::world;
use crate::x::{hash, oauth};

/// What Google prints for tokens that live an hour.
const ACCESS_SECONDS: i64 = 3_599;

/// `POST /token`.
pub(crate) async fn token(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = Form::read(&body);
    let client =
        grants::authenticate(&state.identity().google_clients, &headers, &form).map_err(refused)?;
    let mut memory = state.memory();
    let granted = match form.get("grant_type") {
        Some("authorization_code") => exchange(&mut memory, &client, &form),
        Some("refresh_token") => refresh(&mut memory, &client, &form),
        Some(other) => Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            format!("Invalid grant_type: {other}"),
        )),
        None => Err(refused(Unusable::Missing("grant_type"))),
    }?;
    Ok(([(CACHE_CONTROL, "no-cache, no-store")], Json(granted)).into_response())
}

/// Google's words for each reason.
fn refused(reason: Unusable) -> Refused {
    use StatusCode as S;
    match reason {
        Unusable::Missing("code_verifier") => {
            Refused::new(S::BAD_REQUEST, "invalid_grant", "Missing code verifier.")
        }
        Unusable::Missing(name) => {
            let text = format!("Missing required parameter: {name}");
            Refused::new(S::BAD_REQUEST, "invalid_request", text)
        }
        Unusable::Stranger => {
            Refused::new(S::UNAUTHORIZED, "invalid_client", "The OAuth client was not found.")
        }
        Unusable::Secret => {
            let text = "The provided client secret is invalid.";
            Refused::new(S::UNAUTHORIZED, "invalid_client", text)
        }
        Unusable::Grant => Refused::new(S::BAD_REQUEST, "invalid_grant", "Bad Request"),
        Unusable::Redirect => Refused::new(S::BAD_REQUEST, "redirect_uri_mismatch", "Bad Request"),
        Unusable::Verifier => {
            Refused::new(S::BAD_REQUEST, "invalid_grant", "Invalid code verifier.")
        }
    }
}

fn exchange(memory: &mut Memory, client: &str, form: &Form) -> Result<Value, Refused> {
    let (code, used) = grants::redeem(memory, ISSUER, client, form).map_err(refused)?;
    let grant = Grant {
        issuer: ISSUER.to_owned(),
        client: client.to_owned(),
        user: code.user,
        scopes: code.scopes,
        family: grants::family(),
        signed_in_at: crate::clock::now(0),
        expires_at: None,
    };
    let refresh = code.offline.then(|| format!("1//{}", oauth::secret()));
    let nonce = code.nonce.as_deref();
    answer(memory, &grant, ("exchange_code", vec![used.into()]), refresh.as_deref(), nonce)
}

/// The refresh token stays as it is, and is not repeated in the answer.
fn refresh(memory: &mut Memory, client: &str, form: &Form) -> Result<Value, Refused> {
    let token =
        form.get("refresh_token").ok_or_else(|| refused(Unusable::Missing("refresh_token")))?;
    let text = "Token has been expired or revoked.";
    let (_, grant) = grants::refreshable(memory, ISSUER, client, token)
        .map_err(|_| Refused::new(StatusCode::BAD_REQUEST, "invalid_grant", text))?;
    answer(memory, &grant, ("refresh_token", Vec::new()), None, None)
}

fn answer(
    memory: &mut Memory,
    grant: &Grant,
    (operation, mut changes): (&str, Vec<world::Change>),
    refresh: Option<&str>,
    nonce: Option<&str>,
) -> Result<Value, Refused> {
    let access = format!("ya29.{}", oauth::secret());
    let mut answer = json!({
        "access_token": access,
        "expires_in": ACCESS_SECONDS,
        "scope": wire::long(&grant.scopes),
        "token_type": "Bearer",
    });
    if let Some(members) = answer.as_object_mut() {
        if let Some(refresh) = refresh {
            members.insert("refresh_token".to_owned(), json!(refresh));
        }
        if grant.scopes.iter().any(|scope| scope == "openid") {
            let token = id_token(memory, grant, &access, nonce);
            members.insert("id_token".to_owned(), json!(token));
        }
    }
    let refresh = refresh.map(|token| (token, None));
    changes.extend(grants::give(memory, grant, (&access, Some(ACCESS_SECONDS)), refresh));
    let facts = json!({ "user": grant.user, "client": grant.client });
    memory.happen(ISSUER, operation, facts, changes)?;
    Ok(answer)
}

/// Times in tokens are the machine's: whoever verifies them knows no other.
fn id_token(memory: &Memory, grant: &Grant, access: &str, nonce: Option<&str>) -> Value {
    let now = clock::now(0).div_euclid(1000);
    let person = wire::by_subject(memory, &grant.user);
    let mut claims = person
        .map_or_else(|| json!({ "sub": grant.user }), |one| wire::profile(one, &grant.scopes));
    if let Some(members) = claims.as_object_mut() {
        let more = json!({
            "iss": wire::issuer(memory),
            "azp": grant.client,
            "aud": grant.client,
            "at_hash": grants::at_hash(access),
            "iat": now,
            "exp": now.saturating_add(3_600),
        });
        members.extend(more.as_object().cloned().unwrap_or_default());
        if let Some(nonce) = nonce {
            members.insert("nonce".to_owned(), json!(nonce));
        }
    }
    json!(signing::jwt(&memory.world.identity, ISSUER, &claims))
}

/// `POST /revoke`: an access or refresh token, and everything of the same sign-in with it.
pub(crate) async fn revoke(Shared(state): Shared<State>, body: Bytes) -> Result<Response, Refused> {
    let form = Form::read(&body);
    let token = form.get("token").ok_or_else(|| refused(Unusable::Missing("token")))?;
    let mut memory = state.memory();
    let (key, known) = (hash(token), &memory.world.identity);
    let found = known.access.get(&key).or_else(|| known.refresh.get(&key));
    let Some(grant) = found.filter(|grant| grant.issuer == ISSUER).cloned() else {
        let text = "Token expired or revoked";
        return Err(Refused::new(StatusCode::BAD_REQUEST, "invalid_token", text));
    };
    let facts = json!({ "user": grant.user, "client": grant.client });
    let change = Change::FamilyEnded { family: grant.family };
    memory.happen(ISSUER, "revoke", facts, vec![change.into()])?;
    Ok(Json(json!({})).into_response())
}
