//! Resend's webhooks: which are believed, and which mail they are about.

use herald_application::ports::{
    MailReturn, Returned, WebhookHeaders, WebhookRefused, WebhookSource as _,
};
use herald_kernel::Instant;
use herald_resend::{Webhooks, read_return};
use herald_svix::sign;
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

fn told(kind: &str, bounce: Option<&str>) -> Option<Returned> {
    let data = json!({ "email_id": "1", "to": ["ada@example.org"],
        "bounce": bounce.map(|kind| json!({ "type": kind })) });
    let told = read_return(json!({ "type": kind, "data": data }).to_string().as_bytes());
    told.map(|it| it.how)
}

#[test]
fn what_did_not_arrive_is_told_from_what_did() {
    let returned = MailReturn {
        how: Returned::Bounced { for_good: true },
        to: vec!["ada@example.org".into()],
    };
    assert_eq!(read_return(&bounced()), Some(returned));
    assert_eq!(told("email.complained", None), Some(Returned::Complained));
    assert_eq!(told("email.suppressed", Some("Permanent")), Some(Returned::Suppressed));
    assert_eq!(told("email.failed", None), Some(Returned::Failed));
    for kind in ["email.sent", "email.delivered", "email.opened", "contact.created", ""] {
        assert_eq!(told(kind, Some("Permanent")), None, "{kind}");
    }
    assert_eq!(read_return(b"not JSON"), None);
}

#[test]
fn only_a_permanent_bounce_is_one_for_good() {
    for bounce in [Some("Transient"), Some("Undetermined"), Some(""), None] {
        let told = told("email.bounced", bounce);
        assert_eq!(told, Some(Returned::Bounced { for_good: false }), "{bounce:?}");
    }
}
