//! What a post's events lead to: publish when due, find lost verdicts, look up, measure.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::Settings,
};
use herald_kernel::{AccountId, Instant, PostId, TargetId};
use herald_post::PostEvent;
use serde_json::json;
use std::time::Duration;

/// Posts go out, and what became of them is found out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publish;

impl Process for Publish {
    fn name(&self) -> &'static str {
        "publish"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::Post
    }

    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange> {
        let (AnyEvent::Post(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        let jobs = Jobs { account, post: PostId::new(event.stream) };
        jobs.following(fact, event.at, settings)
    }
}

struct Jobs {
    account: AccountId,
    post: PostId,
}

impl Jobs {
    #[expect(clippy::too_many_lines, reason = "one table: every event and what follows from it")]
    fn following(&self, fact: &PostEvent, at: Instant, settings: &Settings) -> Vec<JobChange> {
        use JobKind::{CollectMetrics, FindLostVerdict, PublishTarget, ReconcileTarget};
        let publish =
            |target: &TargetId, due| self.put(PublishTarget, *target, due, Priority::Urgent);
        let end = |target: &TargetId, kinds: &[JobKind]| {
            kinds.iter().map(|kind| Self::cancel(*kind, *target)).collect()
        };
        match fact {
            PostEvent::Scheduled { schedule, targets, .. }
            | PostEvent::Rescheduled { schedule, targets, .. }
            | PostEvent::ScheduleReResolved { schedule, targets, .. } => {
                targets.iter().map(|target| publish(target, schedule.instant)).collect()
            }
            PostEvent::Unscheduled { targets, .. } => {
                targets.iter().map(|target| Self::cancel(PublishTarget, *target)).collect()
            }
            // What passes by itself: the publisher comes back and releases the target.
            PostEvent::TargetHeld { target, reason } => match reason.until() {
                Some(until) => vec![publish(target, until)],
                None => end(target, &[PublishTarget]),
            },
            PostEvent::TargetCanceled { target } | PostEvent::TargetMissed { target, .. } => {
                end(target, &[PublishTarget])
            }
            PostEvent::TargetReleased { target, due }
            | PostEvent::RetryAuthorized { target, due, .. }
            | PostEvent::AttemptAbandoned { target, due, .. } => vec![publish(target, *due)],
            PostEvent::CommitIntended { target, deadline, .. } => {
                let due = deadline.plus(Duration::from_secs(1));
                vec![self.put(FindLostVerdict, *target, due, Priority::Urgent)]
            }
            PostEvent::StepPublished { target, .. } | PostEvent::StepRejected { target, .. } => {
                end(target, &[FindLostVerdict])
            }
            PostEvent::OutcomeUnknown { target, .. } => {
                let due = at.plus(settings.waits.first_lookup);
                let mut changes: Vec<_> = end(target, &[FindLostVerdict, PublishTarget]);
                changes.push(self.put(ReconcileTarget, *target, due, Priority::Urgent));
                changes
            }
            // Looks at once when a person asked; a job that is looking keeps its own pace.
            PostEvent::ReconcileStarted { target, by, .. } => match by {
                herald_post::Authority::Member(_) => {
                    vec![self.put(ReconcileTarget, *target, at, Priority::Urgent)]
                }
                herald_post::Authority::System => Vec::new(),
            },
            PostEvent::TargetPublished { target, .. } => {
                let mut changes = end(target, &[PublishTarget, FindLostVerdict, ReconcileTarget]);
                let first = at.plus(settings.waits.first_metrics);
                changes.push(self.put(CollectMetrics, *target, first, Priority::Leisurely));
                changes
            }
            PostEvent::TargetNeedsHuman { target, .. }
            | PostEvent::TargetPartiallyPublished { target, .. }
            | PostEvent::TargetFailed { target, .. } => {
                end(target, &[PublishTarget, FindLostVerdict, ReconcileTarget])
            }
            PostEvent::Created { .. }
            | PostEvent::ContentRevised { .. }
            | PostEvent::Submitted { .. }
            | PostEvent::Approved { .. }
            | PostEvent::ChangesRequested { .. }
            | PostEvent::Rejected { .. }
            | PostEvent::CancelRequested { .. }
            | PostEvent::AttemptStarted { .. }
            | PostEvent::ResourcePrepared { .. }
            | PostEvent::LookupRecorded { .. }
            | PostEvent::StepNotPublished { .. }
            | PostEvent::DuplicateRiskFound { .. }
            | PostEvent::ResolvedByPerson { .. }
            | PostEvent::TargetRemoteRemoved { .. } => Vec::new(),
        }
    }

    fn put(
        &self,
        kind: JobKind,
        target: TargetId,
        due_at: Instant,
        priority: Priority,
    ) -> JobChange {
        let payload = json!({ "post": self.post, "target": target });
        let (account, key) = (self.account, key(kind, target));
        JobChange::Put(NewJob::new(kind, account, key, payload, due_at, priority))
    }

    fn cancel(kind: JobKind, target: TargetId) -> JobChange {
        JobChange::Cancel { key: key(kind, target) }
    }
}

fn key(kind: JobKind, target: TargetId) -> String {
    format!("{}:{target}", kind.as_str())
}
