//! How a whole post stands, from how its targets stand.

use super::{
    BOB, CONNECTION, POST, SECOND, Story, at, begin, committed, content, create_of, intend, ready,
    remote, schedule, target, verdict,
};
use crate::{HoldReason, PostCommand, Proof, Rejection, Status, UnknownCause, Verdict, target_id};

fn second() -> herald_kernel::TargetId {
    target_id(POST, SECOND)
}

fn two() -> Story {
    Story::default()
        .and(create_of(content("x"), &[CONNECTION, SECOND]), &at(0))
        .and(schedule(10), &at(0))
}

fn first_sent() -> Story {
    two().and(begin(), &at(10)).and(intend(1, 0, 11), &at(10))
}

fn first_published() -> Story {
    first_sent().and(committed(1, 0), &at(10))
}

fn status(story: &Story) -> Status {
    story.post.status().expect("it exists")
}

#[test]
fn a_post_with_a_target_in_flight_is_being_published() {
    assert_eq!(status(&two().and(begin(), &at(10))), Status::Publishing);
    assert_eq!(status(&first_sent()), Status::Publishing);
}

#[test]
fn a_post_with_an_unknown_outcome_needs_attention_even_beside_a_published_target() {
    let cause = UnknownCause::NoAnswer { seen: "reset".into() };
    let unknown = first_sent().and(verdict(1, 0, Verdict::Unknown { cause }), &at(10));
    assert_eq!(status(&unknown), Status::NeedsAttention);
}

#[test]
fn a_post_is_published_when_all_of_its_targets_are() {
    let story = first_published();
    assert_eq!(status(&story), Status::Scheduled);
    let marker = super::hash("marker");
    let deadline = super::t(11);
    let target = second();
    let story = story
        .and(PostCommand::BeginAttempt { target, preflight: ready() }, &at(10))
        .and(PostCommand::IntendCommit { target, attempt: 1, step: 0, deadline, marker }, &at(10));
    let published = Verdict::Committed(remote(9));
    let record = PostCommand::RecordVerdict { target, attempt: 1, step: 0, verdict: published };
    let story = story.and(record, &at(10));
    assert_eq!(status(&story), Status::Published);
    let one_removed = story.and(PostCommand::ObserveRemoval { target }, &at(20));
    assert_eq!(status(&one_removed), Status::Published);
}

#[test]
fn a_post_of_which_some_targets_stand_and_the_others_do_not_is_partial() {
    let missed = first_published().and(PostCommand::MarkMissed { target: second() }, &at(71));
    assert_eq!(status(&missed), Status::Partial);
}

#[test]
fn a_post_that_waits_in_one_place_is_not_finished() {
    let held = PostCommand::HoldTarget { target: second(), reason: HoldReason::Billing };
    assert_eq!(status(&first_published().and(held, &at(11))), Status::Held);
}

#[test]
fn of_several_ways_not_to_be_published_the_gravest_names_the_post() {
    let refused = Rejection {
        proof: Proof::Invalid,
        code: "400".into(),
        detail: "no".into(),
        retry_at: None,
    };
    let failed = first_sent().and(verdict(1, 0, Verdict::Rejected(refused)), &at(10));
    let both = failed.and(PostCommand::MarkMissed { target: second() }, &at(71));
    assert_eq!(status(&both), Status::Failed);

    let missed = two().and(PostCommand::MarkMissed { target: target() }, &at(71));
    let rest = missed
        .and(PostCommand::HoldTarget { target: second(), reason: HoldReason::ClientHold }, &at(71));
    assert_eq!(status(&rest), Status::Held);
    let canceled = two().and(PostCommand::Cancel { by: BOB }, &at(1));
    assert_eq!(status(&canceled), Status::Canceled);
}

#[test]
fn names_are_distinct_and_snake_case() {
    let all = [
        Status::Draft,
        Status::InReview,
        Status::Approved,
        Status::Rejected,
        Status::Scheduled,
        Status::Held,
        Status::Publishing,
        Status::NeedsAttention,
        Status::Published,
        Status::Partial,
        Status::Failed,
        Status::Missed,
        Status::Canceled,
        Status::RemoteRemoved,
    ];
    let mut names: Vec<_> = all.iter().map(|status| status.name()).collect();
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
}
