//! What the log keeps: stored names, payloads, and that every event is believed.

use super::{
    ADA, Story, at, begin, committed, committing, content, draft, edit, hash, intend, preparing,
    ready, reconciling, remote, schedule_at, scheduled, t, target, thread, unknown, verdict,
};
use crate::{
    AbandonReason, HoldReason, Lookup, Post, PostCommand, PostEvent, Preflight, Proof, Rejection,
    Resolution, Resource, Verdict, When,
};
use herald_kernel::{Decider, Fact, Personal};
use std::collections::BTreeSet;

/// Histories that together hold every event.
fn histories() -> Vec<Vec<PostEvent>> {
    let stories = [editorial(), waiting(), attempted(), looked_up()].concat();
    let mut histories: Vec<_> = stories.into_iter().map(|story| story.events).collect();
    histories.push(vec![moved()]);
    histories
}

fn editorial() -> Vec<Story> {
    let by = ADA;
    let review = draft().and(PostCommand::Submit { by }, &at(0));
    let remark = Personal::Known("no".try_into().expect("valid"));
    let rescheduled = PostCommand::Reschedule { when: When::At(t(20)), by };
    vec![
        review.clone().and(PostCommand::Reject { by, reason: remark.clone() }, &at(1)),
        review.and(PostCommand::RequestChanges { by, comment: remark }, &at(1)),
        draft().and(PostCommand::Approve { by, hash: hash("v1") }, &at(0)),
        scheduled().and(rescheduled, &at(1)).and(edit("other"), &at(2)),
    ]
}

fn waiting() -> Vec<Story> {
    let (by, target) = (ADA, target());
    let preflight = Preflight { media_ready: false, ..ready() };
    vec![
        scheduled()
            .and(PostCommand::HoldTarget { target, reason: HoldReason::Billing }, &at(1))
            .and(PostCommand::ReleaseTarget { target }, &at(2))
            .and(PostCommand::Cancel { by }, &at(3)),
        scheduled().and(begin(), &at(100)).and(PostCommand::RetryTarget { target, by }, &at(101)),
        scheduled().and(PostCommand::BeginAttempt { target, preflight }, &at(10)),
    ]
}

fn attempted() -> Vec<Story> {
    let (by, target) = (ADA, target());
    let resource = Resource { kind: "picture".into(), remote_id: "m".into(), expires_at: None };
    let prepared = PostCommand::RecordPrepared { target, attempt: 1, step: 0, resource };
    let reason = AbandonReason::Interrupted;
    let interrupted = PostCommand::AbandonAttempt { target, attempt: 1, reason, retry_at: None };
    let (code, detail) = ("400".to_owned(), "no".to_owned());
    let rejection = Rejection { proof: Proof::Invalid, code, detail, retry_at: None };
    vec![
        preparing(content("x")).and(prepared, &at(10)).and(interrupted, &at(10)),
        committing(content("x"))
            .and(committed(1, 0), &at(10))
            .and(PostCommand::ObserveRemoval { target }, &at(20)),
        committing(thread()).and(committed(1, 0), &at(10)).and(PostCommand::Cancel { by }, &at(10)),
        committing(content("x")).and(verdict(1, 0, Verdict::Rejected(rejection)), &at(10)),
    ]
}

fn looked_up() -> Vec<Story> {
    let (by, target) = (ADA, target());
    let absent = |minutes| {
        let lookup = Lookup::Absent { listed_at: t(minutes), complete: true };
        PostCommand::RecordLookup { target, step: 0, lookup }
    };
    let resolution = Resolution::Published(remote(0));
    vec![
        unknown(content("x")).and(committed(1, 0), &at(12)),
        reconciling(content("x"))
            .and(absent(26), &at(26))
            .and(absent(27), &at(27))
            .and(committed(1, 0), &at(28))
            .and(PostCommand::ResolveByPerson { target, by, resolution }, &at(30)),
    ]
}

/// Needs two releases of the time-zone database to come about.
fn moved() -> PostEvent {
    let schedule = schedule_at(20);
    PostEvent::ScheduleReResolved { schedule, was: t(10), targets: vec![target()] }
}

#[test]
fn the_histories_hold_every_event() {
    let seen: BTreeSet<_> = histories().iter().flatten().map(Fact::name).collect();
    let all: BTreeSet<_> = PostEvent::NAMES.iter().copied().collect();
    assert_eq!(seen, all);
    assert_eq!(all.len(), PostEvent::NAMES.len());
}

#[test]
fn every_event_reads_back_as_it_was_written_under_its_stored_name() {
    for event in histories().iter().flatten() {
        let json = serde_json::to_value(event).expect("serialises");
        assert_eq!(json["type"], event.name());
        assert_eq!(&serde_json::from_value::<PostEvent>(json).expect("reads back"), event);
    }
}

#[test]
fn every_event_but_a_wish_changes_the_post() {
    for history in histories() {
        let mut post = Post::default();
        let moved = matches!(history[..], [PostEvent::ScheduleReResolved { .. }]);
        if moved {
            post = scheduled().post;
        }
        for event in &history {
            let before = post.clone();
            post.evolve(event);
            // An abandoned target is changed back by what follows; a wish and an uncounted look-up
            // are notes.
            let note = matches!(
                event,
                PostEvent::CancelRequested { .. }
                    | PostEvent::ResolvedByPerson { .. }
                    | PostEvent::LookupRecorded { counts: false, .. }
            );
            assert!(note || post != before, "{event:?}");
        }
    }
}

#[test]
fn what_a_post_says_is_marked_as_personal_and_never_printed() {
    let story = draft();
    let json = serde_json::to_value(&story.events[0]).expect("serialises");
    assert_eq!(json["content"]["$personal"]["root"]["text"], "hello");
    assert_eq!(json["content_hash"], "hash of v1");
    for printed in [format!("{:?}", story.events), format!("{:?}", edit("hello"))] {
        assert!(!printed.contains("\"hello\""), "{printed}");
    }
    let printed = format!("{:?}", story.post);
    assert!(!printed.contains("hello"), "{printed}");
}

#[test]
fn a_stored_event_is_flat_and_says_which_target_attempt_and_step() {
    let story = preparing(content("x")).and(intend(1, 0, 11), &at(10));
    let json = serde_json::to_value(story.events.last()).expect("serialises");
    let expected = serde_json::json!({
        "type": "commit_intended",
        "target": target().to_string(),
        "attempt": 1,
        "step": 0,
        "content_hash": "hash of v1",
        "marker": "hash of marker",
        "deadline": "2026-11-21T09:11:00.000000Z",
        "at": "2026-11-21T09:10:00.000000Z",
    });
    assert_eq!(json, expected);
}
