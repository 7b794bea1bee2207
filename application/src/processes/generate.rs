//! What a plan's events lead to: a run that was asked for is carried out at once.

use super::Process;
use crate::{
    bridge::StreamKind,
    generation::Task,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::Settings,
};
use herald_content_plan::PlanEvent as Event;
use herald_kernel::PlanId;

/// Plans get written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generate;

impl Process for Generate {
    fn name(&self) -> &'static str {
        "generate"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::Plan
    }

    fn react(&self, event: &Occurred, _: &Settings) -> Vec<JobChange> {
        let (AnyEvent::Plan(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        let plan = PlanId::new(event.stream);
        let key = format!("{}:{plan}", JobKind::GeneratePlan.as_str());
        match fact.as_ref() {
            Event::GenerationIntended { run, profiles, prompt_ref, .. } => {
                let profiles = profiles.clone();
                let task = Task { plan, run: *run, prompt_ref: prompt_ref.clone(), profiles };
                let (kind, payload) = (JobKind::GeneratePlan, serde_json::json!(task));
                let job = NewJob::new(kind, account, key, payload, event.at, Priority::Ordinary);
                vec![JobChange::Put(job)]
            }
            Event::Archived { .. } => vec![JobChange::Cancel { key }],
            Event::Created { .. }
            | Event::GenerationAttempted { .. }
            | Event::GenerationSucceeded { .. }
            | Event::StrategyProposed { .. }
            | Event::ItemsProposed { .. }
            | Event::GenerationFailed { .. }
            | Event::ItemEdited { .. }
            | Event::ItemAccepted { .. }
            | Event::ItemRejected { .. }
            | Event::Submitted { .. }
            | Event::ChangesRequested { .. }
            | Event::Approved { .. }
            | Event::Materialized { .. }
            | Event::Completed => Vec::new(),
        }
    }
}
