//! Is an issuer there? Its keys are read, which costs nothing and touches nobody.

use crate::trusted::Trusted;
use async_trait::async_trait;
use herald_application::ports::{Health, HealthCheck, HealthStatus};
use herald_http_client::Environment;
use std::sync::Arc;

/// One issuer's health.
#[derive(Debug)]
pub(crate) struct IssuerHealth {
    trusted: Arc<Trusted>,
    environment: Arc<dyn Environment>,
}

impl IssuerHealth {
    pub(crate) fn new(trusted: Arc<Trusted>, environment: Arc<dyn Environment>) -> Self {
        Self { trusted, environment }
    }
}

#[async_trait]
impl HealthCheck for IssuerHealth {
    fn provider(&self) -> &'static str {
        self.trusted.issuer.name
    }

    async fn check(&self) -> Health {
        let started = self.environment.monotonic();
        let (status, detail) = match self.trusted.keys.read_now().await {
            Ok(count) => (
                HealthStatus::Healthy,
                format!("{} publishes {count} usable keys", self.trusted.issuer.issuer),
            ),
            Err(cause) => (HealthStatus::Down, format!("its keys cannot be read: {cause}")),
        };
        let took = self.environment.monotonic().saturating_duration_since(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Health { provider: self.provider().to_owned(), status, detail, milliseconds }
    }
}
