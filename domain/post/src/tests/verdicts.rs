//! What the one attempt on the wire came to, however late it is known.

use super::{
    BOB, Story, at, begin, committed, committing, content, intend, preparing, ready, reconciling,
    remote, scheduled, t, target, thread, unknown, verdict,
};
use crate::{
    Evidence, FailureKind, HoldReason, HumanReason, Lookup, PostCommand, PostEvent, Preflight,
    Proof, Readiness, Rejection, Remote, Resolution, TargetState, UnknownCause, Verdict,
};

fn rejection(proof: Proof) -> Rejection {
    Rejection { proof, code: "403".into(), detail: "no".into(), retry_at: None }
}

fn rejected(attempt: u32, proof: Proof) -> PostCommand {
    verdict(attempt, 0, Verdict::Rejected(rejection(proof)))
}

fn no_answer(attempt: u32) -> PostCommand {
    let cause = UnknownCause::NoAnswer { seen: "reset".into() };
    verdict(attempt, 0, Verdict::Unknown { cause })
}

fn declare(attempt: u32, step: u16) -> PostCommand {
    PostCommand::DeclareUnknown { target: target(), attempt, step }
}

fn absent(minutes: u64) -> PostCommand {
    let lookup = Lookup::Absent { listed_at: t(minutes), complete: true };
    PostCommand::RecordLookup { target: target(), step: 0, lookup }
}

fn other() -> Remote {
    remote(77)
}

/// Looked for twice and not found: it goes out again, and the second attempt is open.
fn resending() -> Story {
    reconciling(content("x"))
        .and(absent(26), &at(26))
        .and(absent(27), &at(27))
        .and(begin(), &at(27))
}

#[test]
fn a_committed_step_stands_and_the_last_one_publishes_the_target() {
    let events = committing(content("x")).when(committed(1, 0), &at(10));
    let step = PostEvent::StepPublished {
        target: target(),
        attempt: 1,
        step: 0,
        remote: remote(0),
        evidence: Evidence::Verdict,
        at: t(10),
    };
    let published = PostEvent::TargetPublished { target: target(), remote: remote(0), at: t(10) };
    assert_eq!(events, Ok(vec![step, published]));
}

#[test]
fn a_verdict_is_taken_once() {
    let story = committing(content("x")).and(committed(1, 0), &at(10));
    assert_eq!(story.when(committed(1, 0), &at(11)), Ok(vec![]));
    assert_eq!(story.when(rejected(1, Proof::Invalid), &at(11)), Ok(vec![]));
    assert_eq!(story.when(no_answer(1), &at(11)), Ok(vec![]));
}

#[test]
fn a_verdict_needs_an_intent() {
    assert_eq!(preparing(content("x")).refused(committed(1, 0), &at(10)), "NO_INTENT");
    assert_eq!(committing(content("x")).refused(committed(2, 0), &at(10)), "NO_INTENT");
    assert_eq!(committing(content("x")).refused(committed(1, 9), &at(10)), "NO_INTENT");
}

#[test]
fn what_provably_never_left_is_tried_again_by_itself() {
    let story = committing(content("x")).and(rejected(1, Proof::NotSent), &at(10));
    assert_eq!(story.state(), &TargetState::Due);
    assert_eq!(story.refused(begin(), &at(10)), "NOT_DUE");
    let again = story.and(begin(), &at(11)).and(intend(2, 0, 12), &at(11));
    assert_eq!(again.state(), &TargetState::Committing);
}

#[test]
fn a_network_that_says_until_when_holds_the_target_until_then() {
    let limited = Rejection { retry_at: Some(t(25)), ..rejection(Proof::RateLimited) };
    let story = committing(content("x")).and(verdict(1, 0, Verdict::Rejected(limited)), &at(10));
    assert_eq!(story.state(), &TargetState::Held(HoldReason::PlatformQuota { until: t(25) }));
    let released = story.and(PostCommand::ReleaseTarget { target: target() }, &at(25));
    assert_eq!(released.names(begin(), &at(25)), ["attempt_started"]);
}

#[test]
fn a_token_that_was_not_taken_sent_nothing_so_the_target_is_due_again() {
    let story = committing(content("x")).and(rejected(1, Proof::Unauthorized), &at(10));
    assert_eq!(story.state(), &TargetState::Due);
    assert_eq!(story.refused(begin(), &at(10)), "NOT_DUE");
    let gone = Preflight { publishing: Readiness::Held(HoldReason::NeedsReauth), ..ready() };
    let begin = PostCommand::BeginAttempt { target: target(), preflight: gone };
    assert_eq!(story.names(begin, &at(11)), ["target_held"]);
}

#[test]
fn every_other_proven_refusal_fails_the_target_and_says_why() {
    for (proof, kind) in [
        (Proof::Forbidden, FailureKind::Permission),
        (Proof::RateLimited, FailureKind::Quota),
        (Proof::Invalid, FailureKind::PlatformErrorProven),
        (Proof::Duplicate, FailureKind::Policy),
        (Proof::Policy, FailureKind::Policy),
    ] {
        let story = committing(content("x")).and(rejected(1, proof), &at(10));
        let TargetState::Failed(failure) = story.state() else { panic!("{:?}", story.state()) };
        assert_eq!((failure.kind, failure.code.as_str()), (kind, "403"));
        assert_eq!(story.names(retry(), &at(11)), ["retry_authorized"]);
    }
}

fn retry() -> PostCommand {
    PostCommand::RetryTarget { target: target(), by: BOB }
}

#[test]
fn a_later_step_that_fails_leaves_the_earlier_ones_published() {
    let refused = Verdict::Rejected(rejection(Proof::Invalid));
    let story = committing(thread())
        .and(committed(1, 0), &at(10))
        .and(intend(1, 1, 11), &at(10))
        .and(verdict(1, 1, refused), &at(10));
    assert_eq!(story.state_name(), "partially_published");
    let root = story.post.target(target()).and_then(|target| target.root().cloned());
    assert_eq!(root.map(|root| root.remote), Some(remote(0)));
    let events = story.and(retry(), &at(20)).when(begin(), &at(20)).expect("followed");
    assert!(matches!(events[..], [PostEvent::AttemptStarted { attempt: 2, step: 1, .. }]));
}

#[test]
fn an_outcome_that_was_not_seen_is_unknown_and_no_failure() {
    let story = committing(content("x")).and(no_answer(1), &at(10));
    assert_eq!(story.state(), &TargetState::OutcomeUnknown);
    assert_eq!(story.when(no_answer(1), &at(10)), Ok(vec![]));
    assert_eq!(story.refused(begin(), &at(60)), "OUTCOME_UNKNOWN");
    assert_eq!(story.refused(retry(), &at(60)), "OUTCOME_UNKNOWN");
    assert_eq!(story.refused(intend(1, 0, 60), &at(30)), "OUTCOME_UNKNOWN");
    assert_eq!(story.refused(intend(2, 0, 60), &at(30)), "OUTCOME_UNKNOWN");
}

#[test]
fn a_lost_verdict_is_unknown_once_its_deadline_has_passed_and_not_before() {
    let story = committing(content("x"));
    assert_eq!(story.refused(declare(1, 0), &at(10)), "DEADLINE_AHEAD");
    assert_eq!(story.names(declare(1, 0), &at(11)), ["outcome_unknown"]);
    assert_eq!(unknown(content("x")).when(declare(1, 0), &at(12)), Ok(vec![]));
    assert_eq!(scheduled().refused(declare(1, 0), &at(11)), "NO_INTENT");
}

#[test]
fn a_verdict_that_comes_after_all_is_believed() {
    for story in [unknown(content("x")), reconciling(content("x"))] {
        assert_eq!(story.clone().and(committed(1, 0), &at(12)).state(), &TargetState::Published);
        let failed = story.and(rejected(1, Proof::Invalid), &at(12));
        assert_eq!(failed.state_name(), "failed");
    }
}

#[test]
fn the_rest_of_a_thread_goes_on_when_its_unknown_step_turns_out_to_stand() {
    let story = unknown(thread()).and(committed(1, 0), &at(12));
    assert_eq!(story.state(), &TargetState::Due);
    let events = story.when(begin(), &at(12)).expect("followed");
    assert!(matches!(events[..], [PostEvent::AttemptStarted { attempt: 2, step: 1, .. }]));
}

#[test]
fn a_step_that_was_published_after_it_was_given_up_stops_the_second_sending() {
    let story = resending();
    let names = ["attempt_abandoned", "duplicate_risk_found", "target_needs_human"];
    assert_eq!(story.names(committed(1, 0), &at(28)), names);
    let story = story.and(committed(1, 0), &at(28));
    let human = TargetState::NeedsHuman { reason: HumanReason::DuplicateRisk, left: false };
    assert_eq!(story.state(), &human);
    assert_eq!(story.when(committed(1, 0), &at(29)), Ok(vec![]));
    assert_eq!(story.refused(intend(2, 0, 40), &at(29)), "STALE_ATTEMPT");
    assert_eq!(story.refused(retry(), &at(29)), "OUTCOME_UNKNOWN");
    let this_one = Resolution::Published(remote(0));
    let by_person =
        PostCommand::ResolveByPerson { target: target(), by: BOB, resolution: this_one };
    assert_eq!(story.and(by_person, &at(30)).state(), &TargetState::Published);
}

#[test]
fn a_late_verdict_before_the_second_attempt_stops_it_too() {
    let story = reconciling(content("x")).and(absent(26), &at(26)).and(absent(27), &at(27));
    let story = story.and(committed(1, 0), &at(28));
    assert_eq!(story.state_name(), "needs_human");
    assert_eq!(story.refused(begin(), &at(28)), "OUTCOME_UNKNOWN");
}

#[test]
fn a_late_verdict_during_the_second_sending_waits_for_its_end() {
    let sending = resending().and(intend(2, 0, 40), &at(28));
    assert_eq!(sending.names(committed(1, 0), &at(28)), ["duplicate_risk_found"]);
    let story = sending.and(committed(1, 0), &at(28));
    assert_eq!(story.state(), &TargetState::Committing);
    let refused = story.clone().and(rejected(2, Proof::Duplicate), &at(29));
    let human = TargetState::NeedsHuman { reason: HumanReason::DuplicateRisk, left: false };
    assert_eq!(refused.state(), &human);
    let both = story.and(verdict(2, 0, Verdict::Committed(other())), &at(29));
    assert_eq!(both.state(), &TargetState::Published);
    let step = both.post.target(target()).and_then(|target| target.step(0).cloned());
    assert_eq!(step.and_then(|step| step.duplicate), Some(remote(0)));
}

#[test]
fn a_second_copy_is_noted_on_a_published_target_which_stays_published() {
    let published = resending()
        .and(intend(2, 0, 40), &at(28))
        .and(verdict(2, 0, Verdict::Committed(other())), &at(28));
    assert_eq!(published.names(committed(1, 0), &at(29)), ["duplicate_risk_found"]);
    let noted = published.and(committed(1, 0), &at(29));
    assert_eq!(noted.state(), &TargetState::Published);
    assert_eq!(noted.when(committed(1, 0), &at(30)), Ok(vec![]));
}

#[test]
fn a_second_sending_that_is_refused_as_a_duplicate_proves_nothing_so_a_person_decides() {
    let story = resending().and(intend(2, 0, 40), &at(28));
    let refused = story.clone().and(rejected(2, Proof::Duplicate), &at(29));
    let human = TargetState::NeedsHuman { reason: HumanReason::RefusedAsDuplicate, left: false };
    assert_eq!(refused.state(), &human);
    let failed = story.and(rejected(2, Proof::Unauthorized), &at(29));
    let human = TargetState::NeedsHuman { reason: HumanReason::AbsentNoResend, left: false };
    assert_eq!(failed.state(), &human);
}

#[test]
fn whoever_cancels_what_is_in_doubt_is_asked_to_look_first() {
    let cancel = || PostCommand::Cancel { by: BOB };
    let story = reconciling(content("x"))
        .and(absent(26), &at(26))
        .and(absent(27), &at(27))
        .and(cancel(), &at(27));
    let human = TargetState::NeedsHuman { reason: HumanReason::AbsentNoResend, left: false };
    assert_eq!(story.state(), &human);
    let resolution = Resolution::NotPublished;
    let looked = PostCommand::ResolveByPerson { target: target(), by: BOB, resolution };
    let canceled = story.clone().and(looked, &at(40)).and(cancel(), &at(40));
    assert_eq!(canceled.state(), &TargetState::Canceled);
    assert_eq!(canceled.and(committed(1, 0), &at(41)).state_name(), "needs_human");
    assert_eq!(story.and(committed(1, 0), &at(28)).state_name(), "needs_human");
}
