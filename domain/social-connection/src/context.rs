//! What a connection's decisions look at beside its own history.

use herald_kernel::{Instant, Network};
use herald_terms::Entitlements;
use std::collections::BTreeSet;

/// The instant, the limits, and what already counts against them.
///
/// The counts come from a view and may lag: a process pauses what turns out to be too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The instant of the decision.
    pub now: Instant,
    /// What the account may use.
    pub entitlements: Entitlements,
    /// How many *other* connections of the account are live (established, and neither
    /// disconnected nor paused by the plan).
    pub live_connections: u32,
    /// The networks of those connections.
    pub live_networks: BTreeSet<Network>,
}

impl Context {
    /// Nothing is live yet and nothing is limited.
    #[must_use]
    pub fn unlimited(now: Instant) -> Self {
        Self {
            now,
            entitlements: Entitlements::embedded(),
            live_connections: 0,
            live_networks: BTreeSet::new(),
        }
    }
}
