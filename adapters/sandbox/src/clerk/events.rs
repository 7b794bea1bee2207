//! What Clerk tells by webhook.

use serde_json::{Value, json};

use super::{ISSUER, wire};
use crate::state::Memory;
use crate::svix;
use crate::world::Change;

/// A message to be written down together with what it tells of.
pub(crate) fn tell(memory: &Memory, kind: &str, data: &Value) -> (String, Change) {
    let body = json!({
        "data": data,
        "object": "event",
        "type": kind,
        "timestamp": memory.now(),
        "instance_id": "ins_herald_sandbox",
        "event_attributes": {
            "http_request": { "client_ip": "127.0.0.1", "user_agent": "herald-sandbox" },
        },
    });
    svix::message(memory, ISSUER, kind, &body)
}

/// The same about a user.
pub(crate) fn of_user(memory: &Memory, kind: &str, user: &super::world::User) -> (String, Change) {
    tell(memory, kind, &wire::user(user))
}
