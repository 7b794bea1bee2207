//! What the one attempt on the wire came to. A verdict for an intent is always accepted, however
//! late it comes: refusing to know would not undo what happened.

use super::{ALREADY_SO, Decision, attempt::again_at, ending};
use crate::{
    Context, PostEvent, PostRefusal,
    outcome::{
        AbandonReason, Authority, Evidence, Failure, FailureKind, HumanReason, Proof, Rejection,
        Remote, UnknownCause, Verdict,
    },
    target::{HoldReason, IntentState, Step, Target, TargetState},
};

/// Which intent is spoken of.
#[derive(Clone, Copy)]
pub(super) struct Which<'t> {
    pub(super) target: &'t Target,
    pub(super) attempt: u32,
    pub(super) index: u16,
    pub(super) step: &'t Step,
}

pub(super) fn record(
    target: &Target,
    attempt: u32,
    index: u16,
    verdict: Verdict,
    context: &Context,
) -> Decision {
    let (which, state) = find(target, attempt, index)?;
    match (state, verdict) {
        (IntentState::Open | IntentState::Unknown, Verdict::Committed(remote)) => {
            Ok(published(which, remote, Evidence::Verdict, context))
        }
        (IntentState::Open | IntentState::Unknown, Verdict::Rejected(rejection)) => {
            Ok(rejected(which, rejection, context))
        }
        (IntentState::Open, Verdict::Unknown { cause }) => Ok(vec![unknown(which, cause, context)]),
        (_, Verdict::Committed(remote)) => Ok(committed_after_all(which, remote, context)),
        // It was given up as not published, or is known to be published on better evidence.
        (_, Verdict::Rejected(_) | Verdict::Unknown { .. }) => ALREADY_SO,
    }
}

/// The deadline passed and nobody wrote down a verdict: only now may it be called unknown, because
/// until then another process may still be waiting for the answer.
pub(super) fn declare_unknown(
    target: &Target,
    attempt: u32,
    index: u16,
    context: &Context,
) -> Decision {
    let (which, state) = find(target, attempt, index)?;
    let deadline = which.step.intent(attempt).map_or(context.now, |intent| intent.deadline);
    if state != IntentState::Open {
        return ALREADY_SO;
    }
    if context.now < deadline {
        return Err(PostRefusal::DeadlineAhead { deadline });
    }
    Ok(vec![unknown(which, UnknownCause::VerdictLost, context)])
}

fn find(
    target: &Target,
    attempt: u32,
    index: u16,
) -> Result<(Which<'_>, IntentState), PostRefusal> {
    let none = PostRefusal::NoIntent { attempt, step: index };
    let step = target.step(index).ok_or_else(|| none.clone())?;
    let state = step.intent(attempt).ok_or(none)?.state;
    Ok((Which { target, attempt, index, step }, state))
}

/// A step stands. Its attempt goes on where it is still open; otherwise the rest of the thread
/// begins an attempt of its own.
pub(super) fn published(
    which: Which<'_>,
    remote: Remote,
    evidence: Evidence,
    context: &Context,
) -> Vec<PostEvent> {
    let Which { target, attempt, index, .. } = which;
    let (id, at) = (target.id, context.now);
    let root = target.root().map_or_else(|| remote.clone(), |root| root.remote.clone());
    let step = PostEvent::StepPublished { target: id, attempt, step: index, remote, evidence, at };
    let others = target.steps.iter().zip(0_u16..).filter(|(_, other)| *other != index);
    let rest = others.filter(|(step, _)| step.published.is_none()).count();
    let next = if rest == 0 {
        Some(PostEvent::TargetPublished { target: id, remote: root, at })
    } else if target.state == TargetState::Committing {
        None
    } else {
        Some(PostEvent::RetryAuthorized { target: id, by: Authority::System, due: at })
    };
    [step].into_iter().chain(next).collect()
}

fn unknown(which: Which<'_>, cause: UnknownCause, context: &Context) -> PostEvent {
    let Which { target, attempt, index, .. } = which;
    PostEvent::OutcomeUnknown { target: target.id, attempt, step: index, cause, at: context.now }
}

fn rejected(which: Which<'_>, rejection: Rejection, context: &Context) -> Vec<PostEvent> {
    let Which { target, attempt, index, .. } = which;
    let next = after_rejection(which, &rejection, context);
    let at = context.now;
    vec![PostEvent::StepRejected { target: target.id, attempt, step: index, rejection, at }, next]
}

fn after_rejection(which: Which<'_>, rejection: &Rejection, context: &Context) -> PostEvent {
    let Which { target, attempt, step, .. } = which;
    let id = target.id;
    if step.duplicate.is_some() {
        return ending::needs_human(target, HumanReason::DuplicateRisk, context);
    }
    match (rejection.proof, rejection.retry_at) {
        // Access that was lost is asked for or waited for; what was never taken goes out then.
        (Proof::Unauthorized, retry_at) if !step.is_doubtful() => {
            let due = again_at(attempt, retry_at, context);
            PostEvent::RetryAuthorized { target: id, by: Authority::System, due }
        }
        (Proof::NotSent, retry_at) => {
            let due = again_at(attempt, retry_at, context);
            PostEvent::RetryAuthorized { target: id, by: Authority::System, due }
        }
        (Proof::RateLimited, Some(until)) => {
            PostEvent::TargetHeld { target: id, reason: HoldReason::PlatformQuota { until } }
        }
        // What was not found may stand all the same; a refused second sending does not settle it.
        (Proof::Duplicate, _) if step.is_doubtful() => {
            ending::needs_human(target, HumanReason::RefusedAsDuplicate, context)
        }
        (_, _) if step.is_doubtful() => {
            ending::needs_human(target, HumanReason::AbsentNoResend, context)
        }
        (proof, _) => {
            let kind = FailureKind::of(proof);
            let (code, detail) = (rejection.code.clone(), rejection.detail.clone());
            ending::failed(target, Failure { kind, code, detail }, context)
        }
    }
}

/// An intent that was given up turns out to have published: nothing more may be sent for this
/// step, and a person has to look whether there are two.
fn committed_after_all(which: Which<'_>, remote: Remote, context: &Context) -> Vec<PostEvent> {
    let Which { target, attempt, index, step } = which;
    let stands = step.published.as_ref().is_some_and(|known| known.remote.is(&remote));
    if stands || step.duplicate.as_ref().is_some_and(|known| known.is(&remote)) {
        return Vec::new();
    }
    let (id, at) = (target.id, context.now);
    let found = PostEvent::DuplicateRiskFound { target: id, attempt, step: index, remote, at };
    let human = PostEvent::TargetNeedsHuman {
        target: id,
        step: index,
        reason: HumanReason::DuplicateRisk,
        at,
    };
    if step.published.is_some() || step.unresolved().is_some() && !needs_human(target) {
        // It stands anyway, or its second sending is under way: the question comes with its end.
        return vec![found];
    }
    if target.state != TargetState::Preparing {
        return vec![found, human];
    }
    let reason = AbandonReason::DuplicateRisk;
    let attempt = target.attempt;
    vec![PostEvent::AttemptAbandoned { target: id, attempt, reason, due: at }, found, human]
}

const fn needs_human(target: &Target) -> bool {
    matches!(target.state, TargetState::NeedsHuman { .. })
}
