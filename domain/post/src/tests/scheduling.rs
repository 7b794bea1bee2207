//! When a post goes out, and how it is given up before it does.

use super::{
    ADA, BOB, CONNECTION, SECOND, Story, at, begin, committed, committing, content, create_of,
    draft, hash, intend, preparing, schedule, schedule_at, scheduled, t, target, thread, unknown,
};
use crate::{
    Post, PostCommand, PostEvent, PostRefusal, Schedule, Status, TargetState, WallClock, When,
    target_id,
};
use herald_kernel::{Decider, Instant, Refusal as _, TZDB_VERSION};
use herald_terms::Quota;

fn publish_now() -> PostCommand {
    PostCommand::PublishNow { by: ADA }
}

fn reschedule(minutes: u64) -> PostCommand {
    PostCommand::Reschedule { when: When::At(t(minutes)), by: BOB }
}

fn unschedule() -> PostCommand {
    PostCommand::Unschedule { by: BOB }
}

fn cancel() -> PostCommand {
    PostCommand::Cancel { by: BOB }
}

#[test]
fn a_draft_gets_a_time_and_counts_for_the_month() {
    let events = draft().when(schedule(10), &at(0));
    let expected = PostEvent::Scheduled {
        schedule: schedule_at(10),
        content_hash: hash("v1"),
        targets: vec![target()],
        counted: true,
        by: ADA,
    };
    assert_eq!(events, Ok(vec![expected]));
    let story = scheduled();
    assert_eq!(story.post.status(), Some(Status::Scheduled));
    assert!(story.post.counted());
    assert_eq!(story.post.editable_revision(), 2);
}

#[test]
fn a_post_counts_once_however_often_it_gets_a_time() {
    let mut full = at(1);
    full.entitlements.posts_per_month = Quota::Limited(10);
    full.posts_this_month = 10;
    let refusal = draft().when(schedule(10), &full).expect_err("the month is full");
    assert_eq!(refusal.code(), "LIMIT_REACHED");
    assert!(matches!(
        refusal,
        PostRefusal::LimitReached { limit: 10, used: 10, tier_version: 1, .. }
    ));
    let again = scheduled().and(unschedule(), &at(1)).when(schedule(20), &full);
    assert!(matches!(again.as_deref(), Ok([PostEvent::Scheduled { counted: false, .. }])));
    full.posts_this_month = 9;
    assert_eq!(draft().names(schedule(10), &full), ["scheduled"]);
}

#[test]
fn a_time_that_has_passed_is_refused() {
    assert_eq!(draft().refused(schedule(0), &at(0)), "IN_THE_PAST");
    assert_eq!(scheduled().refused(reschedule(5), &at(5)), "IN_THE_PAST");
}

#[test]
fn the_same_time_again_is_already_so_and_another_one_is_a_reschedule() {
    assert_eq!(scheduled().when(schedule(10), &at(1)), Ok(vec![]));
    assert_eq!(scheduled().when(reschedule(10), &at(1)), Ok(vec![]));
    assert_eq!(scheduled().refused(schedule(20), &at(1)), "INVALID_STATE");
    let moved = scheduled().and(reschedule(20), &at(1));
    assert_eq!(moved.post.schedule(), Some(&schedule_at(20)));
    assert_eq!(moved.refused(begin(), &at(19)), "NOT_DUE");
    assert_eq!(draft().refused(reschedule(20), &at(1)), "INVALID_STATE");
}

#[test]
fn publishing_now_is_scheduling_for_now() {
    let now = draft().and(publish_now(), &at(3));
    assert_eq!(now.names(begin(), &at(3)), ["attempt_started"]);
    assert_eq!(now.when(publish_now(), &at(4)), Ok(vec![]));
    let earlier = scheduled().and(publish_now(), &at(3));
    assert_eq!(earlier.names(begin(), &at(3)), ["attempt_started"]);
    // Asked again while it is under way, there is nothing more to do.
    let begun = earlier.and(begin(), &at(3));
    assert_eq!(begun.when(publish_now(), &at(4)), Ok(vec![]));
    assert_eq!(preparing(content("x")).refused(publish_now(), &at(10)), "INVALID_STATE");
}

#[test]
fn a_missed_or_held_post_can_get_a_new_time() {
    let missed = scheduled().and(PostCommand::MarkMissed { target: target() }, &at(71));
    assert_eq!(missed.post.status(), Some(Status::Missed));
    assert_eq!(missed.and(reschedule(90), &at(71)).post.status(), Some(Status::Scheduled));
}

#[test]
fn a_time_can_be_taken_away_until_an_attempt_is_open() {
    let idle = scheduled().and(unschedule(), &at(1));
    assert_eq!((idle.state(), idle.post.schedule()), (&TargetState::Idle, None));
    assert_eq!(idle.when(unschedule(), &at(1)), Ok(vec![]));
    assert_eq!(preparing(content("x")).refused(unschedule(), &at(10)), "INVALID_STATE");
    assert_eq!(committing(content("x")).refused(reschedule(20), &at(10)), "INVALID_STATE");
}

#[test]
fn a_canceled_post_stays_canceled() {
    let canceled = scheduled().and(cancel(), &at(1));
    assert_eq!(canceled.post.status(), Some(Status::Canceled));
    assert_eq!(canceled.when(cancel(), &at(1)), Ok(vec![]));
    assert_eq!(canceled.refused(schedule(10), &at(1)), "INVALID_STATE");
    assert_eq!(canceled.refused(super::edit("x"), &at(1)), "INVALID_STATE");
    assert_eq!(canceled.refused(begin(), &at(10)), "INVALID_STATE");
    assert_eq!(canceled.refused(PostCommand::Submit { by: ADA }, &at(1)), "INVALID_STATE");
}

#[test]
fn canceling_an_open_attempt_closes_it_before_anything_is_sent() {
    let story = preparing(content("x"));
    let names = ["cancel_requested", "attempt_abandoned", "target_canceled"];
    assert_eq!(story.names(cancel(), &at(10)), names);
    let canceled = story.and(cancel(), &at(10));
    assert_eq!(canceled.refused(intend(1, 0, 11), &at(10)), "STALE_ATTEMPT");
}

#[test]
fn what_may_have_been_sent_is_not_canceled() {
    for story in [committing(content("x")), unknown(content("x"))] {
        assert_eq!(story.refused(cancel(), &at(12)), "INVALID_STATE");
    }
}

#[test]
fn canceling_the_rest_of_a_thread_leaves_what_stands() {
    let story = committing(thread()).and(committed(1, 0), &at(10)).and(cancel(), &at(10));
    assert_eq!(story.state_name(), "partially_published");
    assert_eq!(story.post.status(), Some(Status::Partial));
}

#[test]
fn canceling_gives_up_the_targets_that_are_not_on_their_way() {
    let two = Story::default()
        .and(create_of(content("x"), &[CONNECTION, SECOND]), &at(0))
        .and(schedule(10), &at(0))
        .and(begin(), &at(10))
        .and(intend(1, 0, 11), &at(10))
        .and(cancel(), &at(10));
    assert_eq!(two.state_name(), "committing");
    let second = two.post.target(target_id(super::POST, SECOND)).expect("a target");
    assert_eq!(second.state, TargetState::Canceled);
}

#[test]
fn a_new_time_zone_database_moves_what_still_waits() {
    let nine_in_vancouver = When::Local {
        local: "2026-12-01T09:00:00".parse().expect("a time"),
        zone: "America/Vancouver".parse().expect("a zone"),
    };
    let story = draft().and(PostCommand::Schedule { when: nine_in_vancouver, by: ADA }, &at(0));
    assert_eq!(story.when(PostCommand::ReResolve, &at(0)), Ok(vec![]));
    let right = story.post.schedule().expect("a schedule").clone();
    let instant: Instant = "2026-12-01T17:00:00Z".parse().expect("an instant");
    let wall = right.wall.clone().map(|wall| WallClock { tzdb: "2025b".to_owned(), ..wall });
    let old = Schedule { instant, wall, asap: false };

    let mut events = story.events;
    let Some(PostEvent::Scheduled { schedule, .. }) = events.last_mut() else {
        panic!("scheduled")
    };
    *schedule = old.clone();
    let story = Story { post: Post::fold(&events), events };
    let targets = vec![target()];
    let moved =
        PostEvent::ScheduleReResolved { schedule: right.clone(), was: old.instant, targets };
    assert_eq!(story.when(PostCommand::ReResolve, &at(0)), Ok(vec![moved]));
    let story = story.and(PostCommand::ReResolve, &at(0));
    assert_eq!(story.post.schedule(), Some(&right));
    assert_eq!(right.wall.map(|wall| wall.tzdb), Some(TZDB_VERSION.to_owned()));
    assert_eq!(story.post.target(target()).and_then(|target| target.due), Some(right.instant));
}
