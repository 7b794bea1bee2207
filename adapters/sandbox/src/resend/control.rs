//! The control API of Resend: quotas used up, mails to read, and fates on demand.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use serde::Deserialize;
use serde_json::{Value, json};

use super::wire::Quota;
use super::{body, events};
use crate::control::Refused;
use crate::identity::form::Form;
use crate::state::{Memory, State};
use crate::svix;

fn show(memory: &Memory) -> Json<Value> {
    let mails = memory.world.resend.mails.len();
    Json(json!({ "quota": memory.resend_quota, "mails": mails }))
}

/// `GET /_control/resend`.
pub(crate) async fn describe(Shared(state): Shared<State>) -> Json<Value> {
    show(&state.memory())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    /// The quota that is used up from now on; null for none.
    quota: Option<Quota>,
}

/// `POST /_control/resend {"quota":"daily"}`: until `{"quota":null}`.
pub(crate) async fn change(
    Shared(state): Shared<State>,
    bytes: Bytes,
) -> Result<Json<Value>, Refused> {
    let Changed { quota } = serde_json::from_slice(&bytes)?;
    let mut memory = state.memory();
    memory.resend_quota = quota;
    Ok(show(&memory))
}

/// `GET /_control/resend/mails?to=…&subject=…`: what was sent, newest first.
pub(crate) async fn mails(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Json<Value> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let memory = state.memory();
    let wanted = |mail: &&super::world::Mail| {
        let to =
            |address: &str| mail.to.iter().any(|to| body::bare(to).eq_ignore_ascii_case(address));
        form.get("to").is_none_or(to)
            && form.get("subject").is_none_or(|text| mail.subject.contains(text))
    };
    let mails: Vec<Value> =
        memory.world.resend.mails.iter().rev().filter(wanted).map(|mail| json!(mail)).collect();
    Json(json!({ "count": mails.len(), "mails": mails }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    email_id: String,
    #[serde(rename = "type")]
    kind: String,
}

/// `POST /_control/resend/events {"email_id":"…","type":"email.bounced"}`: it happens, and is told.
pub(crate) async fn tell(
    Shared(state): Shared<State>,
    bytes: Bytes,
) -> Result<Json<Value>, Refused> {
    let Told { email_id, kind } = serde_json::from_slice(&bytes)?;
    if !events::KINDS.contains(&kind.as_str()) {
        return Err(Refused::Value("`type` is no event of a sent mail"));
    }
    let mut memory = state.memory();
    let mail = memory.world.resend.get(&email_id).cloned();
    let mail = mail.ok_or(Refused::Value("there is no such mail in the sandbox"))?;
    let (id, made) = events::message(&memory, &mail, &kind);
    let facts = json!({ "id": email_id, "type": kind });
    let changes = vec![events::became(&email_id, &kind), made];
    memory.happen("control", "tell_of_mail", facts, changes)?;
    drop(memory);
    svix::send(&state, vec![id.clone()]);
    Ok(Json(json!({ "message": id })))
}
