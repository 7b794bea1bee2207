//! Keys: issued once, listed, ended.

use crate::{
    Rest,
    address::{Path, Query},
    asking::{Asking, Input, created},
    problem::{Answer, Problem},
    reading::{Listed, Wanted, list as page},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use herald_account::Action;
use herald_application::{
    commands::api_key::{IssueApiKey, RevokeApiKey},
    views::api_keys::{ApiKeyDoc, NAME},
};
use herald_kernel::{ApiKeyId, Instant};
use herald_terms::{Reach, Scope};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What `POST /api-keys/generate` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    name: String,
    /// `read`, `write`, `publish`; all three when absent.
    scopes: Option<Vec<String>>,
    expires_at: Option<Instant>,
}

/// A key as its owner sees it.
#[derive(Debug, Serialize)]
pub(crate) struct KeySeen {
    id: ApiKeyId,
    name: Option<String>,
    display: Option<String>,
    status: &'static str,
    scopes: Vec<&'static str>,
    created_at: Instant,
    expires_at: Option<Instant>,
}

impl KeySeen {
    fn of(doc: &ApiKeyDoc) -> Self {
        Self {
            id: doc.id,
            name: doc.key.name().map(ToString::to_string),
            display: doc.key.display(),
            status: doc.key.stage().as_str(),
            scopes: doc.key.scopes().iter().map(|scope| scope.as_str()).collect(),
            created_at: doc.created_at,
            expires_at: doc.key.details().and_then(|it| it.expires_at),
        }
    }
}

/// A key that was issued: the only answer that holds its text.
#[derive(Debug, Serialize)]
pub(crate) struct Issued {
    id: ApiKeyId,
    /// `null` when the same request was followed before: a key is shown once.
    key: Option<String>,
}

pub(crate) async fn generate(
    State(rest): State<Rest>,
    asking: Asking,
    Input(wish): Input<Wish>,
) -> Answer<impl IntoResponse> {
    let scopes = match wish.scopes {
        None => Scope::OF_USERS.into_iter().collect(),
        Some(names) => read_scopes(&names)?,
    };
    let name = wish.name.try_into().map_err(|error| Problem::invalid("name", text(&error)))?;
    let issue = IssueApiKey {
        name,
        scopes,
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: wish.expires_at,
    };
    let issued = asking.carry_through(&rest, issue).await?;
    let key = issued.secret.map(|secret| secret.expose_secret().to_owned());
    Ok(created(Issued { id: issued.key, key }))
}

fn text(error: &herald_kernel::InvalidText) -> String {
    error.to_string()
}

fn read_scopes(names: &[String]) -> Answer<BTreeSet<Scope>> {
    let scopes = names.iter().map(|name| name.parse::<Scope>());
    let scopes: Result<BTreeSet<_>, _> = scopes.collect();
    scopes.map_err(|error| Problem::invalid("scopes", error.to_string()))
}

pub(crate) async fn list(
    State(rest): State<Rest>,
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Listed<KeySeen>>> {
    let read = (Action::ReadApiKeys, NAME);
    Ok(Json(page((&rest, &asking), read, wanted, KeySeen::of).await?))
}

pub(crate) async fn revoke(
    State(rest): State<Rest>,
    asking: Asking,
    Path(key): Path,
) -> Answer<StatusCode> {
    let key = key.parse().map_err(|_| Problem::not_found())?;
    asking.carry_through(&rest, RevokeApiKey { key }).await?;
    Ok(StatusCode::NO_CONTENT)
}
