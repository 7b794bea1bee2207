//! An attempt: opened once, prepared, written down before it is sent.

use super::{
    at, begin, committed, committing, content, draft, hash, intend, preparing, schedule, scheduled,
    t, target, thread, unknown, written,
};
use crate::{AbandonReason, Failure, FailureKind, PostCommand, PostEvent, Resource, TargetState};
use herald_kernel::TargetId;
use uuid::Uuid;

fn abandon(attempt: u32, reason: AbandonReason) -> PostCommand {
    PostCommand::AbandonAttempt { target: target(), attempt, reason, retry_at: None }
}

fn not_reached() -> AbandonReason {
    AbandonReason::NotReached { cause: "503".to_owned() }
}

fn prepared(attempt: u32, step: u16) -> PostCommand {
    let resource =
        Resource { kind: "picture".into(), remote_id: "m1".into(), expires_at: Some(t(20)) };
    PostCommand::RecordPrepared { target: target(), attempt, step, resource }
}

#[test]
fn an_attempt_begins_when_its_time_has_come() {
    assert_eq!(draft().refused(begin(), &at(10)), "INVALID_STATE");
    assert_eq!(scheduled().refused(begin(), &at(9)), "NOT_DUE");
    let started = PostEvent::AttemptStarted {
        target: target(),
        attempt: 1,
        step: 0,
        content_hash: hash("v1"),
        at: t(10),
    };
    assert_eq!(scheduled().when(begin(), &at(10)), Ok(vec![started]));
}

#[test]
fn an_attempt_without_an_outcome_blocks_the_next_one() {
    assert_eq!(preparing(content("x")).refused(begin(), &at(11)), "ATTEMPT_OPEN");
    assert_eq!(committing(content("x")).refused(begin(), &at(11)), "ATTEMPT_OPEN");
    assert_eq!(unknown(content("x")).refused(begin(), &at(12)), "OUTCOME_UNKNOWN");
}

#[test]
fn a_target_of_another_post_is_not_found() {
    let target = TargetId::new(Uuid::from_u128(99));
    assert_eq!(scheduled().refused(PostCommand::MarkMissed { target }, &at(0)), "NOT_FOUND");
}

#[test]
fn what_is_prepared_is_kept_until_the_network_forgets_it() {
    let story = preparing(content("x")).and(prepared(1, 0), &at(10));
    assert_eq!(story.when(prepared(1, 0), &at(10)), Ok(vec![]));
    assert_eq!(story.post.prepared(target(), 0, t(19)).count(), 1);
    assert_eq!(story.post.prepared(target(), 0, t(20)).count(), 0);
    assert_eq!(story.post.prepared(target(), 1, t(10)).count(), 0);
    assert_eq!(story.refused(prepared(2, 0), &at(10)), "STALE_ATTEMPT");
    assert_eq!(story.refused(prepared(1, 1), &at(10)), "NOT_NEXT_STEP");
}

#[test]
fn an_intent_is_written_down_once_per_attempt_and_step() {
    let story = committing(content("x"));
    assert_eq!(story.state(), &TargetState::Committing);
    assert_eq!(story.refused(intend(1, 0, 12), &at(10)), "OUTCOME_UNKNOWN");
    assert_eq!(story.refused(intend(2, 0, 12), &at(10)), "OUTCOME_UNKNOWN");
}

#[test]
fn an_intent_needs_an_open_attempt_the_next_step_and_a_deadline_ahead() {
    let story = preparing(thread());
    assert_eq!(story.refused(intend(2, 0, 11), &at(10)), "STALE_ATTEMPT");
    assert_eq!(story.refused(intend(1, 1, 11), &at(10)), "NOT_NEXT_STEP");
    assert_eq!(story.refused(intend(1, 7, 11), &at(10)), "NOT_NEXT_STEP");
    assert_eq!(story.refused(intend(1, 0, 10), &at(10)), "DEADLINE_PASSED");
    assert_eq!(scheduled().refused(intend(1, 0, 11), &at(10)), "STALE_ATTEMPT");
}

#[test]
fn the_intent_is_of_the_content_that_was_released() {
    let events = preparing(content("x")).when(intend(1, 0, 11), &at(10)).expect("followed");
    let [PostEvent::CommitIntended { content_hash, deadline, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((content_hash, deadline), (&hash("v1"), &t(11)));
}

#[test]
fn an_interrupted_attempt_makes_room_for_the_next_one_at_once() {
    let story = preparing(content("x")).and(abandon(1, AbandonReason::Interrupted), &at(11));
    assert_eq!(story.state(), &TargetState::Due);
    assert_eq!(story.when(abandon(1, AbandonReason::Interrupted), &at(11)), Ok(vec![]));
    assert_eq!(story.refused(intend(1, 0, 12), &at(11)), "STALE_ATTEMPT");
    let second = story.and(begin(), &at(11));
    assert_eq!(second.post.target(target()).map(|target| target.attempt), Some(2));
    // The first process wakes up: its fence is down.
    assert_eq!(second.refused(intend(1, 0, 12), &at(11)), "STALE_ATTEMPT");
    assert_eq!(second.when(abandon(1, AbandonReason::Interrupted), &at(11)), Ok(vec![]));
    assert_eq!(second.refused(abandon(3, AbandonReason::Interrupted), &at(11)), "STALE_ATTEMPT");
}

#[test]
fn a_network_in_trouble_is_asked_again_later_each_time_and_not_before_it_wants() {
    let due = |command: PostCommand, story: &super::Story| {
        let events = story.when(command, &at(10)).expect("followed");
        match events[..] {
            [PostEvent::AttemptAbandoned { due, .. }] => due.since(t(10)).as_secs(),
            _ => panic!("{events:?}"),
        }
    };
    let first = preparing(content("x"));
    assert_eq!(due(abandon(1, not_reached()), &first), 30);
    let asked = PostCommand::AbandonAttempt {
        target: target(),
        attempt: 1,
        reason: not_reached(),
        retry_at: Some(t(40)),
    };
    assert_eq!(due(asked, &first), 1800);
    let mut story = first;
    for attempt in 1..=9 {
        let again = at(10 + u64::from(attempt) * 5);
        story = story.and(abandon(attempt, AbandonReason::Interrupted), &again);
        story = story.and(begin(), &again);
    }
    assert_eq!(due(abandon(10, not_reached()), &story), 900);
}

#[test]
fn a_picture_that_the_network_refuses_fails_the_target() {
    let failure =
        Failure { kind: FailureKind::MediaRejected, code: "400".into(), detail: "no".into() };
    let story = preparing(content("x"))
        .and(abandon(1, AbandonReason::Refused { failure: failure.clone() }), &at(10));
    assert_eq!(story.state(), &TargetState::Failed(failure));
}

#[test]
fn an_attempt_with_an_intent_is_not_abandoned() {
    let story = committing(content("x"));
    assert_eq!(story.refused(abandon(1, AbandonReason::Interrupted), &at(10)), "OUTCOME_UNKNOWN");
}

#[test]
fn a_thread_goes_out_step_by_step_in_one_attempt() {
    let story = written(thread()).and(schedule(10), &at(0)).and(begin(), &at(10));
    let story = (0..3).fold(story, |story, step| {
        story.and(intend(1, step, 11), &at(10)).and(committed(1, step), &at(10))
    });
    assert_eq!(story.state(), &TargetState::Published);
    let names: Vec<_> = story.events.iter().map(herald_kernel::Fact::name).collect();
    let end = ["commit_intended", "step_published", "target_published"];
    assert_eq!(names[names.len() - 3..], end);
}

#[test]
fn a_new_attempt_begins_at_the_first_step_that_does_not_stand() {
    let story = committing(thread())
        .and(committed(1, 0), &at(10))
        .and(abandon(1, AbandonReason::Interrupted), &at(11));
    let events = story.when(begin(), &at(11)).expect("followed");
    assert!(matches!(events[..], [PostEvent::AttemptStarted { attempt: 2, step: 1, .. }]));
    assert_eq!(story.and(begin(), &at(11)).refused(intend(2, 0, 12), &at(11)), "NOT_NEXT_STEP");
}
