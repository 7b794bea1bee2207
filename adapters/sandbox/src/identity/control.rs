//! The control API of identity: more people, new signing keys, and grants taken back.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::{Membership, Person};
use super::world::Change;
use crate::control::Refused;
use crate::state::State;

pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_control/people", get(people).post(save))
        .route("/_control/keys/{issuer}/rotate", post(rotate))
        .route("/_control/grants/{issuer}/end", post(end))
}

/// `GET /_control/people`: everybody whom one can be at Google and GitHub.
async fn people(Shared(state): Shared<State>) -> Json<Value> {
    let memory = state.memory();
    let people: Vec<Value> = memory.world.identity.people.values().map(show).collect();
    Json(json!({ "people": people }))
}

fn show(person: &Person) -> Value {
    json!({
        "key": person.key,
        "name": person.name(),
        "email": person.email,
        "email_verified": person.email_verified,
        "google_subject": person.google_subject(),
        "github_id": person.number("github"),
        "github_login": person.login(),
        "organisations": person.organisations,
    })
}

/// A person as the control API takes one; what is left out stays as it was.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    key: String,
    given: Option<String>,
    family: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    organisations: Option<Vec<Membership>>,
}

/// `POST /_control/people`: adds somebody, or changes who has this key.
async fn save(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let saved: Saved = serde_json::from_slice(&body)?;
    if saved.key.is_empty() || !saved.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Refused::Value("`key` must be letters, digits and dashes"));
    }
    let mut memory = state.memory();
    let before = memory.world.identity.people.get(&saved.key).cloned();
    let before = before.unwrap_or_else(|| Person {
        key: saved.key.clone(),
        given: saved.key.clone(),
        family: "Sandbox".to_owned(),
        email: format!("{}@bakery.example", saved.key),
        email_verified: true,
        organisations: Vec::new(),
    });
    let person = Person {
        key: saved.key,
        given: saved.given.unwrap_or(before.given),
        family: saved.family.unwrap_or(before.family),
        email: saved.email.unwrap_or(before.email),
        email_verified: saved.email_verified.unwrap_or(before.email_verified),
        organisations: saved.organisations.unwrap_or(before.organisations),
    };
    let shown = show(&person);
    let facts = json!({ "person": person.key });
    let change = Change::PersonSaved { person };
    memory.happen("control", "save_person", facts, vec![change.into()])?;
    Ok(Json(shown))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotated {
    /// Whether the old key stays in the set, as it should while its tokens are alive.
    keep_old: Option<bool>,
}

/// `POST /_control/keys/{issuer}/rotate`: `google`, `clerk` or `cognito` signs with a new key.
async fn rotate(
    Shared(state): Shared<State>,
    Path(issuer): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let Rotated { keep_old } =
        if body.is_empty() { Rotated::default() } else { serde_json::from_slice(&body)? };
    if !["google", "clerk", "cognito"].contains(&issuer.as_str()) {
        return Err(Refused::Value("only google, clerk and cognito sign with keys"));
    }
    let mut memory = state.memory();
    let keep_old = keep_old.unwrap_or(true);
    let facts = json!({ "issuer": issuer, "keep_old": keep_old });
    let change = Change::KeyRotated { issuer: issuer.clone(), keep_old };
    memory.happen("control", "rotate_key", facts, vec![change.into()])?;
    Ok(Json(super::signing::key_set(&memory.world.identity, &issuer)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    /// The provider's own name for the user, or a person's key.
    user: String,
}

/// `POST /_control/grants/{issuer}/end`: every token of one user at one provider ends.
async fn end(
    Shared(state): Shared<State>,
    Path(issuer): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let Ended { user } = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    let person = memory.world.identity.person(&user);
    let user = match (issuer.as_str(), person) {
        ("google", Some(person)) => person.google_subject(),
        ("github", Some(person)) => person.login(),
        _ => user,
    };
    let facts = json!({ "issuer": issuer, "user": user });
    let change = Change::UserEnded { issuer, user: user.clone() };
    memory.happen("control", "end_grants", facts, vec![change.into()])?;
    Ok(Json(json!({ "ended": user })))
}
