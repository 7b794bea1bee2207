//! What a plan's decisions look at beside its own history.

use herald_kernel::Instant;
use herald_terms::{Entitlements, Policy};

/// The instant, the limits, and the account's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The instant of the decision.
    pub now: Instant,
    /// What the account may use.
    pub entitlements: Entitlements,
    /// What the account decided about approvals.
    pub policy: Policy,
}

impl Context {
    /// Nothing is used yet and nothing is limited.
    #[must_use]
    pub fn unlimited(now: Instant) -> Self {
        Self { now, entitlements: Entitlements::embedded(), policy: Policy::default() }
    }
}
