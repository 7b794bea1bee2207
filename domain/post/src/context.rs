//! What a decision about a post may look at beside the post itself.

use herald_kernel::Instant;
use herald_terms::{Entitlements, Policy};
use std::time::Duration;

/// The instant, the account's entitlements and policy, and what was counted outside of the post.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant of the decision.
    pub now: Instant,
    /// What the account may use.
    pub entitlements: Entitlements,
    /// What the account has decided for itself.
    pub policy: Policy,
    /// Posts of the account that count for this month, without this one.
    pub posts_this_month: u32,
    /// Posts that the connection in question has sent within 24 hours (a command about one target).
    pub posts_today: u32,
    /// When the oldest of those leaves the 24 hours, if there is one.
    pub posts_today_frees_at: Option<Instant>,
    /// After an intent's deadline, how long a network may take to list what it published. A
    /// listing begun earlier proves nothing.
    pub settle: Duration,
    /// After an intent's deadline, how long to look before a person is asked.
    pub give_up: Duration,
}

impl Context {
    /// A context at `now` in which nothing is limited and nothing was counted, with the default
    /// waits: 15 minutes for a network to list what it has, six hours until a person is asked.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self {
            now,
            entitlements: Entitlements::embedded(),
            policy: Policy::default(),
            posts_this_month: 0,
            posts_today: 0,
            posts_today_frees_at: None,
            settle: Duration::from_secs(15 * 60),
            give_up: Duration::from_secs(6 * 3600),
        }
    }
}
