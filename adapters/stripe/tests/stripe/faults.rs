//! Refusals, silences and nonsense.

use crate::fake::{Stage, Then, account, key, named, ok, say};
use herald_application::ports::payments::{
    CardAdvice, Checkouts as _, CustomerDetails, Customers, Invoices, KeyConflict, PaymentFailure,
    PaymentRequest, Purchases, Reached, Subscriptions,
};
use herald_kernel::Money;
use serde_json::{Value, json};

fn no(status: u16, error: &Value) -> Then {
    say(status, &json!({ "error": error }))
}

async fn paying(stage: &Stage) -> PaymentFailure {
    let amount = Money { minor: 900, currency: "USD".parse().expect("a currency") };
    let request = PaymentRequest {
        account: account(),
        customer: named("cus_1"),
        amount,
        description: "calls".to_owned(),
        method: None,
    };
    stage.stripe.pay(&key(), &request).await.expect_err("a failure")
}

#[tokio::test]
async fn a_declined_card_says_what_the_payer_can_do_and_is_not_tried_again() {
    for (decline, expected) in [
        (Some("insufficient_funds"), CardAdvice::AddFunds),
        (Some("authentication_required"), CardAdvice::Confirm),
        (Some("generic_decline"), CardAdvice::AskBank),
        (None, CardAdvice::AskBank),
    ] {
        let error = json!({ "type": "card_error", "code": "card_declined",
            "decline_code": decline, "message": "Your card was declined." });
        let stage = Stage::new([no(402, &error)]).await;
        let failure = paying(&stage).await;
        let PaymentFailure::Card { code, decline_code, advice } = &failure else {
            std::panic::panic_any(format!("{failure:?}"))
        };
        assert_eq!((code.as_str(), decline_code.as_deref()), ("card_declined", decline));
        assert_eq!(*advice, expected);
        assert!(!failure.retryable());
    }
}

#[tokio::test]
async fn trouble_is_tried_again_with_the_same_key_and_the_same_parameters() {
    let trouble = json!({ "type": "api_error", "message": "sorry" });
    let stage = Stage::new([no(500, &trouble), ok(&json!({ "id": "cus_1" }))]).await;
    let made =
        Customers::create(&stage.stripe, &key(), account(), &CustomerDetails::default()).await;
    assert_eq!(made, Ok(named("cus_1")));
    let asked = stage.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].header("idempotency-key"), asked[1].header("idempotency-key"));
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(stage.world.passed().as_secs(), 1);
}

#[tokio::test]
async fn stripes_word_that_repeating_is_pointless_is_kept() {
    let told = Then::Say(500, vec![("stripe-should-retry", "false")], "{}".to_owned());
    let stage = Stage::new([told]).await;
    assert!(paying(&stage).await.retryable(), "a later job may still ask");
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test]
async fn a_silence_leaves_open_what_was_done_and_a_closed_door_does_not() {
    let stage = Stage::with([Then::Hang], |settings| settings.tries = 1).await;
    let failure = paying(&stage).await;
    assert!(matches!(failure, PaymentFailure::Unreachable { reached: Reached::Perhaps, .. }));
    assert!(failure.retryable());

    let stage = Stage::with([], |settings| {
        settings.api = "http://127.0.0.1:1/".parse().expect("a URL");
        settings.tries = 1;
    })
    .await;
    let failure = paying(&stage).await;
    assert!(matches!(failure, PaymentFailure::Unreachable { reached: Reached::No, .. }));
}

#[tokio::test]
async fn a_limit_is_waited_for_and_named_when_patience_ends() {
    let limited = || {
        let error = json!({ "error": { "type": "invalid_request_error", "code": "rate_limit" } });
        let reason = vec![("stripe-rate-limited-reason", "endpoint-rate")];
        Then::Say(429, reason, error.to_string())
    };
    let stage = Stage::new([limited(), limited(), limited()]).await;
    let failure = paying(&stage).await;
    let PaymentFailure::RateLimited { reason, .. } = &failure else {
        std::panic::panic_any(format!("{failure:?}"))
    };
    assert_eq!(reason, "endpoint-rate");
    assert!(failure.retryable());
    assert_eq!(stage.asked().len(), 3);

    let held = || no(429, &json!({ "type": "invalid_request_error", "code": "lock_timeout" }));
    let stage = Stage::new([held(), held(), held()]).await;
    let failure = paying(&stage).await;
    assert!(
        matches!(failure, PaymentFailure::RateLimited { reason, .. } if reason == "lock_timeout")
    );
}

#[tokio::test]
async fn a_key_in_use_passes_and_a_key_for_something_else_does_not() {
    let in_use = json!({ "type": "idempotency_error", "code": "idempotency_key_in_use" });
    let failure = paying(&Stage::new([no(409, &in_use)]).await).await;
    assert_eq!(failure, PaymentFailure::IdempotencyConflict(KeyConflict::InFlight));
    assert!(failure.retryable());

    let other = json!({ "type": "idempotency_error", "message": "other parameters" });
    let failure = paying(&Stage::new([no(400, &other)]).await).await;
    assert_eq!(failure, PaymentFailure::IdempotencyConflict(KeyConflict::OtherParameters));
    assert!(!failure.retryable());
}

#[tokio::test]
async fn a_refusal_names_the_parameter_and_hides_what_looks_secret() {
    let error = json!({ "type": "invalid_request_error", "code": "parameter_invalid_integer",
        "param": "amount", "message": "bad amount for sk_test_CANARY0123456789abcdefghij" });
    let failure = paying(&Stage::new([no(400, &error)]).await).await;
    let shown = format!("{failure} {failure:?}");
    assert!(shown.contains("parameter_invalid_integer") && shown.contains("\"amount\""), "{shown}");
    assert!(!shown.contains("CANARY"), "{shown}");

    let bad_key =
        json!({ "message": "Invalid API Key provided: sk_test_CANARY0123456789abcdefghij" });
    let failure = paying(&Stage::new([no(401, &bad_key)]).await).await;
    assert_eq!(failure.code(), "PAYMENTS_AUTHENTICATION");
    assert!(!format!("{failure} {failure:?}").contains("CANARY"));
}

#[tokio::test]
async fn nonsense_with_a_good_status_is_an_outcome_that_nobody_knows() {
    let junk =
        ["", "null", "[]", "<html>", r#"{"id":7}"#, r#"{"id":""}"#, r#"{"id":"a","id":"b"}"#];
    for body in junk {
        let stage = Stage::new([Then::Say(200, vec![], body.to_owned())]).await;
        let failure =
            Customers::create(&stage.stripe, &key(), account(), &CustomerDetails::default()).await;
        let failure = failure.expect_err(body);
        assert!(matches!(failure, PaymentFailure::Unreachable { reached: Reached::Perhaps, .. }));
        assert!(failure.retryable(), "the same key brings the same answer, or a better one");
    }
}

#[tokio::test]
async fn a_status_of_tomorrow_stops_the_snapshot_instead_of_guessing() {
    let odd = crate::shapes::new_subscription("sub_1", "resting");
    let stage = Stage::new([crate::fake::list(&[odd])]).await;
    let failure = stage.stripe.snapshot(&named("cus_1")).await.expect_err("a failure");
    assert_eq!(failure.code(), "PAYMENTS_UNREACHABLE");
}

#[tokio::test]
async fn without_a_key_nothing_is_asked() {
    let stage = Stage::with([], |settings| settings.secret_key = "".into()).await;
    assert_eq!(paying(&stage).await, PaymentFailure::NotConfigured);
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn a_page_that_is_opened_does_not_wait_behind_jobs() {
    let bill = || ok(&crate::shapes::new_invoice("in_1", "open"));
    let portal = ok(&json!({ "url": "https://billing.stripe.com/p/1" }));
    // Three of four calls a minute are for jobs.
    let then = [bill(), bill(), bill(), portal];
    let stage = Stage::with(then, |settings| settings.requests_per_minute = 4).await;
    for _ in 0..3 {
        stage.stripe.finalize(&key(), &named("in_1")).await.expect("final");
    }
    let visit = herald_application::ports::payments::PortalVisit {
        customer: named("cus_1"),
        return_to: "https://app.example/".parse().expect("a URL"),
    };
    stage.stripe.open_portal(&key(), &visit).await.expect("open");
    assert_eq!(stage.world.passed().as_secs(), 0, "nobody waited");
}
