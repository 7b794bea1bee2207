//! Schedules, holds and cancellations, as they change a post.

use crate::{
    PostEvent,
    schedule::Schedule,
    state::Written,
    target::{Target, TargetState},
};
use herald_kernel::{Instant, TargetId};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fold takes its share of the events; the three together are tested to take all"
)]
impl Written {
    pub(super) fn apply_waiting(&mut self, event: &PostEvent) {
        match event {
            PostEvent::Scheduled { schedule, content_hash, targets, counted, .. } => {
                self.counted |= counted;
                self.released = Some(content_hash.clone());
                self.wait(schedule, targets, |target| target.state = TargetState::Scheduled);
            }
            PostEvent::Rescheduled { schedule, content_hash, targets, .. } => {
                self.released = Some(content_hash.clone());
                self.wait(schedule, targets, |target| target.state = TargetState::Scheduled);
            }
            // A held target stays held; only its time moves.
            PostEvent::ScheduleReResolved { schedule, targets, .. } => {
                self.wait(schedule, targets, |_| {});
            }
            PostEvent::Unscheduled { targets, .. } => {
                self.schedule = None;
                self.released.clone_from(&self.approved);
                self.revision += 1;
                self.each(targets, |target| {
                    target.state = TargetState::Idle;
                    target.wait_for(None);
                });
            }
            PostEvent::TargetCanceled { target } => self.change(*target, |target| {
                target.state = TargetState::Canceled;
                target.due = None;
            }),
            PostEvent::TargetHeld { target, reason } => {
                self.change(*target, |target| target.state = TargetState::Held(*reason));
            }
            PostEvent::TargetReleased { target, due } => self.change(*target, |target| {
                target.state = TargetState::Scheduled;
                target.due = Some(*due);
            }),
            PostEvent::TargetMissed { target, .. } => {
                self.change(*target, |target| target.state = TargetState::Missed);
            }
            _ => {}
        }
    }

    fn wait(&mut self, schedule: &Schedule, targets: &[TargetId], how: impl Fn(&mut Target)) {
        self.schedule = Some(schedule.clone());
        self.revision += 1;
        self.each(targets, |target| {
            how(target);
            target.wait_for(Some(schedule.instant));
        });
    }

    fn each(&mut self, targets: &[TargetId], how: impl Fn(&mut Target)) {
        self.targets.iter_mut().filter(|target| targets.contains(&target.id)).for_each(how);
    }
}

impl Target {
    const fn wait_for(&mut self, instant: Option<Instant>) {
        self.due = instant;
        self.on_time = instant;
    }
}
