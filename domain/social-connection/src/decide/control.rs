//! Pausing, resuming, blocking and ending a connection.

use super::{Decision, consent::seat_free};
use crate::{BlockReason, ConnectionEvent as Event, Context, PauseReason, SocialConnection};
use herald_kernel::MemberId;

impl SocialConnection {
    pub(super) fn stop(&self, reason: PauseReason, by: Option<MemberId>) -> Vec<Event> {
        if self.pauses.contains(&reason) {
            return Vec::new();
        }
        vec![Event::Paused { reason, by }]
    }

    /// Lifts one pause. Only the pause that the plan made has to find a seat again.
    pub(super) fn resume(
        &self,
        reason: PauseReason,
        by: Option<MemberId>,
        context: &Context,
    ) -> Decision {
        if !self.pauses.contains(&reason) {
            return Ok(Vec::new());
        }
        match (reason, self.network) {
            (PauseReason::PlanLimit, Some(network)) => seat_free(network, context)?,
            (PauseReason::PlanLimit | PauseReason::User | PauseReason::AccountSuspended, _) => {}
        }
        Ok(vec![Event::Resumed { reason, by }])
    }

    pub(super) fn forbid(&self, reason: BlockReason) -> Decision {
        self.established()?;
        if self.block == Some(reason) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Blocked { reason }])
    }

    pub(super) fn disconnect(by: Option<MemberId>) -> Vec<Event> {
        vec![Event::Disconnected { by }, Event::SecretShredded]
    }
}
