//! What a look at the network shows: only a recognised answer about access asks for a person.

use super::Decision;
use crate::state::Health;
use crate::{ConnectionEvent as Event, Probe, QuotaWindow, ReauthReason, SocialConnection};
use herald_kernel::Instant;

impl SocialConnection {
    pub(super) fn observe(&self, probe: Probe, now: Instant) -> Decision {
        self.established()?;
        Ok(match (probe, self.health) {
            (Probe::Healthy, Health::Degraded(_)) => vec![Event::Recovered],
            (Probe::Transient { cause }, Health::Active) => {
                vec![Event::Degraded { cause, at: now }]
            }
            (Probe::AuthRejected { .. }, _) => {
                self.require_reauth(ReauthReason::AuthRejected).into_iter().collect()
            }
            (Probe::CapabilityLost { scope }, _) if self.scopes().contains(&scope) => {
                vec![Event::CapabilityLost { scope }]
            }
            (Probe::Healthy | Probe::Transient { .. } | Probe::CapabilityLost { .. }, _) => {
                Vec::new()
            }
        })
    }

    pub(super) fn record_quota(&self, quota: QuotaWindow) -> Decision {
        self.established()?;
        if self.quotas.get(&quota.window) == Some(&quota) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::QuotaObserved { quota }])
    }
}
