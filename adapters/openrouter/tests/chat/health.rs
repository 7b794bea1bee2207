//! An endpoint's health says what a person should do.

use crate::fake::{Endpoint, Then, say};
use herald_application::ports::{HealthCheck as _, HealthStatus};
use serde_json::{Value, json};

fn models(expires: &Value) -> Then {
    say(200, &json!({ "data": [{ "id": "openai/gpt-4o", "expiration_date": expires }] }))
}

fn key(left: f64) -> Then {
    say(200, &json!({ "data": { "label": "sk-or-v1-abc", "limit_remaining": left } }))
}

#[tokio::test]
async fn openrouter_is_well_when_the_key_has_credit_and_the_model_a_future() {
    for (script, status, words) in [
        (vec![key(74.5), models(&Value::Null)], HealthStatus::Healthy, "answers"),
        (vec![key(0.2), models(&Value::Null)], HealthStatus::Degraded, "credits"),
        (vec![key(74.5), models(&json!("2020-01-01"))], HealthStatus::Degraded, "2020-01-01"),
        (vec![key(74.5), say(200, &json!({ "data": [] }))], HealthStatus::Degraded, "not offered"),
        (vec![say(401, &json!({}))], HealthStatus::Degraded, "credentials"),
        (vec![say(503, &json!({}))], HealthStatus::Down, "trouble"),
        (vec![Then::Hang], HealthStatus::Down, "time"),
    ] {
        let endpoint = Endpoint::openrouter(script.clone()).await;
        let health = endpoint.chat.check().await;
        assert_eq!(health.status, status, "{script:?}: {health:?}");
        assert!(health.detail.contains(words), "{health:?}");
    }
}

#[tokio::test]
async fn openai_names_its_models_and_their_last_day_in_its_own_way() {
    let listed = |shutdown: Value| {
        say(
            200,
            &json!({ "object": "list", "data": [
            { "id": "gpt-4o", "object": "model", "created": 1, "owned_by": "openai",
              "shutdown_date": shutdown }] }),
        )
    };
    let endpoint = Endpoint::openai([listed(Value::Null)]).await;
    assert_eq!(endpoint.chat.check().await.status, HealthStatus::Healthy);
    assert_eq!(endpoint.asked()[0].line(), "GET /models");
    let endpoint = Endpoint::openai([listed(json!("2020-01-01"))]).await;
    assert_eq!(endpoint.chat.check().await.status, HealthStatus::Degraded);
}
