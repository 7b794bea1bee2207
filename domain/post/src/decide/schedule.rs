//! When a post goes out, and how it is given up before it does.

use super::{ALREADY_SO, Decision};
use crate::{
    Context, PostEvent, PostRefusal,
    outcome::AbandonReason,
    schedule::{Schedule, When},
    state::{Editorial, Written},
    target::{Target, TargetState},
};
use herald_kernel::{MemberId, TargetId};

impl Written {
    pub(super) fn give_time(&self, when: When, by: MemberId, context: &Context) -> Decision {
        self.check_alive("draft or approved")?;
        if let Some(current) = &self.schedule {
            if current.means(&when) {
                return ALREADY_SO;
            }
            let current = "scheduled";
            return Err(PostRefusal::InvalidState { current, allowed: "draft or approved" });
        }
        self.check_release(context)?;
        let schedule = Schedule::resolve(when, context.now)?;
        self.check_content()?;
        self.check_quota(context)?;
        let targets = self.ids(|target| target.state == TargetState::Idle);
        if targets.is_empty() {
            return Err(self.nothing_waits("idle"));
        }
        let counted = !self.counted;
        let content_hash = self.hash.clone();
        Ok(vec![PostEvent::Scheduled { schedule, content_hash, targets, counted, by }])
    }

    pub(super) fn change_time(&self, when: When, by: MemberId, context: &Context) -> Decision {
        let targets = self.ids(Target::is_movable);
        let waits = |target: &Target| target.state == TargetState::Scheduled;
        let same = self.schedule.as_ref().is_some_and(|current| current.means(&when));
        if same && self.targets.iter().filter(|target| target.is_movable()).all(waits) {
            return ALREADY_SO;
        }
        if self.schedule.is_none() || targets.is_empty() {
            return Err(self.nothing_waits("scheduled, due, held or missed"));
        }
        self.check_release(context)?;
        let schedule = Schedule::resolve(when, context.now)?;
        self.check_content()?;
        let content_hash = self.hash.clone();
        Ok(vec![PostEvent::Rescheduled { schedule, content_hash, targets, by }])
    }

    pub(super) fn take_time(&self, by: MemberId) -> Decision {
        let events = self.unscheduled(by);
        if events.is_empty() && self.schedule.is_some() {
            return Err(self.nothing_waits("scheduled, due, held or missed"));
        }
        Ok(events)
    }

    pub(super) fn publish_now(&self, by: MemberId, context: &Context) -> Decision {
        if self.schedule.is_some() {
            self.change_time(When::Asap, by, context)
        } else {
            self.give_time(When::Asap, by, context)
        }
    }

    /// The event that takes a post's time away, where it has one.
    pub(super) fn unscheduled(&self, by: MemberId) -> Vec<PostEvent> {
        let targets = self.ids(Target::is_movable);
        if self.schedule.is_none() || targets.is_empty() {
            return Vec::new();
        }
        vec![PostEvent::Unscheduled { targets, by }]
    }

    pub(super) fn re_resolve(&self, context: &Context) -> Vec<PostEvent> {
        let Some(schedule) = self.schedule.as_ref().filter(|s| s.instant > context.now) else {
            return Vec::new();
        };
        // Only what still waits for this very time; what has been tried follows its own.
        let targets =
            self.ids(|target| target.is_movable() && target.due == Some(schedule.instant));
        match schedule.re_resolved() {
            Some(moved) if !targets.is_empty() => {
                vec![PostEvent::ScheduleReResolved {
                    schedule: moved,
                    was: schedule.instant,
                    targets,
                }]
            }
            Some(_) | None => Vec::new(),
        }
    }

    pub(super) fn cancel(&self, by: MemberId, context: &Context) -> Decision {
        if self.is_canceled() {
            return ALREADY_SO;
        }
        let canceled: Vec<PostEvent> =
            self.targets.iter().flat_map(|target| give_up(target, context)).collect();
        if canceled.is_empty() {
            return Err(self.nothing_waits("anything before its first step is sent"));
        }
        Ok([vec![PostEvent::CancelRequested { by }], canceled].concat())
    }

    /// Is the content allowed to be given a time?
    fn check_release(&self, context: &Context) -> Result<(), PostRefusal> {
        if self.approved.as_ref() == Some(&self.hash) {
            return Ok(());
        }
        match self.editorial {
            Editorial::Rejected => Err(self.editorial_contradicts("draft or approved")),
            Editorial::InReview => Err(PostRefusal::ApprovalRequired),
            Editorial::Draft | Editorial::Approved => {
                if context.policy.approval.is_mandatory() {
                    return Err(PostRefusal::ApprovalRequired);
                }
                Ok(())
            }
        }
    }

    /// A post counts once, when its first target gets a time.
    fn check_quota(&self, context: &Context) -> Result<(), PostRefusal> {
        let used = context.posts_this_month;
        let entitlements = &context.entitlements;
        match entitlements.posts_per_month.limit() {
            Some(limit) if !self.counted && used >= limit => Err(PostRefusal::LimitReached {
                tier: entitlements.tier.to_string(),
                tier_version: entitlements.tier_version,
                limit,
                used,
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn ids(&self, wanted: impl Fn(&Target) -> bool) -> Vec<TargetId> {
        self.targets.iter().filter(|target| wanted(target)).map(|target| target.id).collect()
    }

    fn nothing_waits(&self, allowed: &'static str) -> PostRefusal {
        let furthest = self.targets.iter().find(|target| target.state != TargetState::Idle);
        let current = furthest.map_or(self.editorial.name(), |target| target.state.name());
        PostRefusal::InvalidState { current, allowed }
    }
}

/// Gives up one target, as far as nothing can be on its way.
fn give_up(target: &Target, context: &Context) -> Vec<PostEvent> {
    let state = &target.state;
    let preparing = *state == TargetState::Preparing;
    let abandoned = preparing.then(|| PostEvent::AttemptAbandoned {
        target: target.id,
        attempt: target.attempt,
        reason: AbandonReason::Canceled,
        due: context.now,
    });
    let rests =
        matches!(state, TargetState::Idle | TargetState::Missed | TargetState::NotPublished);
    if !(preparing || rests || state.is_waiting() || state.is_held()) {
        return Vec::new();
    }
    let end = super::ending::canceled(target, context);
    abandoned.into_iter().chain([end]).collect()
}
