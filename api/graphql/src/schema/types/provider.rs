//! How the providers are.

use super::names::{HealthStatus, Word, word};
use crate::schema::{
    fault::Result,
    scalars::{DateTime, int},
};
use async_graphql::SimpleObject;
use herald_application::ports::Health;
use herald_kernel::Instant;

/// How a provider was when it was last asked.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ProviderHealth {
    /// The provider, as settings and metrics spell it.
    pub(crate) provider: String,
    /// The verdict.
    pub(crate) status: HealthStatus,
    /// What a person should know, and do.
    pub(crate) detail: String,
    /// How long it took to answer, in milliseconds.
    pub(crate) milliseconds: i32,
    /// When it was asked.
    pub(crate) checked_at: DateTime,
}

impl ProviderHealth {
    pub(crate) fn of(health: &Health, at: Instant) -> Result<Self> {
        Ok(Self {
            provider: health.provider.clone(),
            status: HealthStatus::named(&word(&health.status))?,
            detail: health.detail.clone(),
            milliseconds: int(health.milliseconds),
            checked_at: at.into(),
        })
    }
}
