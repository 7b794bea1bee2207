//! Whether a connection can publish now, and when its tokens need renewal.

use crate::state::Health;
use crate::{
    BlockReason, PauseReason, REFRESH_LEASE, ReauthReason, SocialConnection, Status, media_scope,
    publishing_scopes,
};
use herald_kernel::Instant;
use std::time::Duration;

/// The least time before expiry at which tokens are renewed.
const LEAST_LEAD: Duration = Duration::from_secs(15 * 60);

/// Why nothing may be published through a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unpublishable {
    /// It was never made.
    #[error("the connection is not made yet")]
    NotEstablished,
    /// A person has to connect again.
    #[error("the network no longer accepts our access; reconnect")]
    NeedsReauth(ReauthReason),
    /// It is paused.
    #[error("the connection is paused")]
    Paused(PauseReason),
    /// The network forbids it.
    #[error("the network blocks this account")]
    Blocked(BlockReason),
    /// It has ended.
    #[error("the connection was disconnected")]
    Disconnected,
    /// The person did not grant what publishing needs.
    #[error("the permission `{0}` is missing; reconnect and grant it")]
    MissingScope(&'static str),
    /// The network takes no more posts for now.
    #[error("the network's quota is used up until {until}")]
    QuotaUsedUp {
        /// Until when.
        until: Instant,
    },
}

impl Unpublishable {
    /// A stable name, for events and programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotEstablished => "not_established",
            Self::NeedsReauth(_) => "needs_reauth",
            Self::Paused(_) => "paused",
            Self::Blocked(_) => "blocked",
            Self::Disconnected => "disconnected",
            Self::MissingScope(_) => "missing_scope",
            Self::QuotaUsedUp { .. } => "quota_used_up",
        }
    }
}

impl SocialConnection {
    /// May an attempt to publish start at `now`?
    pub fn publishable(&self, now: Instant) -> Result<(), Unpublishable> {
        if self.status() == Status::Disconnected {
            return Err(Unpublishable::Disconnected);
        }
        if !self.is_established() {
            return Err(Unpublishable::NotEstablished);
        }
        if let Some(reason) = self.block {
            return Err(Unpublishable::Blocked(reason));
        }
        if let Some(reason) = self.pause() {
            return Err(Unpublishable::Paused(reason));
        }
        if let Health::NeedsReauth(reason) = self.health {
            return Err(Unpublishable::NeedsReauth(reason));
        }
        if let Some(scope) = self.missing_scopes().next() {
            return Err(Unpublishable::MissingScope(scope));
        }
        let used_up =
            self.quotas.values().filter(|quota| quota.used >= quota.limit && now < quota.resets_at);
        match used_up.map(|quota| quota.resets_at).max() {
            Some(until) => Err(Unpublishable::QuotaUsedUp { until }),
            None => Ok(()),
        }
    }

    /// The scopes that publishing needs and the connection lacks.
    pub fn missing_scopes(&self) -> impl Iterator<Item = &'static str> {
        let needed = self.network.map_or(&[][..], publishing_scopes);
        needed.iter().copied().filter(|scope| !self.grants(scope))
    }

    /// May pictures go out with a post?
    #[must_use]
    pub fn can_attach_media(&self) -> bool {
        self.network.is_some_and(|network| self.grants(media_scope(network)))
    }

    /// When the tokens are to be renewed, `now` at the earliest; `None` where nothing can be.
    ///
    /// Ahead of expiry by a tenth of the token's life or 15 minutes, whichever is more, but never
    /// by more than half of its life: else a short-lived token would be renewed without end.
    #[must_use]
    pub fn refresh_due_at(&self, now: Instant) -> Option<Instant> {
        if !self.may_refresh() {
            return None;
        }
        if let Some(open) = self.open_refresh {
            return Some(open.at.plus(REFRESH_LEASE).max(now));
        }
        let tokens = self.tokens.as_ref()?;
        let life = tokens.facts.access_expires_at.since(tokens.at);
        let lead = (life / 10).max(LEAST_LEAD).min(life / 2);
        Some(tokens.facts.access_expires_at.minus(lead).max(now))
    }

    /// Is there a refresh token that is worth trying?
    pub(crate) fn may_refresh(&self) -> bool {
        let dead = matches!(self.health, Health::NeedsReauth(_));
        self.is_established()
            && !self.disconnected
            && self.block.is_none()
            && !dead
            && self.refreshable
    }

    fn grants(&self, scope: &str) -> bool {
        self.scopes().iter().any(|granted| granted == scope)
    }
}
