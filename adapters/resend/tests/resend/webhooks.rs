//! Resend's webhooks: which are believed, and which mail they are about.

use herald_application::{
    ports::{WebhookHeaders, WebhookRefused, WebhookSource as _},
    webhook_signature::sign,
};
use herald_kernel::Instant;
use herald_resend::Webhooks;
use serde_json::json;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const AT: i64 = 1_731_705_121;

fn now() -> Instant {
    Instant::from_micros(AT * 1_000_000).expect("a date")
}

fn bounced() -> Vec<u8> {
    let data = json!({ "email_id": "56761188", "to": ["ada@example.org"], "subject": "Hello",
        "bounce": { "type": "Permanent", "subType": "Suppressed", "message": "gone" } });
    let event =
        json!({ "type": "email.bounced", "created_at": "2024-11-15T21:12:01.000Z", "data": data });
    event.to_string().into_bytes()
}

fn headers(signature: &str) -> WebhookHeaders {
    WebhookHeaders::new([
        ("svix-id".to_owned(), "msg_1".to_owned()),
        ("svix-timestamp".to_owned(), AT.to_string()),
        ("svix-signature".to_owned(), signature.to_owned()),
    ])
}

#[test]
fn a_signed_event_is_kept_under_its_mail_and_names_nobody() {
    let body = bounced();
    let signature = sign(&SECRET.into(), "msg_1", AT, &body).expect("a secret");
    let hint = Webhooks::new(vec![SECRET.into()]).verify(&headers(&signature), &body, now());
    let hint = hint.expect("believed");
    assert_eq!((hint.event_id.as_str(), hint.key.as_str()), ("msg_1", "56761188"));
    assert_eq!((hint.kind.as_str(), hint.occurred_at), ("email.bounced", Some(now())));
    assert!(!format!("{hint:?}").contains("ada"));
}

#[test]
fn what_is_not_signed_with_our_secret_is_refused() {
    let body = bounced();
    let signature = sign(&SECRET.into(), "msg_1", AT, &body).expect("a secret");
    let refused = |secrets: Vec<secrecy::SecretString>, body: &[u8]| {
        Webhooks::new(secrets).verify(&headers(&signature), body, now()).err()
    };
    assert_eq!(refused(vec![SECRET.into()], b"{}"), Some(WebhookRefused::Forged));
    assert_eq!(refused(Vec::new(), &body), Some(WebhookRefused::NotConfigured));
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(refused(vec![other.into()], &body), Some(WebhookRefused::Forged));
}
