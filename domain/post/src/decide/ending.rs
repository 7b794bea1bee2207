//! How a target ends when it does not end published.

use crate::{
    Context, PostEvent,
    outcome::{Failure, FailureKind, HumanReason},
    target::Target,
};

/// Given up by a person; what stands of a thread stays, and whether what is in doubt stands only a
/// person can say.
pub(super) fn canceled(target: &Target, context: &Context) -> PostEvent {
    if target.is_doubtful() {
        return needs_human(target, HumanReason::AbsentNoResend, context);
    }
    if target.published_steps() == 0 {
        return PostEvent::TargetCanceled { target: target.id };
    }
    let detail = "the rest was canceled by a person";
    failed(target, failure(FailureKind::Canceled, "CANCELED", detail), context)
}

/// Its time passed. Whoever may have been sent something already is asked; a thread that stands in
/// part is told so.
pub(super) fn missed(target: &Target, context: &Context) -> PostEvent {
    if target.is_doubtful() {
        return needs_human(target, HumanReason::Late, context);
    }
    if target.published_steps() > 0 {
        let detail = "the rest could not be sent in time";
        return failed(target, failure(FailureKind::Late, "LATE", detail), context);
    }
    let due = target.on_time.unwrap_or(context.now);
    PostEvent::TargetMissed { target: target.id, due, at: context.now }
}

/// Refused, provably: a failure of what stands alone, a part of what stands in part. Earlier steps
/// keep their state.
pub(super) fn failed(target: &Target, failure: Failure, context: &Context) -> PostEvent {
    match target.published_steps() {
        0 => PostEvent::TargetFailed { target: target.id, failure, at: context.now },
        published => PostEvent::TargetPartiallyPublished {
            target: target.id,
            published,
            failure,
            at: context.now,
        },
    }
}

/// Only a person can say how it went.
pub(super) fn needs_human(target: &Target, reason: HumanReason, context: &Context) -> PostEvent {
    let in_question = target.in_question().map(|(step, _)| step);
    let step = in_question.or_else(|| target.next_step()).unwrap_or(0);
    PostEvent::TargetNeedsHuman { target: target.id, step, reason, at: context.now }
}

pub(super) fn failure(kind: FailureKind, code: &str, detail: &str) -> Failure {
    Failure { kind, code: code.to_owned(), detail: detail.to_owned() }
}

/// Has a target's time passed by more than the account's grace?
pub(super) fn is_late(target: &Target, context: &Context) -> bool {
    let grace = context.policy.late_grace();
    target.on_time.is_some_and(|on_time| context.now > on_time.plus(grace))
}
