//! Who may let exactly which content go out.

use super::{
    ADA, BOB, EVE, Story, at, begin, content, draft, edit, hash, preparing, schedule, scheduled,
};
use crate::{Context, Editorial, HoldReason, PostCommand, Remark, Status, TargetState};
use herald_kernel::{Instant, Personal};
use herald_terms::ApprovalPolicy;

fn under(policy: ApprovalPolicy, minutes: u64) -> Context {
    let mut context = at(minutes);
    context.policy.approval = policy;
    context
}

fn remark(text: &str) -> Remark {
    Personal::Known(text.try_into().expect("valid"))
}

fn approve(by: herald_kernel::MemberId, text: &str) -> PostCommand {
    PostCommand::Approve { by, hash: hash(text) }
}

fn in_review() -> Story {
    draft().and(PostCommand::Submit { by: ADA }, &at(0))
}

#[test]
fn a_draft_is_submitted_once() {
    let story = in_review();
    assert_eq!(story.post.status(), Some(Status::InReview));
    assert_eq!(story.when(PostCommand::Submit { by: ADA }, &at(1)), Ok(vec![]));
}

#[test]
fn what_waits_for_its_time_or_is_decided_is_not_submitted() {
    let submit = || PostCommand::Submit { by: ADA };
    assert_eq!(scheduled().refused(submit(), &at(1)), "INVALID_STATE");
    let approved = in_review().and(approve(BOB, "v1"), &at(0));
    assert_eq!(approved.refused(submit(), &at(1)), "INVALID_STATE");
}

#[test]
fn an_approval_is_of_the_content_that_was_read() {
    let edited = in_review().and(edit("other"), &at(1));
    assert_eq!(edited.refused(approve(BOB, "v1"), &at(1)), "STALE_APPROVAL");
    let approved = edited.and(approve(BOB, "other"), &at(1));
    assert_eq!(approved.post.status(), Some(Status::Approved));
    assert_eq!(approved.when(approve(EVE, "other"), &at(2)), Ok(vec![]));
}

#[test]
fn four_eyes_are_two_people() {
    let policy = under(ApprovalPolicy::FourEyes, 1);
    let story = in_review();
    assert_eq!(story.refused(approve(ADA, "v1"), &policy), "SELF_APPROVAL");
    assert_eq!(story.names(approve(BOB, "v1"), &policy), ["approved"]);
    // Who changed the words last has only read the own ones.
    let by_bob = PostCommand::Edit { content: content("b").into(), hash: hash("b"), by: BOB };
    let edited = story.and(by_bob, &at(1));
    assert_eq!(edited.refused(approve(BOB, "b"), &policy), "SELF_APPROVAL");
    assert_eq!(edited.refused(approve(ADA, "b"), &policy), "SELF_APPROVAL");
    assert_eq!(edited.names(approve(EVE, "b"), &policy), ["approved"]);
}

#[test]
fn under_the_other_policies_authors_approve_their_own_posts() {
    for policy in [ApprovalPolicy::Optional, ApprovalPolicy::Required] {
        assert_eq!(in_review().names(approve(ADA, "v1"), &under(policy, 1)), ["approved"]);
    }
}

#[test]
fn where_approval_is_owed_nothing_is_scheduled_without_it() {
    for policy in [ApprovalPolicy::Required, ApprovalPolicy::FourEyes] {
        let context = under(policy, 0);
        assert_eq!(draft().refused(schedule(10), &context), "APPROVAL_REQUIRED");
        let approved = draft().and(approve(BOB, "v1"), &context);
        assert_eq!(approved.names(schedule(10), &context), ["scheduled"]);
    }
    assert_eq!(in_review().refused(schedule(10), &at(0)), "APPROVAL_REQUIRED");
    assert_eq!(draft().names(schedule(10), &at(0)), ["scheduled"]);
}

#[test]
fn a_policy_that_became_stricter_holds_what_nobody_approved() {
    let strict = under(ApprovalPolicy::Required, 10);
    let held = scheduled().and(begin(), &strict);
    assert_eq!(held.state(), &TargetState::Held(HoldReason::ApprovalStale));
    let released = held
        .and(approve(BOB, "v1"), &strict)
        .and(PostCommand::ReleaseTarget { target: super::target() }, &strict);
    assert_eq!(released.names(begin(), &strict), ["attempt_started"]);
}

#[test]
fn changes_are_requested_of_what_is_read_and_lead_back_to_a_draft() {
    let ask = || PostCommand::RequestChanges { by: BOB, comment: remark("shorter, please") };
    let back = in_review().and(ask(), &at(1));
    assert_eq!(back.post.editorial(), Some(Editorial::Draft));
    assert_eq!(back.refused(ask(), &at(2)), "INVALID_STATE");
    let approved = draft().and(approve(BOB, "v1"), &at(0)).and(schedule(10), &at(0));
    assert_eq!(approved.names(ask(), &at(1)), ["unscheduled", "changes_requested"]);
    assert_eq!(approved.and(ask(), &at(1)).post.status(), Some(Status::Draft));
}

#[test]
fn a_rejected_post_waits_for_an_edit() {
    let reject = || PostCommand::Reject { by: BOB, reason: remark("not ours") };
    let rejected = in_review().and(reject(), &at(1));
    assert_eq!(rejected.post.status(), Some(Status::Rejected));
    assert_eq!(rejected.when(reject(), &at(1)), Ok(vec![]));
    assert_eq!(rejected.refused(approve(BOB, "v1"), &at(1)), "INVALID_STATE");
    assert_eq!(rejected.refused(schedule(10), &at(1)), "INVALID_STATE");
    let edited = rejected.and(edit("better"), &at(2));
    assert_eq!(edited.post.status(), Some(Status::Draft));
    assert_eq!(draft().refused(reject(), &at(1)), "INVALID_STATE");
}

#[test]
fn what_is_on_its_way_is_not_sent_back() {
    let story = preparing(content("hello"));
    let ask = PostCommand::RequestChanges { by: BOB, comment: remark("wait") };
    assert_eq!(story.refused(ask, &at(10)), "IN_FLIGHT");
}

#[test]
fn a_stale_approval_never_reaches_the_wire() {
    let strict = under(ApprovalPolicy::Required, 10);
    let story = preparing(content("hello"));
    let deadline: Instant = super::t(11);
    let intend = PostCommand::IntendCommit {
        target: super::target(),
        attempt: 1,
        step: 0,
        deadline,
        marker: hash("m"),
    };
    assert_eq!(story.refused(intend, &strict), "STALE_APPROVAL");
}
