//! Reviews: who may let exactly which content go out.

use super::{ALREADY_SO, Decision, holding};
use crate::{
    Context, PostEvent, PostRefusal,
    outcome::Remark,
    state::{Editorial, Written},
    target::{HoldReason, Target, TargetState},
};
use herald_kernel::{ContentHash, MemberId};

impl Written {
    pub(super) fn submit(&self, by: MemberId) -> Decision {
        self.check_alive("draft")?;
        if self.targets.iter().any(|target| target.state.is_waiting() || target.state.is_held()) {
            // It would go out while somebody still reads it.
            return Err(PostRefusal::InvalidState { current: "scheduled", allowed: "draft" });
        }
        match self.editorial {
            Editorial::InReview => ALREADY_SO,
            Editorial::Draft => {
                self.check_content()?;
                Ok(vec![PostEvent::Submitted { by }])
            }
            Editorial::Approved | Editorial::Rejected => Err(self.editorial_contradicts("draft")),
        }
    }

    pub(super) fn approve(&self, by: MemberId, hash: ContentHash, context: &Context) -> Decision {
        self.check_alive("draft or in_review")?;
        if hash != self.hash {
            return Err(PostRefusal::StaleApproval);
        }
        if self.approved.as_ref() == Some(&hash) {
            return ALREADY_SO;
        }
        if self.editorial == Editorial::Rejected {
            return Err(self.editorial_contradicts("draft or in_review"));
        }
        // Whoever wrote the words has read them already: the first author, and the last hand.
        let wrote = by == self.author || by == self.editor;
        if wrote && !context.policy.approval.author_may_approve() {
            return Err(PostRefusal::SelfApproval);
        }
        let approved = PostEvent::Approved { by, content_hash: hash };
        // What waited for nothing but this goes out, or is too late.
        let waiting = self
            .targets
            .iter()
            .filter(|target| target.state == TargetState::Held(HoldReason::ApprovalStale));
        let released = waiting.map(|target| holding::released(target, context));
        Ok([approved].into_iter().chain(released).collect())
    }

    pub(super) fn request_changes(&self, by: MemberId, comment: Remark) -> Decision {
        self.check_reviewable()?;
        let mut events = self.unscheduled(by);
        events.push(PostEvent::ChangesRequested { by, comment });
        Ok(events)
    }

    pub(super) fn reject(&self, by: MemberId, reason: Remark) -> Decision {
        if self.editorial == Editorial::Rejected {
            return ALREADY_SO;
        }
        self.check_reviewable()?;
        let mut events = self.unscheduled(by);
        events.push(PostEvent::Rejected { by, reason });
        Ok(events)
    }

    fn check_reviewable(&self) -> Result<(), PostRefusal> {
        self.check_alive("in_review or approved")?;
        if self.targets.iter().any(Target::is_settled) {
            return Err(PostRefusal::InFlight);
        }
        match self.editorial {
            Editorial::InReview | Editorial::Approved => Ok(()),
            Editorial::Draft | Editorial::Rejected => {
                Err(self.editorial_contradicts("in_review or approved"))
            }
        }
    }

    pub(super) const fn editorial_contradicts(&self, allowed: &'static str) -> PostRefusal {
        PostRefusal::InvalidState { current: self.editorial.name(), allowed }
    }

    /// May exactly the present content go out, by the account's policy of today?
    pub(super) fn is_released(&self, context: &Context) -> bool {
        let approved = self.approved.as_ref() == Some(&self.hash);
        let released = self.released.as_ref() == Some(&self.hash);
        released && (approved || !context.policy.approval.is_mandatory())
    }
}
