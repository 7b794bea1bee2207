//! What was used, told to the provider.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::Instant;
use herald_subscription::CustomerRef;

/// Tells the provider what was used.
#[async_trait]
pub trait Meters: Send + Sync {
    /// Adds to a meter. The provider checks it later: success means that it was taken down.
    async fn report(
        &self,
        key: &IdempotencyKey,
        report: &UsageReport,
    ) -> Result<(), PaymentFailure>;
}

/// Something that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// Who used it.
    pub customer: CustomerRef,
    /// The meter's event name, such as `herald_api_calls`.
    pub meter: String,
    /// How much more since the last report: a difference, not a total.
    pub value: u64,
    /// What makes it count once, such as our event's id; at most 100 characters, kept 24 hours.
    pub identifier: String,
    /// When it was used: at most 35 days ago, and 5 minutes ahead.
    pub at: Instant,
}
