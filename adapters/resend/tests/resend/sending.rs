//! What goes over the wire, and what is made of the answers.

use crate::fake::{Stage, refusal};
use herald_account::Email;
use herald_application::ports::{HealthCheck as _, HealthStatus, Mail, MailFailure, Messages as _};
use herald_scripted_provider::{Then, say};
use serde_json::{Value, json};

fn mail() -> Mail {
    Mail {
        key: "notice:0190-1/7:receipt:mem_1".to_owned(),
        to: Email::try_from("ada@example.org").expect("an address"),
        subject: "We received your payment".to_owned(),
        text: "Thank you.".to_owned(),
        html: "<p>Thank you.</p>".to_owned(),
        tags: vec![("notice", "receipt".to_owned())],
    }
}

async fn sent(then: impl IntoIterator<Item = Then>) -> (Result<String, MailFailure>, Stage) {
    let stage = Stage::new(then).await;
    (stage.it.send(&mail()).await, stage)
}

#[tokio::test]
async fn a_mail_goes_out_as_published_with_its_key_and_our_name() {
    let (answer, stage) = sent([say(200, &json!({ "id": "49a3999c" }))]).await;
    assert_eq!(answer, Ok("49a3999c".to_owned()));
    let asked = stage.asked();
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(asked.header("idempotency-key"), mail().key);
    assert_eq!(asked.header("authorization"), "Bearer re_CANARY");
    assert!(asked.header("user-agent").starts_with("herald/"));
    let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
    let schema = serde_json::from_str(include_str!("send_email.schema.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    assert!(schema.is_valid(&body), "{body}");
    assert_eq!(body["to"], json!(["ada@example.org"]));
}

#[tokio::test]
async fn a_fault_is_tried_again_under_the_same_key() {
    let fault = refusal(500, "application_error");
    let (answer, stage) = sent([fault, say(200, &json!({ "id": "1" }))]).await;
    assert_eq!(answer, Ok("1".to_owned()));
    let keys: Vec<_> =
        stage.asked().iter().map(|it| it.header("idempotency-key").to_owned()).collect();
    assert_eq!(keys, [mail().key, mail().key]);
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_not_asked_again_before_the_next_day() {
    for name in ["daily_quota_exceeded", "monthly_quota_exceeded"] {
        let (answer, stage) = sent([refusal(429, name)]).await;
        let Err(MailFailure::Quota { until }) = answer else { panic!("{answer:?}") };
        assert_eq!(until.micros() % 86_400_000_000, 0, "a day of UTC begins");
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_key_that_was_used_with_other_words_means_that_the_mail_is_sent() {
    let (answer, _) = sent([refusal(409, "invalid_idempotent_request")]).await;
    assert_eq!(answer, Err(MailFailure::TakenBefore));
}

#[tokio::test]
async fn what_may_pass_is_retried_and_what_will_not_is_refused() {
    for (status, name) in [
        (401, "missing_api_key"),
        (403, "invalid_api_key"),
        (401, "restricted_api_key"),
        (409, "concurrent_idempotent_requests"),
    ] {
        let (answer, _) = sent([refusal(status, name)]).await;
        assert_eq!(answer, Err(MailFailure::Retry(name.to_owned())));
    }
    let refused = Err(MailFailure::Refused { code: "validation_error".to_owned() });
    for status in [403, 422] {
        let (answer, _) = sent([refusal(status, "validation_error")]).await;
        assert_eq!(answer, refused, "no address of Resend's message is repeated");
    }
    let (answer, _) = sent([say(200, &json!({ "object": "?" }))]).await;
    assert!(matches!(answer, Err(MailFailure::Retry(_))), "{answer:?}");
}

#[tokio::test]
async fn a_key_for_sending_only_is_healthy_and_a_wrong_one_is_not() {
    for (then, standing) in [
        (say(200, &json!({ "object": "list", "data": [] })), HealthStatus::Healthy),
        (refusal(401, "restricted_api_key"), HealthStatus::Healthy),
        (refusal(403, "invalid_api_key"), HealthStatus::Degraded),
        (refusal(500, "application_error"), HealthStatus::Down),
    ] {
        let stage = Stage::new([then]).await;
        assert_eq!(stage.it.check().await.status, standing);
    }
}
