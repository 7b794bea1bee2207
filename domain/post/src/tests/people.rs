//! What a person decides about a target: look again, say how it went, try again.

use super::{
    BOB, Story, at, begin, committed, committing, content, edit, intend, preparing, reconciling,
    remote, scheduled, target, thread, unknown, verdict,
};
use crate::{
    HumanReason, Lookup, PostCommand, PostEvent, Resolution, Status, TargetState, UnknownCause,
    Verdict,
};
use herald_terms::ApprovalPolicy;

fn resolve(resolution: Resolution) -> PostCommand {
    PostCommand::ResolveByPerson { target: target(), by: BOB, resolution }
}

fn look_again() -> PostCommand {
    PostCommand::Reconcile { target: target(), by: BOB }
}

fn retry() -> PostCommand {
    PostCommand::RetryTarget { target: target(), by: BOB }
}

fn asked() -> Story {
    let candidates = vec![remote(1), remote(2)];
    let lookup = Lookup::Ambiguous { candidates };
    reconciling(content("x"))
        .and(PostCommand::RecordLookup { target: target(), step: 0, lookup }, &at(12))
}

#[test]
fn a_person_says_which_post_it_is() {
    let story = asked().and(resolve(Resolution::Published(remote(2))), &at(20));
    assert_eq!(story.state(), &TargetState::Published);
    let root = story.post.target(target()).and_then(|target| target.root().cloned());
    assert_eq!(root.map(|root| root.remote), Some(remote(2)));
    assert_eq!(story.refused(resolve(Resolution::NotPublished), &at(21)), "INVALID_STATE");
}

#[test]
fn what_a_person_does_not_find_may_be_tried_again_or_mended() {
    let story = asked().and(resolve(Resolution::NotPublished), &at(20));
    assert_eq!(story.state(), &TargetState::NotPublished);
    assert_eq!(story.names(edit("other"), &at(21)), ["content_revised"]);
    let again = story.and(retry(), &at(200)).and(begin(), &at(200));
    assert_eq!(again.names(intend(2, 0, 201), &at(200)), ["commit_intended"]);
}

#[test]
fn nobody_can_say_that_it_is_not_there_while_it_may_still_be_sent() {
    let cause = UnknownCause::NoAnswer { seen: "reset".into() };
    let early = committing(content("x")).and(verdict(1, 0, Verdict::Unknown { cause }), &at(10));
    assert_eq!(early.refused(resolve(Resolution::NotPublished), &at(10)), "DEADLINE_AHEAD");
    assert_eq!(early.and(resolve(Resolution::NotPublished), &at(11)).state_name(), "not_published");
}

#[test]
fn a_target_that_is_left_asks_for_nothing_more_but_can_still_be_resolved() {
    let left = asked().and(resolve(Resolution::Leave), &at(20));
    let expected = TargetState::NeedsHuman { reason: HumanReason::Ambiguous, left: true };
    assert_eq!((left.state(), left.post.status()), (&expected, Some(Status::Failed)));
    assert_eq!(left.when(resolve(Resolution::Leave), &at(21)), Ok(vec![]));
    assert_eq!(left.refused(retry(), &at(21)), "OUTCOME_UNKNOWN");
    assert_eq!(left.refused(edit("other"), &at(21)), "IN_FLIGHT");
    let resolved = left.and(resolve(Resolution::Published(remote(1))), &at(22));
    assert_eq!(resolved.state(), &TargetState::Published);
}

#[test]
fn an_unknown_outcome_can_be_left_before_anybody_looked() {
    let left = unknown(content("x")).and(resolve(Resolution::Leave), &at(20));
    let reason = HumanReason::Inconclusive;
    assert_eq!(left.state(), &TargetState::NeedsHuman { reason, left: true });
}

#[test]
fn one_post_on_the_network_is_not_two_steps() {
    let cause = UnknownCause::NoAnswer { seen: "reset".into() };
    let story = committing(thread())
        .and(committed(1, 0), &at(10))
        .and(intend(1, 1, 11), &at(10))
        .and(verdict(1, 1, Verdict::Unknown { cause }), &at(10));
    let root = resolve(Resolution::Published(remote(0)));
    assert_eq!(story.refused(root, &at(12)), "REMOTE_IN_USE");
    let second = story.and(resolve(Resolution::Published(remote(1))), &at(12));
    assert_eq!(second.state(), &TargetState::Due);
}

#[test]
fn a_person_can_ask_to_look_again_and_the_clock_starts_anew() {
    for story in [asked(), unknown(content("x"))] {
        let looking = story.and(look_again(), &at(400));
        assert_eq!(looking.state(), &TargetState::Reconciling);
        assert_eq!(looking.when(look_again(), &at(400)), Ok(vec![]));
        let lookup = Lookup::Inconclusive { cause: "503".into() };
        let nothing = PostCommand::RecordLookup { target: target(), step: 0, lookup };
        assert_eq!(looking.and(nothing, &at(401)).state(), &TargetState::Reconciling);
    }
    for story in [scheduled(), preparing(content("x"))] {
        assert_eq!(story.refused(look_again(), &at(10)), "INVALID_STATE");
        assert_eq!(story.refused(resolve(Resolution::Leave), &at(10)), "INVALID_STATE");
    }
}

#[test]
fn what_was_absent_and_is_asked_for_again_stays_with_the_person_until_it_is_found() {
    let absent = |minutes| PostCommand::RecordLookup {
        target: target(),
        step: 0,
        lookup: Lookup::Absent { listed_at: super::t(minutes), complete: true },
    };
    // Too late to go out again by itself.
    let human = reconciling(content("x")).and(absent(70), &at(70)).and(absent(71), &at(71));
    let looking = human.and(look_again(), &at(80));
    let still = looking.clone().and(absent(80), &at(80));
    assert_eq!(still.state_name(), "needs_human");
    let lookup = Lookup::Found(remote(0));
    let found = PostCommand::RecordLookup { target: target(), step: 0, lookup };
    assert_eq!(looking.and(found, &at(80)).state(), &TargetState::Published);
}

#[test]
fn a_retry_is_for_what_is_proven_not_to_be_there() {
    let missed = scheduled().and(PostCommand::MarkMissed { target: target() }, &at(71));
    let events = missed.when(retry(), &at(80)).expect("followed");
    assert!(matches!(events[..], [PostEvent::RetryAuthorized { .. }]));
    // Lateness counts from the person's word.
    let due = missed.and(retry(), &at(80));
    assert_eq!(due.names(begin(), &at(81)), ["attempt_started"]);
    assert_eq!(due.when(retry(), &at(81)), Ok(vec![]));

    let published = committing(content("x")).and(committed(1, 0), &at(10));
    for story in [scheduled(), preparing(content("x")), published] {
        assert_eq!(story.refused(retry(), &at(10)), "INVALID_STATE");
    }
    let unknown_ones =
        [committing(content("x")), unknown(content("x")), reconciling(content("x")), asked()];
    for story in unknown_ones {
        assert_eq!(story.refused(retry(), &at(20)), "OUTCOME_UNKNOWN");
    }
}

#[test]
fn a_retry_needs_the_approval_that_the_account_asks_for_today() {
    let mut strict = at(80);
    strict.policy.approval = ApprovalPolicy::Required;
    let missed = scheduled().and(PostCommand::MarkMissed { target: target() }, &at(71));
    assert_eq!(missed.refused(retry(), &strict), "APPROVAL_REQUIRED");
}

#[test]
fn what_a_person_was_asked_about_never_goes_out_again_without_one() {
    // Two posts matched; now none does: perhaps somebody removed them on purpose.
    let absent = |minutes| PostCommand::RecordLookup {
        target: target(),
        step: 0,
        lookup: Lookup::Absent { listed_at: super::t(minutes), complete: true },
    };
    let story = asked().and(look_again(), &at(20)).and(absent(26), &at(26));
    let story = story.and(absent(27), &at(27));
    let reason = HumanReason::AbsentNoResend;
    assert_eq!(story.state(), &TargetState::NeedsHuman { reason, left: false });
}
