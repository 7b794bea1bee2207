//! Is X there? Asked without a token, so that it costs nothing and touches nobody's account.

use crate::X;
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Failure, Request};
use std::time::Duration;

/// A limit used beyond this share is worth a person's attention.
const NEAR: f64 = 0.9;

#[async_trait]
impl HealthCheck for X {
    fn provider(&self) -> &'static str {
        "x"
    }

    async fn check(&self) -> Health {
        let started = self.client.environment().monotonic();
        let before = self.client.standing();
        let ask = Request::get("health", ["2", "users", "me"])
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1);
        let (status, detail) = match self.client.send(&ask).await {
            // Without a token X must say 401; that is X speaking, and all that can be known here.
            Err(error) if matches!(error.failure, Failure::Authentication(_)) => {
                well(before.limits.iter().map(herald_http_client::LimitStanding::utilisation))
            }
            Err(error) if error.failure.is_transient() => {
                (HealthStatus::Down, error.failure.to_string())
            }
            Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
            Ok(answer) => (HealthStatus::Degraded, format!("X answered {}", answer.status)),
        };
        let status = if before.breaker == BreakerState::Open { HealthStatus::Down } else { status };
        let took = self.client.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "x".to_owned(), status, detail, milliseconds }
    }
}

fn well(used: impl Iterator<Item = f64>) -> (HealthStatus, String) {
    if used.fold(0.0, f64::max) > NEAR {
        let detail = "X answers, but one of its rate limits is nearly used up".to_owned();
        return (HealthStatus::Degraded, detail);
    }
    (HealthStatus::Healthy, "X answers; credentials are proven when an account connects".to_owned())
}
