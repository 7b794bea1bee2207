//! Cognito's health: does it answer, take our credentials, and declare what we write?

use crate::{
    asked::operation,
    fake::{Stage, say},
};
use herald_application::ports::{HealthCheck as _, HealthStatus};
use serde_json::json;

#[tokio::test]
async fn a_pool_is_well_when_it_declares_what_we_write() {
    let declared = json!({ "UserPool": { "Id": "eu-central-1_Pool", "SchemaAttributes": [
        { "Name": "email" }, { "Name": "custom:stripe_customer_id" } ] } });
    let stage = Stage::new([say(200, &declared)]).await;
    assert_eq!(stage.it.check().await.status, HealthStatus::Healthy);
    assert_eq!(operation(&stage.asked()[0]), "DescribeUserPool");

    let plan = |settings: &mut herald_cognito::Settings| {
        settings.attributes.plan = Some("custom:plan".to_owned());
    };
    let told = Stage::with([say(200, &declared)], plan).await.it.check().await;
    assert_eq!(told.status, HealthStatus::Degraded);
    assert!(told.detail.contains("custom:plan"));
    let down = Stage::new([say(503, &json!({}))]).await.it.check().await;
    assert_eq!(down.status, HealthStatus::Down);
}

#[tokio::test]
async fn without_aws_credentials_only_the_published_keys_are_asked_for() {
    let stage = Stage::with([say(200, &json!({ "keys": [] }))], |s| s.credentials = None).await;
    assert_eq!(stage.it.check().await.status, HealthStatus::Healthy);
    assert_eq!(stage.lines(), ["GET /eu-central-1_Pool/.well-known/jwks.json"]);
}
