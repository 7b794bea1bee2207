//! Is the endpoint there, does it take our key, is there money left, and do our models live on?

use crate::{
    Chat, Dialect,
    wire::{Key, Model, Models},
};
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::{Answer, Error, Request};
use herald_kernel::Instant;
use std::time::{Duration, UNIX_EPOCH};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A model that is switched off within this time is worth a person's attention.
const NOTICE_DAYS: u64 = 60;
/// Credits below this many dollars are, too.
const LOW_CREDIT: f64 = 1.0;

#[async_trait]
impl HealthCheck for Chat {
    fn provider(&self) -> &'static str {
        self.name()
    }

    async fn check(&self) -> Health {
        let started = self.client.environment().monotonic();
        let (status, detail) = match self.findings().await {
            Ok(findings) if findings.is_empty() => {
                (HealthStatus::Healthy, "it answers and takes our key".to_owned())
            }
            Ok(findings) => (HealthStatus::Degraded, findings.join("; ")),
            Err(error) if error.failure.is_transient() => {
                (HealthStatus::Down, error.failure.to_string())
            }
            Err(error) => (HealthStatus::Degraded, error.failure.to_string()),
        };
        let took = self.client.environment().monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: self.name().to_owned(), status, detail, milliseconds }
    }
}

impl Chat {
    /// What a person should know; empty when all is well.
    async fn findings(&self) -> Result<Vec<String>, Box<Error>> {
        let mut findings = Vec::new();
        // OpenRouter shows its models to anybody, so the key is asked about by itself.
        if self.settings.dialect == Dialect::OpenRouter {
            findings.extend(credit(&self.read("key").await?));
        }
        let answer = self.read("models").await?;
        let Ok(models) = answer.json::<Models>() else {
            findings.push("its list of models cannot be read".to_owned());
            return Ok(findings);
        };
        let names = self.watched.iter().map(|wanted| self.settings.model(wanted).name);
        findings.extend(names.filter_map(|name| self.outlook(&name, &models.data)));
        Ok(findings)
    }

    async fn read(&self, path: &'static str) -> Result<Answer, Box<Error>> {
        let request = self
            .signed(Request::get("health", [path]))
            .timeout(self.settings.timeout.min(Duration::from_secs(5)))
            .tries(1);
        self.client.send(&request).await.map_err(Box::new)
    }

    /// What is wrong with a model's future.
    fn outlook(&self, name: &str, models: &[Model]) -> Option<String> {
        let Some(model) = models.iter().find(|model| model.id == name) else {
            return Some(format!("the model {name} is not offered; set another one"));
        };
        let day = model.expiration_date.as_deref()?;
        let end: Instant = format!("{day}T00:00:00Z").parse().ok()?;
        let wall = self.client.environment().wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Instant::from_micros(i64::try_from(wall.as_micros()).ok()?)?;
        let days = end.since(now).as_secs() / DAY.as_secs();
        (days < NOTICE_DAYS)
            .then(|| format!("the model {name} is switched off on {day}; set another one"))
    }
}

fn credit(answer: &Answer) -> Option<String> {
    let left = answer.json::<Key>().ok()?.data.limit_remaining?;
    (left < LOW_CREDIT).then(|| "the key's credits are nearly used up".to_owned())
}
