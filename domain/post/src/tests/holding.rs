//! Holding a target back, letting it go, and noticing that its time passed.

use super::{
    BOB, at, begin, committed, committing, content, draft, hash, intend, preparing, ready,
    scheduled, t, target, thread,
};
use crate::{
    FailureKind::MediaUnreachable, HoldReason, PostCommand, PostEvent, Preflight, Readiness,
    Status, TargetState,
};

fn hold(reason: HoldReason) -> PostCommand {
    PostCommand::HoldTarget { target: target(), reason }
}

fn release() -> PostCommand {
    PostCommand::ReleaseTarget { target: target() }
}

fn mark_missed() -> PostCommand {
    PostCommand::MarkMissed { target: target() }
}

#[test]
fn what_waits_can_be_held_and_goes_on_at_its_time() {
    let held = scheduled().and(hold(HoldReason::Billing), &at(1));
    assert_eq!(held.post.status(), Some(Status::Held));
    assert_eq!(held.when(hold(HoldReason::Billing), &at(1)), Ok(vec![]));
    assert_eq!(held.names(hold(HoldReason::PlanLimit), &at(1)), ["target_held"]);
    assert_eq!(held.refused(begin(), &at(10)), "INVALID_STATE");
    let released = held.and(release(), &at(2));
    assert_eq!(released.when(release(), &at(2)), Ok(vec![]));
    assert_eq!(released.refused(begin(), &at(9)), "NOT_DUE");
    assert_eq!(released.names(begin(), &at(10)), ["attempt_started"]);
}

#[test]
fn what_does_not_wait_is_not_held() {
    for story in [draft(), preparing(content("x"))] {
        assert_eq!(story.refused(hold(HoldReason::ClientHold), &at(10)), "INVALID_STATE");
        assert_eq!(story.refused(release(), &at(10)), "INVALID_STATE");
        assert_eq!(story.refused(mark_missed(), &at(500)), "INVALID_STATE");
    }
}

#[test]
fn a_held_post_whose_time_passed_is_missed_and_never_a_late_burst() {
    let held = scheduled().and(hold(HoldReason::Billing), &at(1));
    assert_eq!(held.names(release(), &at(70)), ["target_released"]);
    let missed = PostEvent::TargetMissed { target: target(), due: t(10), at: t(71) };
    assert_eq!(held.when(release(), &at(71)), Ok(vec![missed]));
}

#[test]
fn what_is_later_than_the_grace_waits_for_a_person() {
    assert_eq!(scheduled().refused(mark_missed(), &at(70)), "NOT_LATE");
    let missed = scheduled().and(mark_missed(), &at(71));
    assert_eq!(missed.state(), &TargetState::Missed);
    assert_eq!(missed.when(mark_missed(), &at(72)), Ok(vec![]));
    assert_eq!(scheduled().names(begin(), &at(70)), ["attempt_started"]);
    assert_eq!(scheduled().names(begin(), &at(71)), ["target_missed"]);
}

#[test]
fn the_rest_of_a_thread_that_is_too_late_is_a_part_and_not_missed() {
    let interrupted = PostCommand::AbandonAttempt {
        target: target(),
        attempt: 1,
        reason: crate::AbandonReason::Interrupted,
        retry_at: None,
    };
    let story = committing(thread()).and(committed(1, 0), &at(10)).and(interrupted, &at(11));
    // The clock of a thread runs from its last step.
    assert_eq!(story.names(begin(), &at(70)), ["attempt_started"]);
    assert_eq!(story.names(mark_missed(), &at(71)), ["target_partially_published"]);
    assert_eq!(story.post.status(), Some(Status::Scheduled));
}

#[test]
fn what_waits_for_an_approval_goes_on_once_it_is_given() {
    let held = scheduled().and(hold(HoldReason::ApprovalStale), &at(1));
    let approve = || PostCommand::Approve { by: BOB, hash: hash("v1") };
    assert_eq!(held.names(approve(), &at(2)), ["approved", "target_released"]);
    assert_eq!(held.names(approve(), &at(71)), ["approved", "target_missed"]);
    let for_another_reason = scheduled().and(hold(HoldReason::Billing), &at(1));
    assert_eq!(for_another_reason.names(approve(), &at(2)), ["approved"]);
}

#[test]
fn a_connection_that_may_not_publish_holds_its_target() {
    let reason = HoldReason::NeedsReauth;
    let preflight = Preflight { publishing: Readiness::Held(reason), ..ready() };
    let begin = PostCommand::BeginAttempt { target: target(), preflight };
    let held = scheduled().and(begin, &at(10));
    assert_eq!(held.state(), &TargetState::Held(reason));
}

#[test]
fn a_connection_that_sent_enough_for_a_day_waits_until_it_may_again() {
    let mut busy = at(10);
    busy.posts_today = busy.policy.posts_per_day;
    busy.posts_today_frees_at = Some(t(30));
    let held = scheduled().and(begin(), &busy);
    assert_eq!(held.state(), &TargetState::Held(HoldReason::DailyLimit { until: t(30) }));
    busy.posts_today -= 1;
    assert_eq!(scheduled().names(begin(), &busy), ["attempt_started"]);
}

#[test]
fn a_picture_that_is_not_there_fails_the_target_before_anything_is_sent() {
    let preflight = Preflight { media_ready: false, ..ready() };
    let begin = PostCommand::BeginAttempt { target: target(), preflight };
    let story = scheduled().and(begin, &at(10));
    let TargetState::Failed(failure) = story.state() else { panic!("{:?}", story.state()) };
    assert_eq!((failure.kind, failure.code.as_str()), (MediaUnreachable, "MEDIA_MISSING"));
}

#[test]
fn a_connection_that_takes_less_than_before_fails_what_is_too_long_now() {
    let preflight = Preflight { text_limit: 3, ..ready() };
    let begin = PostCommand::BeginAttempt { target: target(), preflight };
    let events = scheduled().when(begin, &at(10)).expect("followed");
    assert!(matches!(&events[..], [PostEvent::TargetFailed { failure, .. }]
        if failure.code == "TEXT_TOO_LONG"));
}

#[test]
fn a_removed_post_was_published_once() {
    let gone = || PostCommand::ObserveRemoval { target: target() };
    assert_eq!(scheduled().refused(gone(), &at(10)), "INVALID_STATE");
    let published = committing(content("x")).and(committed(1, 0), &at(10));
    let removed = published.and(gone(), &at(20));
    assert_eq!(removed.post.status(), Some(Status::RemoteRemoved));
    assert_eq!(removed.when(gone(), &at(21)), Ok(vec![]));
    assert_eq!(removed.refused(intend(1, 0, 30), &at(21)), "STALE_ATTEMPT");
}
