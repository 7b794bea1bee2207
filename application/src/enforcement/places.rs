//! Which connections keep their place when a tier has fewer.

use herald_kernel::{ConnectionId, Instant, Network};
use herald_terms::Entitlements;
use std::{cmp::Reverse, collections::BTreeSet};

/// A connection that would like to keep its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub connection: ConnectionId,
    /// To which network.
    pub network: Network,
    /// When something last happened to it.
    pub used_at: Instant,
    /// When it was begun.
    pub created_at: Instant,
}

/// The connections that keep their place: those that people chose, then the most recently used,
/// the older of two. The same in a preview and in what follows.
#[must_use]
pub fn keep(
    candidates: &[Candidate],
    chosen: &BTreeSet<ConnectionId>,
    tier: &Entitlements,
) -> BTreeSet<ConnectionId> {
    let mut order: Vec<_> = candidates.iter().collect();
    order.sort_by_key(|it| {
        let passed_over = !chosen.contains(&it.connection);
        (passed_over, Reverse(it.used_at), it.created_at, it.connection)
    });
    let (mut kept, mut networks) = (BTreeSet::new(), BTreeSet::new());
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    for candidate in order {
        let reached = networks.contains(candidate.network.as_str());
        let fits = tier.connections.allows(number(kept.len()))
            && (reached || tier.networks.allows(number(networks.len())));
        if fits {
            kept.insert(candidate.connection);
            networks.insert(candidate.network.as_str());
        }
    }
    kept
}
