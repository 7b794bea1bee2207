//! Clerk's health: does it answer, and does it take our key?

use crate::fake::{Stage, Then, say};
use herald_application::ports::{HealthCheck as _, HealthStatus};
use serde_json::json;

#[tokio::test]
async fn clerk_is_well_when_it_takes_the_key() {
    let stage = Stage::new([say(200, &json!({ "object": "total_count", "total_count": 7 }))]).await;
    assert_eq!(stage.it.check().await.status, HealthStatus::Healthy);
    assert_eq!(stage.lines(), ["GET /users/count"]);
    for (status, health) in [(401, HealthStatus::Degraded), (503, HealthStatus::Down)] {
        let stage = Stage::new([say(status, &json!({}))]).await;
        let told = stage.it.check().await;
        assert_eq!(told.status, health);
        assert!(!told.detail.contains("CANARY"));
    }
    let silent = Stage::new([Then::Hang]).await.it.check().await;
    assert_eq!(silent.status, HealthStatus::Down);
}
