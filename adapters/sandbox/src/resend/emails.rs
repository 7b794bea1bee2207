//! Sending, once per idempotency key, and looking up what became of it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::wire::{self, Need, Refused};
use super::world::{Answered, Change, Mail};
use super::{ISSUER, body, events};
use crate::clock;
use crate::cognito::world::uuid;
use crate::state::{Memory, State};
use crate::svix;
use crate::x::hash;

/// `POST /emails`.
pub(crate) async fn send(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    accept(
        &state,
        &headers,
        &bytes,
        |value| Ok(vec![value]),
        |ids| match ids {
            [id] => json!({ "id": id }),
            _ => json!({}),
        },
    )
}

/// `POST /emails/batch`: at most a hundred; all or none.
pub(crate) async fn send_batch(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let several = |value: Value| {
        let Value::Array(list) = value else {
            return Err(Refused::invalid("The batch must be an array of emails."));
        };
        if !(1..=100).contains(&list.len()) {
            return Err(Refused::invalid("A batch holds between 1 and 100 emails."));
        }
        Ok(list)
    };
    accept(&state, &headers, &bytes, several, |ids| {
        let data: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "data": data })
    })
}

fn accept(
    state: &State,
    headers: &HeaderMap,
    bytes: &Bytes,
    split: impl FnOnce(Value) -> Result<Vec<Value>, Refused>,
    answer: impl FnOnce(&[String]) -> Value,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(state, &mut state.memory(), headers, Need::Sending, |memory| {
        let key = idempotency_key(headers)?;
        let payload = hash(&String::from_utf8_lossy(bytes));
        if let Some(kept) = key.and_then(|key| memory.world.resend.answered(key, memory.now())) {
            if kept.payload == payload {
                return Ok(Json(kept.answer.clone()).into_response());
            }
            let text = "Same idempotency key used with a different request payload.";
            return Err(Refused::new(409, "invalid_idempotent_request", text));
        }
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|_| Refused::new(400, "validation_error", "The body is not valid JSON."))?;
        let now = memory.now();
        let read = |value| body::read(value, new_id(), key, now);
        let mails = split(value)?.into_iter().map(read).collect::<Result<Vec<Mail>, _>>()?;
        let ids: Vec<String> = mails.iter().map(|mail| mail.id.clone()).collect();
        let given = answer(&ids);
        let mut changes = Vec::new();
        for mail in &mails {
            changes.push(Change::Accepted { mail: Box::new(mail.clone()) }.into());
            for (id, made) in events::first(memory, mail, &mut changes) {
                told.push(id);
                changes.push(made);
            }
        }
        if let Some(key) = key {
            let answered = Answered { payload, answer: given.clone(), at: now };
            changes.push(Change::Answered { key: key.to_owned(), answered }.into());
        }
        let to: Vec<&String> = mails.iter().flat_map(|mail| &mail.to).collect();
        let subjects: Vec<&String> = mails.iter().map(|mail| &mail.subject).collect();
        let facts = json!({ "ids": ids, "to": to, "subjects": subjects, "key": key });
        memory.happen(ISSUER, "send_email", facts, changes)?;
        Ok(Json(given).into_response())
    });
    svix::send(state, told);
    response
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=256).contains(&key.len()));
    let text = "The key must be between 1-256 chars.";
    key.map(Some).ok_or_else(|| Refused::new(400, "invalid_idempotency_key", text))
}

fn new_id() -> String {
    use std::fmt::Write as _;
    let bytes = rand::random::<[u8; 16]>();
    let text = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    uuid(&text)
}

fn show(mail: &Mail) -> Value {
    json!({
        "object": "email",
        "id": mail.id,
        "message_id": format!("<{}@sandbox.resend.example>", mail.id),
        "to": mail.to,
        "from": mail.from,
        "created_at": clock::print(mail.at).replace('T', " ").replace('Z', "+00"),
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "bcc": mail.bcc,
        "cc": mail.cc,
        "reply_to": mail.reply_to,
        "last_event": mail.last_event,
        "scheduled_at": mail.scheduled_at,
        "tags": mail.tags.iter().map(|(name, value)| json!({ "name": name, "value": value }))
            .collect::<Vec<_>>(),
    })
}

fn known<'a>(memory: &'a Memory, id: &str) -> Result<&'a Mail, Refused> {
    let mail = memory.world.resend.get(id);
    mail.ok_or_else(|| Refused::new(404, "not_found", "Email not found"))
}

/// `GET /emails/{id}`.
pub(crate) async fn one(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, Need::Full, |memory| {
        Ok(Json(show(known(memory, &id)?)).into_response())
    })
}

/// `GET /emails`: the newest twenty.
pub(crate) async fn list(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, Need::Full, |memory| {
        let mails = &memory.world.resend.mails;
        let data: Vec<Value> = mails.iter().rev().take(20).map(show).collect();
        let more = mails.len() > data.len();
        Ok(Json(json!({ "object": "list", "has_more": more, "data": data })).into_response())
    })
}

/// `POST /emails/{id}/cancel`: only what is scheduled can be.
pub(crate) async fn cancel(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, Need::Full, |memory| {
        if known(memory, &id)?.last_event != "scheduled" {
            return Err(Refused::invalid("Only scheduled emails can be canceled."));
        }
        let change = Change::Became { id: id.clone(), event: "canceled".to_owned() };
        memory.happen(ISSUER, "cancel_email", json!({ "id": id }), vec![change.into()])?;
        Ok(Json(json!({ "object": "email", "id": id })).into_response())
    })
}
