//! Is Resend there, and does it take our key?

use crate::{Resend, wire};
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Failure, Request};
use std::time::Duration;

#[async_trait]
impl HealthCheck for Resend {
    fn provider(&self) -> &'static str {
        "resend"
    }

    async fn check(&self) -> Health {
        let started = self.client.environment().monotonic();
        let was_open = self.client.standing().breaker == BreakerState::Open;
        let ask = Request::get("health", ["emails"])
            .query("limit", "1")
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1)
            .bearer(&self.settings.key);
        let (status, detail) = match self.client.send(&ask).await {
            Ok(_) => (HealthStatus::Healthy, "Resend answers and takes the key".to_owned()),
            Err(error) => standing(&error.failure),
        };
        let status = if was_open { HealthStatus::Down } else { status };
        let took = self.client.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "resend".to_owned(), status, detail, milliseconds }
    }
}

fn standing(failure: &Failure) -> (HealthStatus, String) {
    match failure.answer().and_then(wire::name).as_deref() {
        // A key that may send and nothing else is the better one.
        Some("restricted_api_key") => {
            (HealthStatus::Healthy, "Resend answers and takes the key for sending".to_owned())
        }
        Some("missing_api_key" | "invalid_api_key") => {
            (HealthStatus::Degraded, "Resend refuses the key".to_owned())
        }
        _ if failure.is_transient() => (HealthStatus::Down, failure.code().to_owned()),
        _ => (HealthStatus::Degraded, failure.code().to_owned()),
    }
}
