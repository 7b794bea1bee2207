//! What Resend tells of a mail by webhook, and the addresses that ask for a certain fate.

use serde_json::{Value, json};

use super::world::{Change, Mail};
use super::{ISSUER, body};
use crate::clock;
use crate::state::Memory;
use crate::svix;
use crate::world;

/// The events that can be told of a sent mail.
pub(crate) const KINDS: [&str; 9] = [
    "email.sent",
    "email.delivered",
    "email.delivery_delayed",
    "email.bounced",
    "email.complained",
    "email.opened",
    "email.clicked",
    "email.failed",
    "email.suppressed",
];

/// What happens to a mail by itself: sent, then what its first address asks for, as Resend's own
/// test addresses do. A scheduled mail only waits.
pub(crate) fn first(
    memory: &Memory,
    mail: &Mail,
    changes: &mut Vec<world::Change>,
) -> Vec<(String, world::Change)> {
    if mail.scheduled_at.is_some() {
        return vec![message(memory, mail, "email.scheduled")];
    }
    let address = mail.to.first().map_or("", |to| body::bare(to));
    let local = address.split(['@', '+']).next().unwrap_or_default();
    let fate: &[&str] = match (local, address.ends_with("@resend.dev")) {
        ("bounced", true) => &["email.sent", "email.bounced"],
        ("complained", true) => &["email.sent", "email.delivered", "email.complained"],
        ("suppressed", true) => &["email.suppressed"],
        _ => &["email.sent", "email.delivered"],
    };
    if let Some(last) = fate.last() {
        changes.push(became(&mail.id, last));
    }
    fate.iter().map(|kind| message(memory, mail, kind)).collect()
}

/// The change that a told event makes.
pub(crate) fn became(id: &str, kind: &str) -> world::Change {
    let event = kind.trim_start_matches("email.").to_owned();
    Change::Became { id: id.to_owned(), event }.into()
}

/// The message about one event of a mail.
pub(crate) fn message(memory: &Memory, mail: &Mail, kind: &str) -> (String, world::Change) {
    let mut data = json!({
        "email_id": mail.id,
        "created_at": clock::print(mail.at),
        "from": mail.from,
        "to": mail.to,
        "subject": mail.subject,
        "tags": mail.tags,
    });
    let header = |(name, value): (&String, &String)| json!({ "name": name, "value": value });
    let headers: Vec<Value> = mail.headers.iter().map(header).collect();
    if let Some(members) = data.as_object_mut() {
        if !headers.is_empty() {
            members.insert("headers".to_owned(), json!(headers));
        }
        if let Some((name, detail)) = detail(kind, mail) {
            members.insert(name.to_owned(), detail);
        }
    }
    let body = json!({ "type": kind, "created_at": clock::print(memory.now()), "data": data });
    svix::message(memory, ISSUER, kind, &body)
}

fn detail(kind: &str, mail: &Mail) -> Option<(&'static str, Value)> {
    match kind {
        "email.bounced" => Some((
            "bounce",
            json!({
                "type": "Permanent",
                "subType": "General",
                "message": "The recipient's email provider sent a hard bounce message.",
            }),
        )),
        "email.failed" => Some(("failed", json!({ "reason": "reached_daily_quota" }))),
        "email.suppressed" => Some((
            "suppressed",
            json!({ "type": "OnAccountSuppressionList", "message": "The address is suppressed." }),
        )),
        "email.clicked" => Some((
            "click",
            json!({
                "ipAddress": "127.0.0.1",
                "link": "https://herald.example",
                "timestamp": clock::print(mail.at),
                "userAgent": "herald-sandbox",
            }),
        )),
        _ => None,
    }
}
