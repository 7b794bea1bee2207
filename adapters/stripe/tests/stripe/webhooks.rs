//! What counts as Stripe's word, and what it is about.

use herald_application::ports::{WebhookHeaders, WebhookRefused, WebhookSource as _};
use herald_kernel::Instant;
use herald_stripe::{Webhooks, read_hint, verify};
use hmac::{Hmac, Mac as _};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;
use sha2::Sha256;

const NOW: i64 = 1_795_000_000;
const BODY: &[u8] = br#"{"id":"evt_1","type":"invoice.paid","created":1795000000,"data":{"object":{"id":"in_1","customer":"cus_1"}}}"#;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(seconds * 1_000_000).expect("a date")
}

fn secrets() -> Vec<SecretString> {
    vec!["whsec_old".into(), "whsec_new".into()]
}

fn sign(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("{:x}", mac.finalize().into_bytes())
}

fn check(header: &str) -> Result<(), WebhookRefused> {
    verify(&secrets(), header, BODY, at(NOW))
}

#[test]
fn a_signature_of_either_secret_passes_wherever_it_stands() {
    let time = NOW.to_string();
    let (old, new) = (sign("whsec_old", &time, BODY), sign("whsec_new", &time, BODY));
    let zeros = "0".repeat(64);
    for header in [
        format!("t={time},v1={old}"),
        format!("t={time},v1={new}"),
        format!("v1={new},t={time}"),
        format!("t={time},v1={zeros},v1={new}"),
        format!("t={time},v0={zeros},v1={old},v2=x"),
        format!("t={time}, v1={old}"),
        format!("t={time},v1=short,v1={old}"),
    ] {
        assert_eq!(check(&header), Ok(()), "{header}");
    }
}

#[test]
fn five_minutes_either_way_pass_and_a_second_more_does_not() {
    for (offset, expected) in [
        (-301, Err(WebhookRefused::Stale)),
        (-300, Ok(())),
        (300, Ok(())),
        (301, Err(WebhookRefused::Stale)),
    ] {
        let time = (NOW + offset).to_string();
        let header = format!("t={time},v1={}", sign("whsec_new", &time, BODY));
        assert_eq!(check(&header), expected, "{offset}");
    }
}

#[test]
fn without_a_secret_nothing_passes() {
    let time = NOW.to_string();
    let header = format!("t={time},v1={}", sign("", &time, BODY));
    for none in [vec![], vec!["".into()]] {
        assert_eq!(verify(&none, &header, BODY, at(NOW)), Err(WebhookRefused::NotConfigured));
    }
}

/// 300 and more ways to be somebody else.
#[test]
fn no_forgery_passes() {
    let time = NOW.to_string();
    let good = sign("whsec_new", &time, BODY);
    let mut forged: Vec<String> = Vec::new();
    // Every digit of the signature, changed: 64 and as many again in capitals or cut.
    for place in 0..good.len() {
        let mut digits: Vec<char> = good.chars().collect();
        digits[place] = if digits[place] == '0' { '1' } else { '0' };
        forged.push(format!("t={time},v1={}", digits.into_iter().collect::<String>()));
        forged.push(format!("t={time},v1={}", good.get(..place).expect("digits")));
        forged.push(format!("t={time},v1={}{}", good, good.get(..=place).expect("digits")));
    }
    // The right signature for another time, scheme or place.
    for other in 1..=60 {
        forged.push(format!("t={},v1={good}", NOW + other));
        forged.push(format!("t={time},v{}={good}", other + 1));
    }
    // Other keys, other bodies, half a header.
    for wrong in ["", "whsec_", "whsec_newer", "new", "WHSEC_NEW", "whsec_new "] {
        forged.push(format!("t={time},v1={}", sign(wrong, &time, BODY)));
    }
    forged.push(format!("t={time},v1={}", sign("whsec_new", &time, b"{}")));
    forged.push(format!("t={time},v1={}", sign("whsec_new", "", BODY)));
    for odd in ["", ",", "=", "t", "t=", "v1", "t=,v1=", "t=1", "null", "t=1;v1=2", "\u{0}"] {
        forged.push(odd.to_owned());
        forged.push(format!("{odd},v1={good}"));
    }
    forged.push(format!("t={time},t={time},v1={good}"));
    forged.push(format!("t=+{time},v1={}", sign("whsec_new", &format!("+{time}"), BODY)));
    forged.push(format!("t=-{time},v1={}", sign("whsec_new", &format!("-{time}"), BODY)));
    forged.push(format!("t=99999999999999999999,v1={good}"));
    forged.push(format!("t={time},v0={good}"));
    forged.push(format!("T={time},V1={good}"));
    forged.push(format!("t={time},v1={}", good.to_uppercase()));
    assert!(forged.len() >= 300, "{}", forged.len());
    for header in &forged {
        assert!(check(header).is_err(), "{header}");
    }
}

#[test]
fn a_whole_call_gives_its_hint_and_two_headers_give_none() {
    let source = Webhooks::new(secrets());
    let time = NOW.to_string();
    let header = format!("t={time},v1={}", sign("whsec_new", &time, BODY));
    let one = ("Stripe-Signature".to_owned(), header);
    let headers = WebhookHeaders::new([one.clone()]);
    let hint = source.verify(&headers, BODY, at(NOW)).expect("genuine");
    assert_eq!((hint.event_id.as_str(), hint.kind.as_str()), ("evt_1", "invoice.paid"));
    assert_eq!((hint.key.as_str(), hint.object.as_deref()), ("cus_1", Some("in_1")));
    assert_eq!(hint.occurred_at, Some(at(NOW)));
    let twice = WebhookHeaders::new([one.clone(), one]);
    assert_eq!(source.verify(&twice, BODY, at(NOW)), Err(WebhookRefused::Unsigned));
}

#[test]
fn a_hint_is_about_the_customer_in_every_shape_of_event() {
    let object = |object: serde_json::Value| {
        let event = json!({ "id": "evt_1", "type": "a.kind.of.tomorrow", "created": NOW,
            "api_version": "2023-10-16", "data": { "object": object } });
        read_hint(event.to_string().as_bytes()).expect("a hint")
    };
    assert_eq!(object(json!({ "id": "cus_1", "object": "customer" })).key, "cus_1");
    assert_eq!(object(json!({ "id": "sub_1", "customer": "cus_1" })).key, "cus_1");
    assert_eq!(object(json!({ "id": "sub_1", "customer": { "id": "cus_1" } })).key, "cus_1");
    assert_eq!(object(json!({ "id": "pm_1", "customer": null })).key, "pm_1");
    assert_eq!(object(json!(null)).key, "evt_1");

    let thin = json!({ "id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.error",
        "created": "2026-11-18T12:26:40.000Z",
        "related_object": { "id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/1" } });
    let hint = read_hint(thin.to_string().as_bytes()).expect("a hint");
    assert_eq!((hint.key.as_str(), hint.object.as_deref()), ("mtr_1", Some("mtr_1")));
    assert!(hint.occurred_at.is_some());
}

#[test]
fn a_body_that_names_nothing_is_malformed() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"id":1}"#,
        r#"{"id":"","type":"a"}"#,
        r#"{"id":"a b","type":"a"}"#,
    ] {
        assert_eq!(read_hint(body.as_bytes()), Err(WebhookRefused::Malformed), "{body}");
    }
}

proptest! {
    #[test]
    fn no_header_and_no_body_makes_it_panic(header in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&secrets(), &header, &body, at(NOW)).is_err());
        drop(read_hint(&body));
    }

    #[test]
    fn no_nearly_right_header_passes(
        parts in prop::collection::vec(prop_oneof![
            Just(format!("t={NOW}")),
            "t=[0-9+-]{0,24}".prop_map(String::from),
            "v1=[0-9a-fA-F]{0,70}".prop_map(String::from),
            "v[0-9]=[0-9a-f]{64}".prop_map(String::from),
        ], 0..20)
    ) {
        prop_assert!(check(&parts.join(",")).is_err());
    }

    #[test]
    fn events_of_any_shape_are_read_or_refused(
        id in any::<Option<String>>(), kind in any::<Option<String>>(), created in any::<Option<i64>>(),
        customer in any::<Option<String>>(),
    ) {
        let event = json!({ "id": id, "type": kind, "created": created,
            "data": { "object": { "id": id, "customer": customer } } });
        if let Ok(hint) = read_hint(event.to_string().as_bytes()) {
            prop_assert!(!hint.key.is_empty());
            prop_assert_eq!(Some(hint.event_id), id);
        }
    }
}
