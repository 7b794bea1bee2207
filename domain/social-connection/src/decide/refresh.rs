//! Renewing tokens: one at a time, because a refresh token works only once.
//!
//! When the answer to a refresh is lost, so may be the next refresh token. The old one is then
//! tried once more; if that does not help either, a person has to connect again.

use super::Decision;
use crate::state::Health;
use crate::{
    ConnectionEvent as Event, ConnectionRefusal as Refusal, OpenRefresh, REFRESH_LEASE,
    ReauthReason, RefreshFailure, SocialConnection, TokenFacts, TokenOrigin,
};
use herald_kernel::Instant;

impl SocialConnection {
    pub(super) fn intend_refresh(&self, fence: i64, now: Instant) -> Decision {
        self.established()?;
        if self.block.is_some() || self.reauth_reason().is_some() {
            return Err(self.not_now());
        }
        let Some(secret_version) = self.secret_version().filter(|_| self.refreshable) else {
            return Err(Refusal::NothingToRefresh);
        };
        let mut events = match self.open_refresh {
            Some(open) if now.since(open.at) <= REFRESH_LEASE => {
                return Err(Refusal::RefreshInProgress);
            }
            Some(open) => self.give_up(open.n),
            None => Vec::new(),
        };
        let lost = events.iter().any(|event| matches!(event, Event::ReauthRequired { .. }));
        if !lost {
            let n = self.refreshes.saturating_add(1);
            events.push(Event::RefreshIntended { n, fence, secret_version, at: now });
        }
        Ok(events)
    }

    pub(super) fn record_refresh(&self, n: u32, tokens: TokenFacts, now: Instant) -> Decision {
        let known = self.tokens.as_ref().map(|known| known.facts.fingerprint.as_str());
        if known == Some(tokens.fingerprint.as_str()) {
            return Ok(Vec::new());
        }
        // A successor that turns up late is the only token that still works: always taken.
        if self.open(n).is_none() && !self.lost_refreshes.contains(&n) {
            return Err(Refusal::RefreshNotAwaited);
        }
        let mut events =
            vec![Event::TokenStored { origin: TokenOrigin::Refresh(n), tokens, at: now }];
        if self.health != Health::Active {
            events.push(Event::Recovered);
        }
        Ok(events)
    }

    pub(super) fn record_refresh_failure(
        &self,
        n: u32,
        failure: RefreshFailure,
        now: Instant,
    ) -> Decision {
        let Some(open) = self.open(n) else {
            let unknown_already = self.lost_refreshes.contains(&n);
            return match failure {
                RefreshFailure::Unknown if unknown_already => Ok(Vec::new()),
                RefreshFailure::Unknown
                | RefreshFailure::Transient { .. }
                | RefreshFailure::Rejected { .. } => Err(Refusal::RefreshNotAwaited),
            };
        };
        Ok(match failure {
            RefreshFailure::Unknown => self.give_up(n),
            RefreshFailure::Transient { cause } => {
                let mut events = vec![Event::RefreshFailedTransient { n, cause }];
                if self.health == Health::Active {
                    events.push(Event::Degraded { cause, at: now });
                }
                events
            }
            RefreshFailure::Rejected { code } => {
                let mut events = vec![Event::RefreshRejected { n, code }];
                events.extend(self.after_rejection(open));
                events
            }
        })
    }

    /// Nobody saw how refresh `n` ended. The first time the old token may be tried once more.
    fn give_up(&self, n: u32) -> Vec<Event> {
        let mut events = vec![Event::RefreshOutcomeUnknown { n }];
        if !self.lost_refreshes.is_empty() {
            events.extend(self.require_reauth(ReauthReason::RefreshLost));
        }
        events
    }

    fn after_rejection(&self, open: OpenRefresh) -> Option<Event> {
        // The rejected token is not the newest any more: its successor turned up meanwhile.
        if self.secret_version() != Some(open.secret_version) {
            return None;
        }
        self.require_reauth(if self.lost_refreshes.is_empty() {
            ReauthReason::RefreshRejected
        } else {
            ReauthReason::RefreshLost
        })
    }

    pub(super) fn require_reauth(&self, reason: ReauthReason) -> Option<Event> {
        self.reauth_reason().is_none().then_some(Event::ReauthRequired { reason })
    }

    fn open(&self, n: u32) -> Option<OpenRefresh> {
        self.open_refresh.filter(|open| open.n == n)
    }
}
