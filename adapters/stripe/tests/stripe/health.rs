//! Stripe's health.

use crate::fake::{Stage, Then, ok};
use herald_application::ports::{HealthCheck as _, HealthStatus};
use serde_json::json;

#[tokio::test]
async fn stripe_is_well_when_it_takes_our_key_and_lets_us_charge() {
    let account = |charges: bool| {
        ok(&json!({ "id": "acct_1", "charges_enabled": charges,
        "requirements": { "disabled_reason": "requirements.past_due" } }))
    };
    let stage = Stage::new([account(true)]).await;
    let health = stage.stripe.check().await;
    assert_eq!(health.status, HealthStatus::Healthy, "{}", health.detail);
    assert!(health.detail.contains("test key"), "the mode is said: {}", health.detail);
    assert_eq!(stage.lines(), ["GET /v1/account"]);

    let health = Stage::new([account(false)]).await.stripe.check().await;
    assert_eq!(health.status, HealthStatus::Degraded);
    assert!(health.detail.contains("requirements.past_due"));

    let mixed =
        Stage::with([account(true)], |it| it.publishable_key = Some("pk_live_1".to_owned()));
    assert_eq!(mixed.await.stripe.check().await.status, HealthStatus::Degraded);
    let deaf = Stage::with([account(true)], |it| it.webhook_secrets.clear()).await;
    assert_eq!(deaf.stripe.check().await.status, HealthStatus::Degraded);
}

#[tokio::test]
async fn stripe_is_down_when_it_does_not_answer_and_unwell_when_it_refuses_our_key() {
    let stage = Stage::new([Then::Say(503, vec![], String::new())]).await;
    assert_eq!(stage.stripe.check().await.status, HealthStatus::Down);
    assert_eq!(stage.asked().len(), 1, "a health check is quick: it does not insist");
    let stage = Stage::new([Then::Say(401, vec![], "{}".to_owned())]).await;
    assert_eq!(stage.stripe.check().await.status, HealthStatus::Degraded);
    let stage = Stage::with([], |settings| settings.secret_key = "".into()).await;
    assert_eq!(stage.stripe.check().await.status, HealthStatus::NotConfigured);
}
