//! What a person decides about a target: look again, say how it went, try again.

use super::{ALREADY_SO, Decision, contradicts, reconcile, verdict};
use crate::{
    Context, PostEvent, PostRefusal,
    outcome::{Authority, Evidence, Resolution},
    state::Written,
    target::{IntentState, Target, TargetState},
};
use herald_kernel::MemberId;
use verdict::Which;

pub(super) fn look_again(target: &Target, by: MemberId, context: &Context) -> Decision {
    if target.state == TargetState::Reconciling {
        return ALREADY_SO;
    }
    if !target.state.is_unknown() {
        return Err(contradicts(target, "outcome_unknown or needs_human"));
    }
    reconcile::started(target, Authority::Member(by), context)
}

pub(super) fn resolve(
    target: &Target,
    by: MemberId,
    resolution: Resolution,
    context: &Context,
) -> Decision {
    if !target.state.is_unknown() {
        return Err(contradicts(target, "outcome_unknown, reconciling or needs_human"));
    }
    let which = reconcile::in_question(target)?;
    let next = match &resolution {
        Resolution::Published(remote) => {
            if let Some(step) = target.step_of(remote) {
                return Err(PostRefusal::RemoteInUse { step });
            }
            verdict::published(which, remote.clone(), Evidence::Person, context)
        }
        Resolution::NotPublished => not_published(which, context)?,
        Resolution::Leave if matches!(target.state, TargetState::NeedsHuman { left: true, .. }) => {
            return ALREADY_SO;
        }
        Resolution::Leave => Vec::new(),
    };
    let (step, at) = (which.index, context.now);
    let resolved = PostEvent::ResolvedByPerson { target: target.id, step, resolution, by, at };
    Ok([vec![resolved], next].concat())
}

/// "It is not there": true of every intent of the step that could have published it, and only once
/// none of them can be sent any more.
fn not_published(which: Which<'_>, context: &Context) -> Result<Vec<PostEvent>, PostRefusal> {
    let Which { target, index, step, .. } = which;
    if let Some(open) = step.unresolved().filter(|intent| context.now < intent.deadline) {
        return Err(PostRefusal::DeadlineAhead { deadline: open.deadline });
    }
    let may_stand = step.intents.iter().filter(|intent| match intent.state {
        IntentState::Open | IntentState::Unknown | IntentState::Absent | IntentState::Committed => {
            true
        }
        IntentState::Rejected | IntentState::Denied => false,
    });
    let denied = |attempt| PostEvent::StepNotPublished {
        target: target.id,
        attempt,
        step: index,
        evidence: Evidence::Person,
        at: context.now,
    };
    Ok(may_stand.map(|intent| denied(intent.attempt)).collect())
}

impl Written {
    /// Never from an unknown outcome: a retry of what may stand is how a post goes out twice.
    pub(super) fn retry(&self, target: &Target, by: MemberId, context: &Context) -> Decision {
        if let Some((_, intent)) = target.unresolved() {
            return Err(PostRefusal::OutcomeUnknown { attempt: intent.attempt });
        }
        if target.state == TargetState::Due {
            return ALREADY_SO;
        }
        if target.state.is_unknown() || target.is_doubtful() {
            return Err(PostRefusal::OutcomeUnknown { attempt: target.attempt });
        }
        if !target.state.is_given_up() {
            let allowed = "failed, not_published, missed or partially_published";
            return Err(contradicts(target, allowed));
        }
        if !self.is_released(context) {
            return Err(PostRefusal::ApprovalRequired);
        }
        let by = Authority::Member(by);
        Ok(vec![PostEvent::RetryAuthorized { target: target.id, by, due: context.now }])
    }
}
