//! Is a provider well?

use async_trait::async_trait;

/// One provider's health check: a cheap, harmless read.
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// The provider's name as metrics and settings spell it.
    fn provider(&self) -> &'static str;

    /// Asks the provider. Ends within seconds, whatever the provider does.
    async fn check(&self) -> Health;
}

/// What a health check found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// The provider.
    pub provider: String,
    /// The verdict.
    pub status: HealthStatus,
    /// What a person should know, and do.
    pub detail: String,
    /// How long the check took.
    pub milliseconds: u64,
}

/// A provider's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// It answers and takes our credentials.
    Healthy,
    /// It answers, but not as it should.
    Degraded,
    /// It does not answer.
    Down,
    /// It has no credentials here.
    NotConfigured,
}
