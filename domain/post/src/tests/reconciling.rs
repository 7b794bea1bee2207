//! Looking an unknown outcome up, and what absence proves.

use super::{
    BOB, Story, at, begin, committed, committing, content, intend, picture, reconciling, remote,
    scheduled, step, t, target, thread, unknown, verdict, written,
};
use crate::{
    Content, Evidence, HumanReason, Lookup, PostCommand, PostEvent, StepContent, TargetState,
    UnknownCause, Verdict,
};
use herald_kernel::Instant;
use std::time::Duration;

fn lookup(lookup: Lookup) -> PostCommand {
    PostCommand::RecordLookup { target: target(), step: 0, lookup }
}

fn absent_at(listed_at: Instant) -> PostCommand {
    lookup(Lookup::Absent { listed_at, complete: true })
}

fn absent(minutes: u64) -> PostCommand {
    absent_at(t(minutes))
}

fn incomplete(minutes: u64) -> PostCommand {
    lookup(Lookup::Absent { listed_at: t(minutes), complete: false })
}

fn inconclusive() -> PostCommand {
    lookup(Lookup::Inconclusive { cause: "503".into() })
}

fn needs(reason: HumanReason) -> TargetState {
    TargetState::NeedsHuman { reason, left: false }
}

fn look(story: Story, minutes: u64) -> Story {
    story.and(PostCommand::BeginReconcile { target: target() }, &at(minutes))
}

fn absent_twice(story: Story) -> Story {
    story.and(absent(26), &at(26)).and(absent(27), &at(27))
}

#[test]
fn a_look_up_begins_once_and_only_where_an_outcome_is_unknown() {
    let story = reconciling(content("x"));
    assert_eq!(story.state(), &TargetState::Reconciling);
    assert_eq!(story.when(PostCommand::BeginReconcile { target: target() }, &at(12)), Ok(vec![]));
    for story in [scheduled(), committing(content("x"))] {
        let begin = PostCommand::BeginReconcile { target: target() };
        assert_eq!(story.refused(begin, &at(12)), "INVALID_STATE");
        assert_eq!(story.refused(absent(26), &at(26)), "INVALID_STATE");
    }
    assert_eq!(unknown(content("x")).refused(absent(26), &at(26)), "INVALID_STATE");
}

#[test]
fn what_is_found_stands() {
    let found = lookup(Lookup::Found(remote(5)));
    let events = reconciling(content("x")).when(found.clone(), &at(12)).expect("followed");
    let [
        PostEvent::LookupRecorded { counts: true, .. },
        PostEvent::StepPublished { evidence, .. },
        _,
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(*evidence, Evidence::Lookup);
    let story = reconciling(content("x")).and(found, &at(12));
    assert_eq!(story.state(), &TargetState::Published);
    // The verdict comes late and says the same, or that there is a second one.
    let same = verdict(1, 0, Verdict::Committed(remote(5)));
    assert_eq!(story.when(same, &at(13)), Ok(vec![]));
    assert_eq!(story.names(committed(1, 0), &at(13)), ["duplicate_risk_found"]);
}

#[test]
fn a_look_up_is_of_the_step_in_question() {
    let lookup = Lookup::Found(remote(5));
    let wrong = PostCommand::RecordLookup { target: target(), step: 1, lookup };
    assert_eq!(reconciling(thread()).refused(wrong, &at(12)), "NOT_NEXT_STEP");
}

#[test]
fn absence_counts_only_after_the_deadline_and_the_networks_time_to_list() {
    // The deadline is at eleven past nine, and X has fifteen minutes.
    let story = reconciling(content("x"))
        .and(absent(20), &at(20))
        .and(absent(25), &at(25))
        .and(absent(26), &at(26));
    assert_eq!(story.state(), &TargetState::Reconciling);
    assert_eq!(story.and(absent(27), &at(27)).state(), &TargetState::Due);
}

#[test]
fn a_listing_that_was_begun_early_proves_nothing_however_late_it_ends() {
    let story = reconciling(content("x")).and(absent(25), &at(40)).and(absent(25), &at(41));
    assert_eq!(story.state(), &TargetState::Reconciling);
    let from_the_future = reconciling(content("x")).and(absent(90), &at(40));
    assert_eq!(from_the_future.and(absent(40), &at(40)).state(), &TargetState::Reconciling);
}

#[test]
fn an_incomplete_listing_proves_nothing() {
    let story = reconciling(content("x")).and(incomplete(26), &at(26)).and(incomplete(27), &at(27));
    assert_eq!(story.state(), &TargetState::Reconciling);
}

#[test]
fn two_listings_in_the_same_minute_are_one() {
    let soon = t(26).plus(Duration::from_secs(59));
    let story = reconciling(content("x")).and(absent(26), &at(26)).and(absent_at(soon), &at(27));
    assert_eq!(story.state(), &TargetState::Reconciling);
    let later = t(26).plus(Duration::from_secs(60));
    assert_eq!(story.and(absent_at(later), &at(27)).state(), &TargetState::Due);
}

#[test]
fn what_is_proven_absent_goes_out_again_once_with_exactly_the_same_text() {
    let story = absent_twice(reconciling(content("x")));
    assert_eq!(story.state(), &TargetState::Due);
    assert_eq!(story.refused(super::edit("other"), &at(27)), "IN_FLIGHT");
    let later = PostCommand::Reschedule { when: crate::When::Asap, by: BOB };
    assert_eq!(story.refused(later, &at(27)), "INVALID_STATE");
    let second = story.and(begin(), &at(27)).and(intend(2, 0, 28), &at(27));
    let published = second.clone().and(committed(2, 0), &at(27));
    assert_eq!(published.state(), &TargetState::Published);

    let lost = PostCommand::DeclareUnknown { target: target(), attempt: 2, step: 0 };
    let third = look(second.and(lost, &at(28)), 28).and(absent(43), &at(43));
    let third = third.and(absent(44), &at(44));
    assert_eq!(third.state(), &needs(HumanReason::AbsentNoResend));
}

#[test]
fn without_a_second_wall_a_person_decides_whether_it_goes_out_again() {
    let root = StepContent { media: vec![picture(1)], ..step("look") };
    let pictured = Content { root, ..Content::default() };
    let story = absent_twice(reconciling(pictured));
    assert_eq!(story.state(), &needs(HumanReason::AbsentNoResend));
}

#[test]
fn what_would_go_out_again_too_late_is_for_a_person() {
    let story = reconciling(content("x")).and(absent(70), &at(70)).and(absent(71), &at(71));
    assert_eq!(story.state(), &needs(HumanReason::Late));
    // In time when it was allowed, too late when it is begun.
    let due = absent_twice(reconciling(content("x"))).and(begin(), &at(71));
    assert_eq!(due.state(), &needs(HumanReason::Late));
}

#[test]
fn a_network_that_has_forgotten_the_text_is_no_wall() {
    let mut patient = at(10 + 13 * 60);
    patient.policy.late_grace_minutes = 43_200;
    let noon = t(10 + 12 * 60 + 50);
    let story = reconciling(content("x")).and(absent(26), &at(26)).and(absent_at(noon), &patient);
    assert_eq!(story.state(), &needs(HumanReason::AbsentNoResend));
}

#[test]
fn several_matches_are_for_a_person() {
    let candidates = vec![remote(1), remote(2)];
    let story = reconciling(content("x")).and(lookup(Lookup::Ambiguous { candidates }), &at(12));
    assert_eq!(story.state(), &needs(HumanReason::Ambiguous));
}

#[test]
fn a_post_that_already_stands_for_another_step_is_no_match() {
    let cause = UnknownCause::NoAnswer { seen: "reset".into() };
    let story = committing(thread())
        .and(committed(1, 0), &at(10))
        .and(intend(1, 1, 11), &at(10))
        .and(verdict(1, 1, Verdict::Unknown { cause }), &at(10));
    let root_again = Lookup::Found(remote(0));
    let found = PostCommand::RecordLookup { target: target(), step: 1, lookup: root_again };
    assert_eq!(look(story, 11).and(found, &at(12)).state(), &needs(HumanReason::Ambiguous));
}

#[test]
fn what_cannot_be_learned_for_six_hours_is_for_a_person() {
    let story = reconciling(content("x")).and(inconclusive(), &at(12));
    assert_eq!(story.state(), &TargetState::Reconciling);
    assert_eq!(story.names(inconclusive(), &at(370)), ["lookup_recorded"]);
    let given_up = story.and(inconclusive(), &at(371));
    assert_eq!(given_up.state(), &needs(HumanReason::Inconclusive));
}

#[test]
fn a_first_comment_that_is_lost_is_looked_for_like_every_other_step() {
    let cause = UnknownCause::VerdictLost;
    let two = Content { segments: vec![], ..thread() };
    let story = written(two)
        .and(super::schedule(10), &at(0))
        .and(begin(), &at(10))
        .and(intend(1, 0, 11), &at(10))
        .and(committed(1, 0), &at(10))
        .and(intend(1, 1, 11), &at(10))
        .and(verdict(1, 1, Verdict::Unknown { cause }), &at(10));
    let found = Lookup::Found(remote(1));
    let found = PostCommand::RecordLookup { target: target(), step: 1, lookup: found };
    assert_eq!(look(story, 11).and(found, &at(12)).state(), &TargetState::Published);
}
