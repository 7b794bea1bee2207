//! Attempts, verdicts and look-ups, as they change a target.

use crate::{
    Event,
    outcome::{Authority, Evidence, HumanReason, Lookup, Resolution},
    post::Written,
    target::{Intent, IntentState, Prepared, Publication, Step, Target, TargetState},
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fold takes its share of the events; the three together are tested to take all"
)]
impl Written {
    pub(super) fn apply_attempt(&mut self, event: &Event) {
        match event {
            Event::AttemptStarted { target, .. }
            | Event::ResourcePrepared { target, .. }
            | Event::CommitIntended { target, .. }
            | Event::AttemptAbandoned { target, .. }
            | Event::RetryAuthorized { target, .. } => {
                self.change(*target, |target| target.apply_progress(event));
            }
            Event::StepPublished { target, .. }
            | Event::StepRejected { target, .. }
            | Event::OutcomeUnknown { target, .. }
            | Event::ReconcileStarted { target, .. }
            | Event::LookupRecorded { target, .. }
            | Event::StepNotPublished { target, .. }
            | Event::DuplicateRiskFound { target, .. }
            | Event::ResolvedByPerson { target, .. } => {
                self.change(*target, |target| target.apply_outcome(event));
            }
            Event::TargetNeedsHuman { target, .. }
            | Event::TargetPublished { target, .. }
            | Event::TargetPartiallyPublished { target, .. }
            | Event::TargetFailed { target, .. }
            | Event::TargetRemoteRemoved { target, .. } => {
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
    fn apply_progress(&mut self, event: &Event) {
        match event {
            Event::AttemptStarted { attempt, .. } => {
                self.state = TargetState::Preparing;
                self.attempt = *attempt;
                self.prepared.clear();
            }
            Event::ResourcePrepared { step, resource, .. } => {
                self.prepared.push(Prepared { step: *step, resource: resource.clone() });
            }
            Event::CommitIntended { attempt, step, marker, deadline, at, .. } => {
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
            Event::AttemptAbandoned { due, .. } => {
                self.state = TargetState::Due;
                self.due = Some(*due);
                self.prepared.clear();
            }
            Event::RetryAuthorized { by, due, .. } => {
                self.state = TargetState::Due;
                self.due = Some(*due);
                if let Authority::Member(_) = by {
                    self.on_time = Some(*due);
                }
            }
            _ => {}
        }
    }

    fn apply_outcome(&mut self, event: &Event) {
        match event {
            Event::StepPublished { attempt, step, remote, at, .. } => {
                self.settle(*step, *attempt, IntentState::Committed);
                let publication = Publication { remote: remote.clone(), at: *at };
                self.change(*step, |step| step.published = Some(publication));
                self.on_time = Some(*at);
                if self.state == TargetState::Committing {
                    self.state = TargetState::Preparing;
                }
            }
            Event::StepRejected { attempt, step, .. } => {
                self.settle(*step, *attempt, IntentState::Rejected);
            }
            Event::OutcomeUnknown { attempt, step, .. } => {
                self.settle(*step, *attempt, IntentState::Unknown);
                self.state = TargetState::OutcomeUnknown;
            }
            Event::ReconcileStarted { at, .. } => {
                self.state = TargetState::Reconciling;
                self.looking_since = Some(*at);
            }
            Event::LookupRecorded {
                step,
                lookup: Lookup::Absent { listed_at, .. },
                counts: true,
                ..
            } => self.change(*step, |step| step.absences.push(*listed_at)),
            Event::StepNotPublished { attempt, step, evidence, .. } => {
                let person = *evidence == Evidence::Person;
                let known = if person { IntentState::Denied } else { IntentState::Absent };
                self.settle(*step, *attempt, known);
                self.state = TargetState::NotPublished;
            }
            Event::DuplicateRiskFound { attempt, step, remote, .. } => {
                self.settle(*step, *attempt, IntentState::Committed);
                self.change(*step, |step| step.duplicate = Some(remote.clone()));
            }
            Event::ResolvedByPerson { step, resolution, .. } => self.resolve(*step, resolution),
            _ => {}
        }
    }

    fn apply_end(&mut self, event: &Event) {
        if let Event::TargetNeedsHuman { step, .. } = event {
            self.change(*step, |step| step.needed_human = true);
        }
        self.state = match event {
            Event::TargetNeedsHuman { reason, .. } => {
                TargetState::NeedsHuman { reason: *reason, left: false }
            }
            Event::TargetPublished { .. } => TargetState::Published,
            Event::TargetPartiallyPublished { failure, .. } => {
                TargetState::PartiallyPublished(failure.clone())
            }
            Event::TargetFailed { failure, .. } => TargetState::Failed(failure.clone()),
            Event::TargetRemoteRemoved { .. } => TargetState::RemoteRemoved,
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
