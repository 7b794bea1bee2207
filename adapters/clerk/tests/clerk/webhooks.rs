//! Clerk's webhooks: which are believed, and whom they are about.

use herald_application::ports::{
    DirectoryEvent, WebhookHeaders, WebhookRefused, WebhookSource as _,
};
use herald_clerk::{Unreadable, Webhooks, read_event};
use herald_kernel::Instant;
use herald_svix::sign;
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const AT: i64 = 1_716_883_200;

fn now() -> Instant {
    Instant::from_micros(AT * 1_000_000).expect("a date")
}

fn event(kind: &str, data: &Value) -> Vec<u8> {
    json!({ "object": "event", "type": kind, "instance_id": "ins_1", "timestamp": AT, "data": data })
        .to_string()
        .into_bytes()
}

fn headers(prefix: &str, signature: &str) -> WebhookHeaders {
    WebhookHeaders::new([
        (format!("{prefix}-Id"), "msg_1".to_owned()),
        (format!("{prefix}-Timestamp"), AT.to_string()),
        (format!("{prefix}-Signature"), signature.to_owned()),
    ])
}

#[test]
fn a_signed_event_is_kept_under_its_person_and_its_message() {
    let webhooks = Webhooks::new(vec![SECRET.into()]);
    let body = event(
        "user.created",
        &json!({ "object": "user", "id": "user_1",
        "email_addresses": [], "primary_email_address_id": "idn_1" }),
    );
    let signature = sign(&SECRET.into(), "msg_1", AT, &body).expect("a secret");
    for prefix in ["svix", "webhook"] {
        let hint = webhooks.verify(&headers(prefix, &signature), &body, now()).expect("believed");
        assert_eq!((hint.event_id.as_str(), hint.key.as_str()), ("msg_1", "user_1"));
        assert_eq!(hint.kind, "user.created");
        assert_eq!(hint.occurred_at, Some(now()));
    }
}

#[test]
fn what_is_not_signed_by_us_both_is_refused() {
    let body = event("user.created", &json!({ "id": "user_1" }));
    let signature = sign(&SECRET.into(), "msg_1", AT, &body).expect("a secret");
    let good = headers("svix", &signature);
    let webhooks = Webhooks::new(vec![SECRET.into()]);
    let refused =
        |headers: &WebhookHeaders, body: &[u8], now| webhooks.verify(headers, body, now).err();
    assert_eq!(refused(&good, b"{}", now()), Some(WebhookRefused::Forged));
    assert_eq!(refused(&WebhookHeaders::default(), &body, now()), Some(WebhookRefused::Unsigned));
    let later = Instant::from_micros((AT + 301) * 1_000_000).expect("a date");
    assert_eq!(refused(&good, &body, later), Some(WebhookRefused::Stale));
    let nobody = Webhooks::new(vec![]).verify(&good, &body, now()).err();
    assert_eq!(nobody, Some(WebhookRefused::NotConfigured));
    let signature = sign(&SECRET.into(), "msg_1", AT, b"[]").expect("a secret");
    let told = refused(&headers("svix", &signature), b"[]", now());
    assert_eq!(told, Some(WebhookRefused::Malformed));
}

#[test]
fn an_event_names_whom_to_read_again() {
    let read = |kind: &str, data: Value| read_event(&event(kind, &data));
    let subject = || "user_1".to_owned();
    let session = || "sess_1".to_owned();
    let user = json!({ "object": "user", "id": "user_1", "email_addresses": [] });
    for kind in ["user.created", "user.updated"] {
        let changed = DirectoryEvent::UserChanged { subject: subject() };
        assert_eq!(read(kind, user.clone()), Ok(changed));
    }
    // All that a deletion says, as Clerk's example shows it.
    let gone = json!({ "object": "user", "id": "user_1", "deleted": true, "external_id": "ex_1" });
    let deleted = DirectoryEvent::UserDeleted { subject: subject() };
    assert_eq!(read("user.deleted", gone), Ok(deleted));
    let data = json!({ "object": "session", "id": "sess_1", "user_id": "user_1" });
    let started = DirectoryEvent::SessionStarted { subject: subject(), session: session() };
    assert_eq!(read("session.created", data.clone()), Ok(started));
    for kind in ["session.ended", "session.removed", "session.revoked"] {
        let ended = DirectoryEvent::SessionEnded { subject: subject(), session: session() };
        assert_eq!(read(kind, data.clone()), Ok(ended));
    }
    let other = DirectoryEvent::Ignored { kind: "organization.created".to_owned() };
    assert_eq!(read("organization.created", json!({ "id": "org_1" })), Ok(other));
    assert_eq!(read("user.created", json!({})), Err(Unreadable));
    assert_eq!(read("session.created", json!({ "id": "sess_1" })), Err(Unreadable));
    assert_eq!(read_event(b"not JSON"), Err(Unreadable));
}
