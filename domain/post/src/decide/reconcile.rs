//! Looking an unknown outcome up in the network's own listing, and what absence from it proves.

use super::{ALREADY_SO, Decision, contradicts, ending, verdict};
use crate::{
    Context, PostEvent, PostRefusal,
    outcome::{Authority, Evidence, HumanReason, Lookup},
    rules,
    state::Written,
    target::{Intent, IntentState, Target, TargetState},
};
use herald_kernel::Instant;
use std::time::Duration;
use verdict::Which;

/// Two listings prove absence only when they are this far apart.
const APART: Duration = Duration::from_secs(60);

/// How long a network remembers a text well enough to refuse it the second time.
const WALL: Duration = Duration::from_secs(12 * 3600);

pub(super) fn begin(target: &Target, context: &Context) -> Decision {
    if target.state == TargetState::Reconciling {
        return ALREADY_SO;
    }
    if target.state != TargetState::OutcomeUnknown {
        return Err(contradicts(target, "outcome_unknown"));
    }
    started(target, Authority::System, context)
}

pub(super) fn started(target: &Target, by: Authority, context: &Context) -> Decision {
    let (step, _) = target
        .in_question()
        .ok_or_else(|| contradicts(target, "outcome_unknown or needs_human"))?;
    Ok(vec![PostEvent::ReconcileStarted { target: target.id, step, by, at: context.now }])
}

impl Written {
    pub(super) fn record_lookup(
        &self,
        target: &Target,
        index: u16,
        lookup: Lookup,
        context: &Context,
    ) -> Decision {
        if target.state != TargetState::Reconciling {
            return Err(contradicts(target, "reconciling"));
        }
        let which = in_question(target)?;
        if which.index != index {
            return Err(PostRefusal::NotNextStep { step: index });
        }
        let intent = which.step.in_question();
        let counts = intent.is_some_and(|intent| counts(&lookup, intent, context));
        let next = match &lookup {
            Lookup::Found(remote) => match target.step_of(remote) {
                Some(_) => vec![ending::needs_human(target, HumanReason::Ambiguous, context)],
                None => verdict::published(which, remote.clone(), Evidence::Lookup, context),
            },
            Lookup::Ambiguous { .. } => {
                vec![ending::needs_human(target, HumanReason::Ambiguous, context)]
            }
            Lookup::Absent { listed_at, .. } if counts => self.absent(which, *listed_at, context),
            Lookup::Absent { .. } | Lookup::Inconclusive { .. } => nothing_learned(target, context),
        };
        let recorded = PostEvent::LookupRecorded {
            target: target.id,
            attempt: which.attempt,
            step: index,
            lookup,
            counts,
            at: context.now,
        };
        Ok([vec![recorded], next].concat())
    }

    /// A complete, late listing does not show it. The second of two proves that it is not there.
    fn absent(&self, which: Which<'_>, listed_at: Instant, context: &Context) -> Vec<PostEvent> {
        let Which { target, attempt, index, step } = which;
        let apart = |earlier: &Instant| {
            listed_at.since(*earlier) >= APART || earlier.since(listed_at) >= APART
        };
        if !step.absences.iter().any(apart) {
            return Vec::new();
        }
        let unresolved = step.unresolved().is_some();
        if !unresolved || step.duplicate.is_some() {
            let copied = step.duplicate.is_some();
            let reason =
                if copied { HumanReason::DuplicateRisk } else { HumanReason::AbsentNoResend };
            return vec![ending::needs_human(target, reason, context)];
        }
        let evidence = Evidence::Lookup;
        let at = context.now;
        let absent =
            PostEvent::StepNotPublished { target: target.id, attempt, step: index, evidence, at };
        let next = if !self.may_go_out_again(which, context) {
            ending::needs_human(target, HumanReason::AbsentNoResend, context)
        } else if ending::is_late(target, context) {
            ending::needs_human(target, HumanReason::Late, context)
        } else {
            PostEvent::RetryAuthorized { target: target.id, by: Authority::System, due: at }
        };
        vec![absent, next]
    }

    /// Absence is a guess when a listing lags. So the same text goes out again without a person
    /// only where a second wall stands behind ours: the network refuses a text that it has just
    /// published. A picture gets a new link each time, which makes the text another one.
    fn may_go_out_again(&self, which: Which<'_>, context: &Context) -> bool {
        let sent = self.content.known().and_then(|content| content.step(which.index));
        let walled = sent.is_some_and(|(_, step)| !step.text.is_blank() && step.media.is_empty());
        let again = which.step.intents.iter().any(|intent| intent.state == IntentState::Absent)
            || which.step.needed_human;
        let recent = which
            .step
            .unresolved()
            .is_some_and(|intent| context.now < intent.intended_at.plus(WALL));
        rules::refuses_equal_text(which.target.network) && walled && recent && !again
    }
}

pub(super) fn in_question(target: &Target) -> Result<Which<'_>, PostRefusal> {
    let found = target.in_question().and_then(|(index, intent)| {
        Some(Which { target, attempt: intent.attempt, index, step: target.step(index)? })
    });
    found.ok_or_else(|| contradicts(target, "outcome_unknown or needs_human"))
}

/// An absence counts when its listing is complete and was begun once the network had its time.
fn counts(lookup: &Lookup, intent: &Intent, context: &Context) -> bool {
    match lookup {
        Lookup::Found(_) | Lookup::Ambiguous { .. } => true,
        Lookup::Absent { listed_at, complete } => {
            let settled = intent.deadline.plus(context.settle);
            *complete && *listed_at >= settled && *listed_at <= context.now
        }
        Lookup::Inconclusive { .. } => false,
    }
}

fn nothing_learned(target: &Target, context: &Context) -> Vec<PostEvent> {
    let too_long =
        target.looking_since.is_some_and(|since| context.now >= since.plus(context.give_up));
    if too_long {
        return vec![ending::needs_human(target, HumanReason::Inconclusive, context)];
    }
    Vec::new()
}
