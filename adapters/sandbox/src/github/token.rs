//! Tokens at GitHub: refusals come with status 200, and forms are answered unless JSON is asked.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::ISSUER;
use super::wire::Problem;
use crate::identity::form::{Form, basic};
use crate::identity::grants::{self, Unusable};
use crate::identity::world::{Change, Grant};
use crate::ledger::LedgerError;
use crate::state::{Memory, State};
use crate::world;
use crate::x::{hash, oauth};

/// A GitHub App's token lives eight hours, its refresh token half a year.
const ACCESS_SECONDS: i64 = 28_800;
const REFRESH_SECONDS: i64 = 15_897_600;

/// A refusal: name and description, with status 200.
#[derive(Debug)]
enum Refused {
    Said(&'static str, &'static str),
    Ledger(LedgerError),
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<Unusable> for Refused {
    fn from(reason: Unusable) -> Self {
        match reason {
            Unusable::Stranger | Unusable::Secret | Unusable::Missing("client_id") => Self::Said(
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
            ),
            Unusable::Redirect => Self::Said(
                "redirect_uri_mismatch",
                "The redirect_uri MUST match the registered callback URL for this application.",
            ),
            Unusable::Grant | Unusable::Verifier | Unusable::Missing(_) => {
                Self::Said("bad_verification_code", "The code passed is incorrect or expired.")
            }
        }
    }
}

/// `POST /login/oauth/access_token`.
pub(crate) async fn token(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = read(&headers, &body);
    let members = match granted(&state, &headers, &form) {
        Ok(members) => members,
        Err(Refused::Said(error, description)) => {
            let page = "/apps/managing-oauth-apps/\
                        troubleshooting-oauth-app-access-token-request-errors/";
            let uri = format!("https://docs.github.com{page}#{}", error.replace('_', "-"));
            let mut said = Map::new();
            said.insert("error".to_owned(), json!(error));
            said.insert("error_description".to_owned(), json!(description));
            said.insert("error_uri".to_owned(), json!(uri));
            said
        }
        Err(Refused::Ledger(error)) => return Problem::from(error).into_response(),
    };
    let wants_json = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if wants_json.is_some_and(|accept| accept.contains("json")) {
        return Json(Value::Object(members)).into_response();
    }
    let mut form = Serializer::new(String::new());
    for (name, value) in &members {
        form.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    ([(CONTENT_TYPE, kind)], form.finish()).into_response()
}

/// A form, or the same names and values as JSON.
fn read(headers: &HeaderMap, body: &[u8]) -> Form {
    let json = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !json.is_some_and(|kind| kind.contains("json")) {
        return Form::read(body);
    }
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: Value| value.as_str().map(str::to_owned);
    Form(members.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect())
}

fn granted(state: &State, headers: &HeaderMap, form: &Form) -> Result<Map<String, Value>, Refused> {
    let client = grants::authenticate(&state.identity().github_clients, headers, form)?;
    let mut memory = state.memory();
    if form.get("grant_type") == Some("refresh_token") {
        return refresh(&mut memory, &client, form);
    }
    let (code, used) = grants::redeem(&memory, ISSUER, &client, form)?;
    let verified = |login: &str| {
        let mut people = memory.world.identity.people.values();
        people.find(|person| person.login() == login).is_some_and(|person| person.email_verified)
    };
    if !verified(&code.user) {
        let said = "The user must have a verified primary email.";
        return Err(Refused::Said("unverified_user_email", said));
    }
    let grant = Grant {
        issuer: ISSUER.to_owned(),
        client,
        user: code.user,
        // A GitHub App has permissions instead of scopes.
        scopes: code.scopes,
        family: grants::family(),
        signed_in_at: crate::clock::now(0),
        expires_at: None,
    };
    answer(&mut memory, &grant, "exchange_code", vec![used.into()])
}

fn refresh(memory: &mut Memory, client: &str, form: &Form) -> Result<Map<String, Value>, Refused> {
    let said = "The refresh token passed is incorrect or expired.";
    let token = form.get("refresh_token").unwrap_or_default();
    let (key, grant) = grants::refreshable(memory, ISSUER, client, token)
        .map_err(|_| Refused::Said("bad_refresh_token", said))?;
    // The pair before ends: GitHub issues both anew.
    let ended = Change::FamilyEnded { family: grant.family.clone() };
    let changes = vec![Change::RefreshUsed { key }.into(), ended.into()];
    answer(memory, &grant, "refresh_token", changes)
}

fn answer(
    memory: &mut Memory,
    grant: &Grant,
    operation: &str,
    mut changes: Vec<world::Change>,
) -> Result<Map<String, Value>, Refused> {
    let secret = || oauth::secret().replace(['-', '_'], "0").chars().take(36).collect::<String>();
    let expiring = grant.client.starts_with("Iv");
    let access = format!("{}_{}", if expiring { "ghu" } else { "gho" }, secret());
    let refresh = expiring.then(|| format!("ghr_{}{}", secret(), secret()));
    let mut members = Map::new();
    let scope = if expiring { String::new() } else { grant.scopes.join(",") };
    members.insert("access_token".to_owned(), json!(access));
    members.insert("scope".to_owned(), json!(scope));
    members.insert("token_type".to_owned(), json!("bearer"));
    if let Some(refresh) = &refresh {
        members.insert("expires_in".to_owned(), json!(ACCESS_SECONDS));
        members.insert("refresh_token".to_owned(), json!(refresh));
        members.insert("refresh_token_expires_in".to_owned(), json!(REFRESH_SECONDS));
    }
    let lasting = expiring.then_some(ACCESS_SECONDS);
    let refresh = refresh.as_deref().map(|token| (token, Some(REFRESH_SECONDS)));
    changes.extend(grants::give(memory, grant, (&access, lasting), refresh));
    let facts = json!({ "user": grant.user, "client": grant.client });
    memory.happen(ISSUER, operation, facts, changes)?;
    Ok(members)
}

/// `DELETE /applications/{client_id}/token`: one token ends.
pub(crate) async fn remove(
    shared: Shared<State>,
    path: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    end(&shared.0, &path.0, &headers, &body, |grant| Change::FamilyEnded { family: grant.family })
}

/// `DELETE /applications/{client_id}/grant`: everything that a person permitted ends.
pub(crate) async fn remove_grant(
    shared: Shared<State>,
    path: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    end(&shared.0, &path.0, &headers, &body, |grant| Change::UserEnded {
        issuer: ISSUER.to_owned(),
        user: grant.user,
    })
}

fn end(
    state: &State,
    client: &str,
    headers: &HeaderMap,
    body: &[u8],
    change: impl Fn(Grant) -> Change,
) -> Result<StatusCode, Problem> {
    let (id, secret) = basic(headers).ok_or_else(Problem::not_found)?;
    let clients = &state.identity().github_clients;
    let known = clients.iter().any(|one| one.id == id && one.secret.as_ref() == Some(&secret));
    if !known || id != client {
        return Err(Problem::not_found());
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let token = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let mut memory = state.memory();
    let found = memory.world.identity.access.get(&hash(token));
    let mine = found.filter(|grant| grant.issuer == ISSUER && grant.client == id).cloned();
    let grant =
        mine.ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed"))?;
    let facts = json!({ "user": grant.user, "client": id });
    memory.happen(ISSUER, "revoke", facts, vec![change(grant).into()])?;
    Ok(StatusCode::NO_CONTENT)
}
