//! The directory of users: listing, creating, changing, merging metadata, deleting.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::wire::{self, Refused};
use super::world::{Change, Email, User};
use super::{ISSUER, events};
use crate::identity::form::Form;
use crate::identity::grants;
use crate::identity::world::Change as IdentityChange;
use crate::state::{Memory, State};
use crate::svix;

/// `GET /v1/users`: newest first, unless asked otherwise.
pub(crate) async fn list(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let form = Form::read(query.unwrap_or_default().as_bytes());
        let limit = number(&form, "limit", 10, 1, 500)?;
        let offset = number(&form, "offset", 0, 0, usize::MAX)?;
        let mut found: Vec<&User> = wanted(memory, &form).collect();
        let order = form.get("order_by").unwrap_or("-created_at");
        found.sort_by_key(|user| (user.created_at, user.id.clone()));
        if !order.starts_with('+') && order.starts_with('-') {
            found.reverse();
        }
        let from = match form.get("starting_after") {
            None => offset,
            Some(_) if !order.trim_start_matches(['+', '-']).starts_with("created_at") => {
                let long = "starting_after requires ordering by created_at.";
                return Err(Refused::parameter("starting_after", "form_param_invalid", long));
            }
            Some(last) => found.iter().position(|user| user.id == last).map_or(0, |at| at + 1),
        };
        let page = found.into_iter().skip(from).take(limit).map(wire::user).collect::<Vec<_>>();
        Ok(Json(page).into_response())
    })
}

/// `GET /v1/users/count`.
pub(crate) async fn count(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let form = Form::read(query.unwrap_or_default().as_bytes());
        let count = wanted(memory, &form).count();
        Ok(Json(json!({ "object": "total_count", "total_count": count })).into_response())
    })
}

fn number(
    form: &Form,
    name: &'static str,
    otherwise: usize,
    least: usize,
    most: usize,
) -> Result<usize, Refused> {
    let Some(text) = form.get(name) else { return Ok(otherwise) };
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let long = format!("{name} must be a number between {least} and {most}.");
        Refused::parameter(name, "form_param_format_invalid", &long)
    })
}

fn wanted<'a>(memory: &'a Memory, form: &'a Form) -> impl Iterator<Item = &'a User> {
    let values = |name: &str| -> Vec<&'a str> {
        let list = format!("{name}[]");
        let given = form.0.iter().filter(|(key, _)| *key == name || *key == list);
        given.flat_map(|(_, value)| value.split(',')).collect()
    };
    let (emails, ids, externals) =
        (values("email_address"), values("user_id"), values("external_id"));
    let text = form.get("query").map(str::to_lowercase);
    memory.world.clerk.users.values().filter(move |user| {
        let address = |email: &Email| emails.iter().any(|e| e.eq_ignore_ascii_case(&email.address));
        let says = |text: &String| {
            let emails = user.emails.iter().map(|email| email.address.clone());
            emails.chain([user.name(), user.id.clone()]).any(|t| t.to_lowercase().contains(text))
        };
        (emails.is_empty() || user.emails.iter().any(address))
            && (ids.is_empty() || ids.contains(&user.id.as_str()))
            && (externals.is_empty()
                || user.external_id.as_deref().is_some_and(|id| externals.contains(&id)))
            && text.as_ref().is_none_or(says)
    })
}

/// `GET /v1/users/{id}`.
pub(crate) async fn one(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let user = memory.world.clerk.users.get(&id);
        let user = user.ok_or_else(|| Refused::not_found("user", &id))?;
        Ok(Json(wire::user(user)).into_response())
    })
}

/// `POST /v1/users`.
pub(crate) async fn create(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let (user, id) = born(memory, &wire::object(&body)?)?;
        told.push(id);
        Ok(Json(wire::user(&user)).into_response())
    });
    svix::send(&state, told);
    response
}

const CREATABLE: [&str; 10] = [
    "email_address",
    "first_name",
    "last_name",
    "username",
    "external_id",
    "password",
    "skip_password_requirement",
    "public_metadata",
    "private_metadata",
    "unsafe_metadata",
];

/// Creates a user and the message about them; answers both.
pub(crate) fn born(
    memory: &mut Memory,
    members: &Map<String, Value>,
) -> Result<(User, String), Refused> {
    only(members, &CREATABLE)?;
    let addresses: Vec<String> = match members.get("email_address") {
        None => Vec::new(),
        Some(list) => serde_json::from_value(list.clone()).map_err(|_| {
            let long = "email_address must be an array of strings.";
            Refused::parameter("email_address", "form_param_format_invalid", long)
        })?,
    };
    for address in &addresses {
        if !address.contains('@') {
            let long = "Email address must be a valid email address.";
            return Err(Refused::parameter("email_address", "form_param_format_invalid", long));
        }
        if memory.world.clerk.find(address).is_some() {
            let long = "That email address is taken. Please try another.";
            return Err(Refused::parameter("email_address", "form_identifier_exists", long));
        }
    }
    let now = memory.now();
    let address = |address: String| Email {
        id: format!("idn_{}", grants::family()),
        address,
        verified: true,
    };
    let emails: Vec<Email> = addresses.into_iter().map(address).collect();
    let mut user = User {
        id: format!("user_{}", grants::family().replace(['-', '_'], "x")),
        key: String::new(),
        external_id: None,
        username: None,
        first_name: None,
        last_name: None,
        primary_email: emails.first().map(|email| email.id.clone()),
        emails,
        public_metadata: Map::new(),
        private_metadata: Map::new(),
        unsafe_metadata: Map::new(),
        banned: false,
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
    };
    fill(&mut user, members, true)?;
    let id = save(memory, &user, "create_user", "user.created")?;
    Ok((user, id))
}

/// `PATCH /v1/users/{id}`: attributes are replaced, metadata as a whole.
pub(crate) async fn change(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    altered(&state, &id, &headers, "update_user", |user| {
        let members = wire::object(&body)?;
        let known = CREATABLE.iter().skip(1).copied().chain(["primary_email_address_id"]);
        only(&members, &known.collect::<Vec<_>>())?;
        fill(user, &members, true)?;
        if let Some(primary) = members.get("primary_email_address_id").and_then(Value::as_str) {
            if !user.emails.iter().any(|email| email.id == primary) {
                return Err(Refused::not_found("email address", primary));
            }
            user.primary_email = Some(primary.to_owned());
        }
        Ok(())
    })
}

/// `PATCH /v1/users/{id}/metadata`: a deep merge, in which null removes a key.
pub(crate) async fn merge(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    altered(&state, &id, &headers, "update_metadata", |user| {
        let members = wire::object(&body)?;
        only(&members, &["public_metadata", "private_metadata", "unsafe_metadata"])?;
        fill(user, &members, false)
    })
}

fn altered(
    state: &State,
    id: &str,
    headers: &HeaderMap,
    operation: &str,
    alter: impl FnOnce(&mut User) -> Result<(), Refused>,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(state, &mut state.memory(), headers, |memory| {
        let found = memory.world.clerk.users.get(id).cloned();
        let mut user = found.ok_or_else(|| Refused::not_found("user", id))?;
        alter(&mut user)?;
        user.updated_at = memory.now();
        told.push(save(memory, &user, operation, "user.updated")?);
        Ok(Json(wire::user(&user)).into_response())
    });
    svix::send(state, told);
    response
}

fn save(memory: &mut Memory, user: &User, operation: &str, kind: &str) -> Result<String, Refused> {
    let (id, made) = events::of_user(memory, kind, user);
    let facts = json!({ "user": user.id, "public_metadata": user.public_metadata });
    let saved = Change::UserSaved { user: Box::new(user.clone()) };
    memory.happen(ISSUER, operation, facts, vec![saved.into(), made])?;
    Ok(id)
}

fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), Refused> {
    let strange = members.keys().find(|name| !known.contains(&name.as_str()));
    let Some(name) = strange else { return Ok(()) };
    let long = format!("{name} is not a valid parameter for this request.");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(Refused::new(status, "form_param_unknown", "is unknown", &long))
}

/// Puts the members into the user; metadata replaced as a whole or merged.
fn fill(user: &mut User, members: &Map<String, Value>, whole: bool) -> Result<(), Refused> {
    for (name, slot) in [
        ("first_name", &mut user.first_name),
        ("last_name", &mut user.last_name),
        ("username", &mut user.username),
        ("external_id", &mut user.external_id),
    ] {
        match members.get(name) {
            None => {}
            Some(Value::Null) => *slot = None,
            Some(Value::String(text)) => *slot = Some(text.clone()),
            Some(_) => {
                let long = format!("{name} must be a string.");
                return Err(Refused::parameter(name, "form_param_format_invalid", &long));
            }
        }
    }
    for (name, slot) in [
        ("public_metadata", &mut user.public_metadata),
        ("private_metadata", &mut user.private_metadata),
        ("unsafe_metadata", &mut user.unsafe_metadata),
    ] {
        match members.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Object(given)) if whole => *slot = given.clone(),
            Some(Value::Object(given)) => blend(slot, given),
            Some(_) => {
                let long = format!("{name} must be a valid JSON object.");
                return Err(Refused::parameter(name, "form_param_format_invalid", &long));
            }
        }
        // Clerk keeps eight kilobytes of each.
        if serde_json::to_string(slot).map_or(0, |text| text.len()) > 8 * 1024 {
            let long = format!("{name} exceeds the maximum allowed size of 8192 bytes.");
            return Err(Refused::parameter(name, "form_param_exceeds_allowed_size", &long));
        }
    }
    Ok(())
}

/// A deep merge: objects are merged, everything else replaced, and null removes.
fn blend(kept: &mut Map<String, Value>, given: &Map<String, Value>) {
    for (name, value) in given {
        match (kept.get_mut(name), value) {
            (_, Value::Null) => drop(kept.remove(name)),
            (Some(Value::Object(below)), Value::Object(given)) => blend(below, given),
            (_, Value::Object(given)) => {
                let mut fresh = Map::new();
                blend(&mut fresh, given);
                kept.insert(name.clone(), Value::Object(fresh));
            }
            (_, value) => drop(kept.insert(name.clone(), value.clone())),
        }
    }
}

/// `DELETE /v1/users/{id}`: the user, their sessions, and every token of theirs.
pub(crate) async fn remove(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let user = memory.world.clerk.users.get(&id);
        let external = user.ok_or_else(|| Refused::not_found("user", &id))?.external_id.clone();
        let mut gone = json!({ "object": "user", "id": id, "deleted": true });
        if let (Some(external), Some(members)) = (external, gone.as_object_mut()) {
            members.insert("external_id".to_owned(), json!(external));
        }
        let (message, made) = events::tell(memory, "user.deleted", &gone);
        let ended = IdentityChange::UserEnded { issuer: ISSUER.to_owned(), user: id.clone() };
        let deleted = Change::UserDeleted { id: id.clone() };
        let changes = vec![deleted.into(), ended.into(), made];
        memory.happen(ISSUER, "delete_user", json!({ "user": id }), changes)?;
        told.push(message);
        Ok(Json(gone).into_response())
    });
    svix::send(&state, told);
    response
}
