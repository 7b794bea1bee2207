//! Is GitHub there? Asked without a token, so that it touches nobody's account.

use crate::GitHub;
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Failure, Request};
use std::time::Duration;

#[async_trait]
impl HealthCheck for GitHub {
    fn provider(&self) -> &'static str {
        "github"
    }

    async fn check(&self) -> Health {
        let started = self.api.environment().monotonic();
        let was_open = self.api.standing().breaker == BreakerState::Open;
        let ask = Request::get("health", ["user"])
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1);
        let (status, detail) = match self.api.send(&ask).await {
            // Without a token GitHub must say 401; that is all that can be known here.
            Err(error) if matches!(error.failure, Failure::Authentication(_)) => (
                HealthStatus::Healthy,
                "GitHub answers; credentials are proven when somebody signs in".to_owned(),
            ),
            Err(error) if error.failure.is_transient() => {
                (HealthStatus::Down, error.failure.to_string())
            }
            Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
            Ok(answer) => (HealthStatus::Degraded, format!("GitHub answered {}", answer.status)),
        };
        let status = if was_open { HealthStatus::Down } else { status };
        let took = self.api.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "github".to_owned(), status, detail, milliseconds }
    }
}
