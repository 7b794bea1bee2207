//! Does Stripe answer, take our key, and let us charge?

use crate::{Stripe, settings::VERSION};
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{BreakerState, Error, Request};
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    charges_enabled: Option<bool>,
    #[serde(default)]
    requirements: Option<Requirements>,
}

#[derive(Deserialize)]
struct Requirements {
    #[serde(default)]
    disabled_reason: Option<String>,
}

#[async_trait]
impl HealthCheck for Stripe {
    fn provider(&self) -> &'static str {
        "stripe"
    }

    async fn check(&self) -> Health {
        let clock = self.jobs.environment();
        let started = clock.monotonic();
        let before = self.jobs.standing();
        let (status, detail) = if self.settings.is_configured() {
            match self.account().await {
                Ok(account) => self.verdict(account.as_ref()),
                Err(error) if error.failure.is_transient() => {
                    (HealthStatus::Down, error.failure.to_string())
                }
                Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
            }
        } else {
            (HealthStatus::NotConfigured, "set STRIPE_SECRET_KEY".to_owned())
        };
        let status = if before.breaker == BreakerState::Open { HealthStatus::Down } else { status };
        let took = clock.monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: "stripe".to_owned(), status, detail, milliseconds }
    }
}

impl Stripe {
    async fn account(&self) -> Result<Option<Account>, Box<Error>> {
        let request = self
            .signed(Request::get("health", ["v1", "account"]))
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1);
        let answer = self.jobs.send(&request).await.map_err(Box::new)?;
        Ok(answer.json().ok())
    }

    fn verdict(&self, account: Option<&Account>) -> (HealthStatus, String) {
        let mut findings = Vec::new();
        let Some(account) = account else {
            return (HealthStatus::Degraded, "Stripe's answer cannot be read".to_owned());
        };
        if account.charges_enabled == Some(false) {
            let why = account.requirements.as_ref().and_then(|it| it.disabled_reason.as_deref());
            let why = why.unwrap_or("see the dashboard");
            findings.push(format!("the account cannot charge yet ({why})"));
        }
        if self.settings.webhook_secrets.is_empty() {
            findings.push("no webhook secret is set: Stripe's events are refused".to_owned());
        }
        let browser = self.settings.publishable_key.as_deref();
        if browser.is_some_and(|key| key.starts_with("pk_live_") != self.settings.is_live()) {
            findings.push("the secret and the publishable key are of different modes".to_owned());
        }
        if self.settings.version != VERSION {
            findings.push(format!(
                "version {} is asked for, {VERSION} is tried and tested",
                self.settings.version
            ));
        }
        let mode = if self.settings.is_live() { "live" } else { "test" };
        if findings.is_empty() {
            return (HealthStatus::Healthy, format!("it answers and takes our {mode} key"));
        }
        (HealthStatus::Degraded, findings.join("; "))
    }
}
