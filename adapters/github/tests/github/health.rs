//! GitHub's health is asked without anybody's token.

use crate::fake::{Stage, Then};
use herald_application::ports::{HealthCheck as _, HealthStatus};

#[tokio::test]
async fn github_is_well_when_it_asks_for_a_token_and_down_when_it_does_not_answer() {
    let stage = Stage::new([Then::Say(401, vec![], "{}".to_owned())]).await;
    assert_eq!(stage.it.check().await.status, HealthStatus::Healthy);
    assert_eq!(stage.asked()[0].header("authorization"), "");
    let stage = Stage::new([Then::Say(503, vec![], String::new())]).await;
    assert_eq!(stage.it.check().await.status, HealthStatus::Down);
    assert_eq!(stage.asked().len(), 1, "a health check is quick: it does not insist");
}
