//! Is Clerk there, and does it take our key? People are counted, which names nobody.

use crate::Clerk;
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Failure, Request};
use std::time::Duration;

#[async_trait]
impl HealthCheck for Clerk {
    fn provider(&self) -> &'static str {
        "clerk"
    }

    async fn check(&self) -> Health {
        let started = self.client.environment().monotonic();
        let was_open = self.client.standing().breaker == BreakerState::Open;
        let ask = Request::get("health", ["users", "count"])
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1);
        let (status, detail) = match self.client.send(&self.signed(ask)).await {
            Ok(_) => (HealthStatus::Healthy, "Clerk answers and takes the secret key".to_owned()),
            Err(error) if matches!(error.failure, Failure::Authentication(_)) => {
                (HealthStatus::Degraded, "Clerk refuses the secret key".to_owned())
            }
            Err(error) if error.failure.is_transient() => {
                (HealthStatus::Down, error.failure.to_string())
            }
            Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
        };
        let status = if was_open { HealthStatus::Down } else { status };
        let took = self.client.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "clerk".to_owned(), status, detail, milliseconds }
    }
}
