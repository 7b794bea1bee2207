//! Attempts, verdicts and look-ups, as they change a target.

use crate::{
    PostEvent,
    outcome::{Authority, Evidence, HumanReason, Lookup, Resolution},
    state::Written,
    target::{Intent, IntentState, Prepared, Publication, Step, Target, TargetState},
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fold takes its share of the events; the three together are tested to take all"
)]
impl Written {
    pub(super) fn apply_attempt(&mut self, event: &PostEvent) {
        match event {
            PostEvent::AttemptStarted { target, .. }
            | PostEvent::ResourcePrepared { target, .. }
            | PostEvent::CommitIntended { target, .. }
            | PostEvent::AttemptAbandoned { target, .. }
            | PostEvent::RetryAuthorized { target, .. } => {
                self.change(*target, |target| target.apply_progress(event));
            }
            PostEvent::StepPublished { target, .. }
            | PostEvent::StepRejected { target, .. }
            | PostEvent::OutcomeUnknown { target, .. }
            | PostEvent::ReconcileStarted { target, .. }
            | PostEvent::LookupRecorded { target, .. }
            | PostEvent::StepNotPublished { target, .. }
            | PostEvent::DuplicateRiskFound { target, .. }
            | PostEvent::ResolvedByPerson { target, .. } => {
                self.change(*target, |target| target.apply_outcome(event));
            }
            PostEvent::TargetNeedsHuman { target, .. }
            | PostEvent::TargetPublished { target, .. }
            | PostEvent::TargetPartiallyPublished { target, .. }
            | PostEvent::TargetFailed { target, .. }
            | PostEvent::TargetRemoteRemoved { target, .. } => {
                self.change(*target, |target| target.apply_end(event));
            }
            _ => {}
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fold takes its share of the events; the caller has told them apart"
)]
impl Target {
    fn apply_progress(&mut self, event: &PostEvent) {
        match event {
            PostEvent::AttemptStarted { attempt, .. } => {
                self.state = TargetState::Preparing;
                self.attempt = *attempt;
                self.prepared.clear();
            }
            PostEvent::ResourcePrepared { step, resource, .. } => {
                self.prepared.push(Prepared { step: *step, resource: resource.clone() });
            }
            PostEvent::CommitIntended { attempt, step, marker, deadline, at, .. } => {
                self.state = TargetState::Committing;
                let intent = Intent {
                    attempt: *attempt,
                    intended_at: *at,
                    deadline: *deadline,
                    marker: marker.clone(),
                    state: IntentState::Open,
                };
                self.change(*step, |step| {
                    step.absences.clear();
                    step.intents.push(intent);
                });
            }
            PostEvent::AttemptAbandoned { due, .. } => {
                self.state = TargetState::Due;
                self.due = Some(*due);
                self.prepared.clear();
            }
            PostEvent::RetryAuthorized { by, due, .. } => {
                self.state = TargetState::Due;
                self.due = Some(*due);
                if let Authority::Member(_) = by {
                    self.on_time = Some(*due);
                }
            }
            _ => {}
        }
    }

    fn apply_outcome(&mut self, event: &PostEvent) {
        match event {
            PostEvent::StepPublished { attempt, step, remote, at, .. } => {
                self.settle(*step, *attempt, IntentState::Committed);
                let publication = Publication { remote: remote.clone(), at: *at };
                self.change(*step, |step| step.published = Some(publication));
                self.on_time = Some(*at);
                if self.state == TargetState::Committing {
                    self.state = TargetState::Preparing;
                }
            }
            PostEvent::StepRejected { attempt, step, .. } => {
                self.settle(*step, *attempt, IntentState::Rejected);
            }
            PostEvent::OutcomeUnknown { attempt, step, .. } => {
                self.settle(*step, *attempt, IntentState::Unknown);
                self.state = TargetState::OutcomeUnknown;
            }
            PostEvent::ReconcileStarted { at, .. } => {
                self.state = TargetState::Reconciling;
                self.looking_since = Some(*at);
            }
            PostEvent::LookupRecorded {
                step,
                lookup: Lookup::Absent { listed_at, .. },
                counts: true,
                ..
            } => self.change(*step, |step| step.absences.push(*listed_at)),
            PostEvent::StepNotPublished { attempt, step, evidence, .. } => {
                let person = *evidence == Evidence::Person;
                let known = if person { IntentState::Denied } else { IntentState::Absent };
                self.settle(*step, *attempt, known);
                self.state = TargetState::NotPublished;
            }
            PostEvent::DuplicateRiskFound { attempt, step, remote, .. } => {
                self.settle(*step, *attempt, IntentState::Committed);
                self.change(*step, |step| step.duplicate = Some(remote.clone()));
            }
            PostEvent::ResolvedByPerson { step, resolution, .. } => self.resolve(*step, resolution),
            _ => {}
        }
    }

    fn apply_end(&mut self, event: &PostEvent) {
        if let PostEvent::TargetNeedsHuman { step, .. } = event {
            self.change(*step, |step| step.needed_human = true);
        }
        self.state = match event {
            PostEvent::TargetNeedsHuman { reason, .. } => {
                TargetState::NeedsHuman { reason: *reason, left: false }
            }
            PostEvent::TargetPublished { .. } => TargetState::Published,
            PostEvent::TargetPartiallyPublished { failure, .. } => {
                TargetState::PartiallyPublished(failure.clone())
            }
            PostEvent::TargetFailed { failure, .. } => TargetState::Failed(failure.clone()),
            PostEvent::TargetRemoteRemoved { .. } => TargetState::RemoteRemoved,
            _ => return,
        };
        self.due = None;
    }

    fn resolve(&mut self, step: u16, resolution: &Resolution) {
        match resolution {
            Resolution::Published(_) => {}
            Resolution::NotPublished => self.change(step, |step| step.duplicate = None),
            Resolution::Leave => {
                let reason = match self.state {
                    TargetState::NeedsHuman { reason, .. } => reason,
                    _ => HumanReason::Inconclusive,
                };
                self.state = TargetState::NeedsHuman { reason, left: true };
            }
        }
    }

    fn change(&mut self, step: u16, how: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.get_mut(usize::from(step)) {
            how(step);
        }
    }

    fn settle(&mut self, step: u16, attempt: u32, state: IntentState) {
        self.change(step, |step| {
            if let Some(intent) = step.intents.iter_mut().find(|i| i.attempt == attempt) {
                intent.state = state;
            }
        });
    }
}
