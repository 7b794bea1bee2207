//! Is Cognito there, does it take our credentials, and has the pool the attributes that we write?

use crate::{Cognito, wire::Described};
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Request};
use serde_json::json;
use std::time::Duration;

#[async_trait]
impl HealthCheck for Cognito {
    fn provider(&self) -> &'static str {
        "cognito"
    }

    async fn check(&self) -> Health {
        let started = self.client.environment().monotonic();
        let was_open = self.client.standing().breaker == BreakerState::Open;
        let body = json!({ "UserPoolId": self.settings.pool });
        let describe = self.signed("DescribeUserPool", &body);
        let with_credentials = describe.is_some();
        // Without credentials only the pool's published keys can be asked for.
        let ask = describe.unwrap_or_else(|| {
            Request::get("health", [&*self.settings.pool, ".well-known", "jwks.json"])
        });
        let ask = ask.timeout(self.settings.timeout.min(Duration::from_secs(5))).tries(1);
        let (status, detail) = match self.client.send(&ask).await {
            Ok(answer) if with_credentials => match answer.json::<Described>() {
                Ok(described) => self.judge(&described),
                Err(_) => (HealthStatus::Degraded, "the pool cannot be read".to_owned()),
            },
            Ok(_) => (
                HealthStatus::Healthy,
                "the pool answers; without AWS credentials its directory is not used".to_owned(),
            ),
            Err(error) if error.failure.is_transient() => {
                (HealthStatus::Down, error.failure.to_string())
            }
            Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
        };
        let status = if was_open { HealthStatus::Down } else { status };
        let took = self.client.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "cognito".to_owned(), status, detail, milliseconds }
    }
}

impl Cognito {
    fn judge(&self, described: &Described) -> (HealthStatus, String) {
        let names = &self.settings.attributes;
        let written = [Some(&names.stripe_customer), names.plan.as_ref()];
        let missing: Vec<&str> = written
            .into_iter()
            .chain([names.onboarding_completed.as_ref()])
            .flatten()
            .map(String::as_str)
            .filter(|name| !described.user_pool.declares(name))
            .collect();
        if missing.is_empty() {
            let detail = "Cognito answers and takes our credentials".to_owned();
            return (HealthStatus::Healthy, detail);
        }
        let detail = format!("the pool does not declare {}", missing.join(", "));
        (HealthStatus::Degraded, detail)
    }
}
