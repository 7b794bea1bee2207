//! An attempt: the last look before it, what it prepares, and the intent that is written down
//! before a byte is sent.

use super::{ALREADY_SO, Decision, contradicts, ending};
use crate::{
    Context, PostEvent, PostRefusal,
    command::{Preflight, Readiness},
    outcome::{AbandonReason, FailureKind, Resource},
    rules,
    state::Written,
    target::{HoldReason, Prepared, Target, TargetState},
};
use herald_kernel::{ContentHash, Instant};
use std::time::Duration;

/// An intent as it is asked for.
pub(super) struct NewIntent {
    pub(super) attempt: u32,
    pub(super) step: u16,
    pub(super) deadline: Instant,
    pub(super) marker: ContentHash,
}

impl Written {
    pub(super) fn begin_attempt(
        &self,
        target: &Target,
        preflight: Preflight,
        context: &Context,
    ) -> Decision {
        check_due(target, context)?;
        if ending::is_late(target, context) {
            return Ok(vec![ending::missed(target, context)]);
        }
        if let Some(reason) = self.hold_back(target, preflight, context) {
            return Ok(vec![PostEvent::TargetHeld { target: target.id, reason }]);
        }
        if let Some(failed) = self.not_sendable(target, preflight, context) {
            return Ok(vec![failed]);
        }
        let Some(step) = target.next_step() else {
            return Err(contradicts(target, "scheduled or due"));
        };
        Ok(vec![PostEvent::AttemptStarted {
            target: target.id,
            attempt: target.attempt + 1,
            step,
            content_hash: self.hash.clone(),
            at: context.now,
        }])
    }

    /// Why the target waits although its time has come: something outside of it, which may pass.
    fn hold_back(
        &self,
        target: &Target,
        preflight: Preflight,
        context: &Context,
    ) -> Option<HoldReason> {
        if let Readiness::Held(reason) = preflight.publishing {
            return Some(reason);
        }
        if !self.is_released(context) {
            return Some(HoldReason::ApprovalStale);
        }
        // The rest of a thread belongs to a post that was counted when it began.
        let begins = target.published_steps() == 0;
        if begins && context.posts_today >= context.policy.posts_per_day {
            let later = || context.now.plus(Duration::from_secs(3600));
            let until = context.posts_today_frees_at.unwrap_or_else(later);
            return Some(HoldReason::DailyLimit { until });
        }
        None
    }

    /// Why the target will never go out as it is, if that is so.
    fn not_sendable(
        &self,
        target: &Target,
        preflight: Preflight,
        context: &Context,
    ) -> Option<PostEvent> {
        let fail = |kind, code: &str, detail: &str| {
            Some(ending::failed(target, ending::failure(kind, code, detail), context))
        };
        let Some(says) = self.content.known() else {
            return fail(FailureKind::Validation, "CONTENT_FORGOTTEN", "the content was erased");
        };
        if !preflight.media_ready {
            let detail = "a picture is not there to be sent";
            return fail(FailureKind::MediaUnreachable, "MEDIA_MISSING", detail);
        }
        let violations = rules::violations(target.network, preflight.text_limit, says);
        let worst = violations.first()?;
        fail(FailureKind::Validation, worst.code, &worst.message)
    }

    pub(super) fn intend_commit(
        &self,
        target: &Target,
        new: NewIntent,
        context: &Context,
    ) -> Decision {
        if let Some((_, open)) = target.unresolved() {
            return Err(PostRefusal::OutcomeUnknown { attempt: open.attempt });
        }
        check_fence(target, new.attempt)?;
        if target.next_step() != Some(new.step) {
            return Err(PostRefusal::NotNextStep { step: new.step });
        }
        if new.deadline <= context.now {
            return Err(PostRefusal::DeadlinePassed);
        }
        if !self.is_released(context) {
            return Err(PostRefusal::StaleApproval);
        }
        // One intent per attempt and step: a second needs an attempt of its own.
        let known = target.step(new.step).and_then(|step| step.intent(new.attempt));
        if known.is_some() || target.is_copied() {
            return Err(PostRefusal::OutcomeUnknown { attempt: new.attempt });
        }
        Ok(vec![PostEvent::CommitIntended {
            target: target.id,
            attempt: new.attempt,
            step: new.step,
            content_hash: self.hash.clone(),
            marker: new.marker,
            deadline: new.deadline,
            at: context.now,
        }])
    }
}

fn check_due(target: &Target, context: &Context) -> Result<(), PostRefusal> {
    if let Some(attempt) = target.open_attempt() {
        return Err(PostRefusal::AttemptOpen { attempt });
    }
    if target.state.is_unknown() {
        return Err(PostRefusal::OutcomeUnknown { attempt: target.attempt });
    }
    if !target.state.is_waiting() {
        return Err(contradicts(target, "scheduled or due"));
    }
    match target.due {
        Some(due) if context.now < due => Err(PostRefusal::NotDue { due }),
        Some(_) | None => Ok(()),
    }
}

/// The fence: only the open attempt goes on, and only between its intents.
fn check_fence(target: &Target, attempt: u32) -> Result<(), PostRefusal> {
    if target.state == TargetState::Preparing && target.attempt == attempt {
        return Ok(());
    }
    Err(PostRefusal::StaleAttempt { attempt })
}

pub(super) fn record_prepared(
    target: &Target,
    attempt: u32,
    step: u16,
    resource: Resource,
) -> Decision {
    check_fence(target, attempt)?;
    if target.step(step).is_none_or(|step| step.published.is_some()) {
        return Err(PostRefusal::NotNextStep { step });
    }
    let prepared = Prepared { step, resource };
    if target.prepared.contains(&prepared) {
        return ALREADY_SO;
    }
    let resource = prepared.resource;
    Ok(vec![PostEvent::ResourcePrepared { target: target.id, attempt, step, resource }])
}

pub(super) fn abandon(
    target: &Target,
    attempt: u32,
    reason: AbandonReason,
    retry_at: Option<Instant>,
    context: &Context,
) -> Decision {
    if target.state == TargetState::Committing && target.attempt == attempt {
        return Err(PostRefusal::OutcomeUnknown { attempt });
    }
    if target.state != TargetState::Preparing || attempt < target.attempt {
        let over = attempt <= target.attempt;
        return if over { ALREADY_SO } else { Err(PostRefusal::StaleAttempt { attempt }) };
    }
    check_fence(target, attempt)?;
    let failed = match &reason {
        AbandonReason::Refused { failure } => {
            Some(ending::failed(target, failure.clone(), context))
        }
        AbandonReason::Canceled => Some(ending::canceled(target, context)),
        AbandonReason::Interrupted
        | AbandonReason::NotReached { .. }
        | AbandonReason::DuplicateRisk => None,
    };
    let due = match &reason {
        // Nobody was in trouble but us.
        AbandonReason::Interrupted => context.now,
        AbandonReason::NotReached { .. }
        | AbandonReason::Refused { .. }
        | AbandonReason::Canceled
        | AbandonReason::DuplicateRisk => again_at(attempt, retry_at, context),
    };
    let abandoned = PostEvent::AttemptAbandoned { target: target.id, attempt, reason, due };
    Ok([abandoned].into_iter().chain(failed).collect())
}

/// When to try again: after 30 seconds, then twice as long each time up to 15 minutes, and not
/// before the network wants to hear from us.
pub(super) fn again_at(attempt: u32, retry_at: Option<Instant>, context: &Context) -> Instant {
    let doublings = attempt.saturating_sub(1).min(5);
    let wait = Duration::from_secs((30_u64 << doublings).min(900));
    let earliest = context.now.plus(wait);
    retry_at.map_or(earliest, |retry_at| retry_at.max(earliest))
}
