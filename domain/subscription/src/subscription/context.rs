//! What a decision about a subscription may look at beside the subscription itself.

use super::InUse;
use crate::Catalogue;
use herald_kernel::Instant;
use std::sync::Arc;

/// The instant, the catalogue, and what the account uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionContext {
    /// Now.
    pub now: Instant,
    /// What is on offer, and what ever was.
    pub catalogue: Arc<Catalogue>,
    /// What would lose its place in a lower tier.
    pub in_use: InUse,
}

impl SubscriptionContext {
    /// With the built-in catalogue and nothing in use.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self { now, catalogue: Arc::default(), in_use: InUse::default() }
    }
}
