//! Writing a post and changing what it says.

use super::{
    ADA, BOB, CONNECTION, POST, SECOND, Story, at, begin, committing, content, create, create_of,
    draft, edit, hash, preparing, schedule, scheduled, t, target, thread,
};
use crate::{
    AbandonReason, Content, Editorial, Post, PostCommand, PostEvent, PostRefusal, Status, StepKind,
    TargetState, target_id,
};
use herald_kernel::{Decider, Network, Personal};

#[test]
fn a_post_begins_as_a_draft_with_a_target_for_each_connection() {
    let story = Story::default().and(create_of(thread(), &[CONNECTION, SECOND]), &at(0));
    assert_eq!(story.post.status(), Some(Status::Draft));
    assert_eq!(story.post.editorial(), Some(Editorial::Draft));
    assert_eq!(story.post.author(), Some(ADA));
    assert_eq!(story.post.editable_revision(), 1);
    assert_eq!(story.post.targets().len(), 2);
    let first = story.post.target_on(CONNECTION).expect("a target");
    assert_eq!((first.id, first.network), (target_id(POST, CONNECTION), Network::X));
    assert_eq!((first.steps.len(), &first.state), (3, &TargetState::Idle));
}

#[test]
fn nothing_can_be_asked_of_a_post_that_does_not_exist() {
    let none = Story::default();
    assert_eq!(none.refused(edit("other"), &at(0)), "NOT_FOUND");
    assert_eq!(none.refused(begin(), &at(0)), "NOT_FOUND");
    assert_eq!(none.post.status(), None);
    assert_eq!((none.post.account(), none.post.editable_revision()), (None, 0));
}

#[test]
fn a_post_is_created_once() {
    assert_eq!(draft().refused(create(), &at(0)), "ALREADY_EXISTS");
}

#[test]
fn a_post_goes_somewhere_and_to_each_connection_once() {
    let none = Story::default();
    assert_eq!(none.refused(create_of(content("x"), &[]), &at(0)), "NO_TARGETS");
    let twice = create_of(content("x"), &[CONNECTION, SECOND, CONNECTION]);
    assert_eq!(none.refused(twice, &at(0)), "DUPLICATE_TARGET");
}

#[test]
fn what_no_network_takes_is_named_once_however_many_targets_there_are() {
    let create = create_of(content(&"x".repeat(281)), &[CONNECTION, SECOND]);
    let refusal = Story::default().when(create, &at(0)).expect_err("too long");
    let PostRefusal::Invalid(violations) = &refusal else { panic!("{refusal:?}") };
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].code, "TEXT_TOO_LONG");
    assert_eq!(refusal.to_string(), violations[0].message);
}

#[test]
fn an_edit_is_a_new_revision_and_clears_the_approval_and_the_schedule() {
    let approve = PostCommand::Approve { by: BOB, hash: hash("v1") };
    let story = draft().and(approve, &at(0)).and(schedule(10), &at(0));
    assert_eq!(story.names(edit("other"), &at(1)), ["unscheduled", "content_revised"]);
    let edited = story.and(edit("other"), &at(1));
    assert_eq!(edited.post.editorial(), Some(Editorial::Draft));
    assert_eq!(edited.post.status(), Some(Status::Draft));
    assert_eq!((edited.post.schedule(), edited.state()), (None, &TargetState::Idle));
    assert_eq!(edited.post.editable_revision(), 4);
    assert_eq!(edited.post.content(), Some(&content("other")));
}

#[test]
fn the_same_content_again_is_already_so() {
    let same = PostCommand::Edit { content: content("hello").into(), hash: hash("v1"), by: ADA };
    assert_eq!(scheduled().when(same, &at(1)), Ok(vec![]));
}

#[test]
fn content_that_is_on_its_way_is_settled() {
    for story in [preparing(content("hello")), committing(content("hello"))] {
        assert_eq!(story.refused(edit("other"), &at(10)), "IN_FLIGHT");
    }
}

#[test]
fn a_failed_post_can_be_mended_and_scheduled_again() {
    let failed = PostCommand::AbandonAttempt {
        target: target(),
        attempt: 1,
        reason: AbandonReason::Refused {
            failure: crate::Failure {
                kind: crate::FailureKind::MediaRejected,
                code: "BAD".to_owned(),
                detail: "no".to_owned(),
            },
        },
        retry_at: None,
    };
    let story = preparing(content("hello")).and(failed, &at(10));
    assert_eq!(story.post.status(), Some(Status::Failed));
    let again = story.and(edit("other"), &at(11)).and(schedule(20), &at(11));
    assert_eq!(again.post.status(), Some(Status::Scheduled));
    let started = again.and(begin(), &at(20));
    assert_eq!(started.post.target(target()).map(|target| target.attempt), Some(2));
}

#[test]
fn what_was_erased_cannot_be_created_edited_or_sent() {
    let forgotten = PostCommand::Edit { content: Personal::Forgotten, hash: hash("x"), by: ADA };
    assert_eq!(draft().refused(forgotten, &at(0)), "CONTENT_FORGOTTEN");
    let mut erased = scheduled().events;
    let PostEvent::Created { content, .. } = &mut erased[0] else { panic!("created first") };
    *content = Personal::Forgotten;
    let story = Story { post: Post::fold(&erased), events: erased };
    assert_eq!(story.post.content(), None);
    let events = story.when(begin(), &at(10)).expect("followed");
    assert!(matches!(&events[..], [PostEvent::TargetFailed { failure, .. }]
        if failure.code == "CONTENT_FORGOTTEN"));
}

#[test]
fn the_publisher_reads_what_to_send_next_from_the_post() {
    let pictured = Content { made_with_ai: true, ..thread() };
    let story = committing(pictured);
    let root = story.post.next_step(target()).expect("the root");
    assert_eq!((root.index, root.kind, root.text.as_str()), (0, StepKind::Root, "root"));
    assert_eq!((root.reply_to, root.made_with_ai), (None, true));
    let (step, intent) = story.post.intent(target()).expect("the intent");
    assert_eq!((step, intent.deadline), (0, t(11)));

    let story = story.and(super::committed(1, 0), &at(10));
    let second = story.post.next_step(target()).expect("the segment");
    assert_eq!((second.index, second.kind), (1, StepKind::Segment));
    assert_eq!(second.reply_to.as_deref(), Some("1000"));

    let story = story.and(super::intend(1, 1, 12), &at(11));
    let story = story.and(super::committed(1, 1), &at(11));
    let comment = story.post.next_step(target()).expect("the comment");
    assert_eq!((comment.index, comment.kind), (2, StepKind::FirstComment));
    // The first comment answers the root, not the end of the thread.
    assert_eq!(comment.reply_to.as_deref(), Some("1000"));
    assert_eq!(story.post.step_plan(target(), 1), Some(second));
}
