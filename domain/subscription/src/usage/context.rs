//! What a decision about use may look at beside the count itself.

use super::Counter;
use crate::{Overage, Period};
use herald_kernel::Instant;
use herald_terms::Quota;

/// What a decision about use may look at: the instant and the quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageContext {
    /// Now.
    pub now: Instant,
    /// What is counted.
    pub counter: Counter,
    /// Within which period.
    pub period: Period,
    /// How much there is of it, without what was bought beside.
    pub quota: Quota,
    /// What happens beyond.
    pub overage: Overage,
}
