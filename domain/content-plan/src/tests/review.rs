//! From a proposal to posts: review, approval, materialising, the end.

use super::*;
use crate::{PlanCommand as Command, PlanEvent as Event, PlanRefusal as No, *};
use herald_kernel::{Decider, Refusal};

#[test]
fn a_proposal_is_submitted_once() {
    assert_eq!(when(&proposal(), submit()), Ok(vec![Event::Submitted { by: ada(), revision: 1 }]));
    assert_eq!(when(&in_review(), submit()), Ok(vec![]));
    assert_eq!(when(&draft(), submit()), not_when(Status::Draft));
    assert_eq!(when(&approved(), submit()), not_when(Status::Approved));
}

#[test]
fn a_plan_of_which_everything_is_rejected_is_not_submitted() {
    let plan = after(&after(&proposal(), reject(1, 2)), reject(2, 3));
    assert_eq!(when(&plan, submit()), Err(No::NothingAccepted));
}

#[test]
fn a_reviewer_sends_the_plan_back_and_it_can_be_submitted_again() {
    for plan in [in_review(), approved()] {
        let back = after(&plan, send_back());
        assert_eq!((back.status(), back.approval()), (Status::ChangesRequested, None));
        assert_eq!(when(&back, send_back()), Ok(vec![]));
        assert_eq!(after(&back, submit()).status(), Status::InReview);
        assert_eq!(after(&back, accept(2, 3)).status(), Status::Proposed);
        assert_eq!(after(&back, request(2)).status(), Status::Generating);
    }
    assert_eq!(when(&proposal(), send_back()), not_when(Status::Proposed));
}

#[test]
fn an_approval_binds_revision_and_content() {
    let expected = Event::Approved { by: bob(), revision: 2, hash: hash(2) };
    assert_eq!(when(&in_review(), approve(bob(), 2, 2)), Ok(vec![expected]));
    assert_eq!(approved().status(), Status::Approved);
    let approval = approved().approval().cloned().expect("an approval");
    assert_eq!(approval, Approval { by: bob(), revision: 2, hash: hash(2) });
    assert_eq!(when(&approved(), approve(bob(), 2, 2)), Ok(vec![]));
}

#[test]
fn an_approval_of_what_has_changed_since_is_stale() {
    let edited = after(&in_review(), edit(2, "Other words.", 3));
    let reopened = after(&approved(), edit(2, "Other words.", 3));
    for plan in [edited, reopened] {
        let refusal = when(&plan, approve(bob(), 2, 2)).expect_err("refused");
        assert_eq!(
            (refusal.code(), refusal),
            ("STALE_APPROVAL", No::StaleApproval { revision: 3 })
        );
    }
    let other_content = when(&in_review(), approve(bob(), 2, 9));
    assert_eq!(other_content, Err(No::StaleApproval { revision: 2 }));
}

#[test]
fn a_plan_that_nobody_submitted_is_not_approved() {
    assert_eq!(when(&proposal(), approve(bob(), 1, 1)), not_when(Status::Proposed));
    assert_eq!(when(&draft(), approve(bob(), 0, 0)), not_when(Status::Draft));
}

#[test]
fn a_plan_without_an_accepted_item_is_not_approved() {
    let plan = after(&proposal(), submit());
    let refusal = when(&plan, approve(bob(), 1, 1)).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("NOTHING_ACCEPTED", No::NothingAccepted));
}

#[test]
fn with_four_eyes_whoever_worked_on_the_plan_does_not_approve_it() {
    let refusal = in_review().decide(approve(ada(), 2, 2), &four_eyes()).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("FOUR_EYES_REQUIRED", No::FourEyes));
    assert!(in_review().decide(approve(bob(), 2, 2), &four_eyes()).is_ok());
    let by_bob = Command::EditItem {
        item: item(2),
        content: content("Bob's words."),
        local: at("2026-12-04T10:00:00"),
        by: bob(),
        hash: hash(3),
    };
    let plan = after(&in_review(), by_bob);
    assert_eq!(plan.decide(approve(bob(), 3, 3), &four_eyes()), Err(No::FourEyes));
}

#[test]
fn without_four_eyes_one_person_does_it_all() {
    assert!(when(&in_review(), approve(ada(), 2, 2)).is_ok());
}

#[test]
fn accepted_items_become_posts_whose_ids_follow_from_the_plan() {
    let expected = Event::Materialized { by: ada(), items: vec![(item(1), post(1))] };
    assert_eq!(when(&approved(), materialize()), Ok(vec![expected]));
    let plan = materialized();
    assert_eq!(plan.status(), Status::Materialized);
    let posts: Vec<_> = plan.posts().map(|(item, post)| (item.planned.item, post)).collect();
    assert_eq!(posts, [(item(1), post(1))]);
    assert_eq!(plan.item(item(2)).map(|item| item.state), Some(ItemState::Proposed));
}

#[test]
fn posts_are_made_once_and_only_from_an_approved_plan() {
    assert_eq!(when(&materialized(), materialize()), Ok(vec![]));
    assert_eq!(when(&in_review(), materialize()), not_when(Status::InReview));
    assert_eq!(when(&proposal(), materialize()), not_when(Status::Proposed));
}

#[test]
fn a_plan_is_complete_once_its_posts_had_their_time() {
    assert_eq!(when(&materialized(), Command::Complete), Ok(vec![Event::Completed]));
    let complete = after(&materialized(), Command::Complete);
    assert_eq!(complete.status(), Status::Completed);
    assert_eq!(when(&complete, Command::Complete), Ok(vec![]));
    assert_eq!(when(&complete, materialize()), Ok(vec![]));
    assert_eq!(when(&approved(), Command::Complete), not_when(Status::Approved));
}

#[test]
fn a_plan_is_put_away_once_unless_it_is_complete() {
    for plan in [draft(), generating(), proposal(), in_review(), approved(), materialized()] {
        let archived = after(&plan, archive());
        assert_eq!((archived.status(), archived.open_run()), (Status::Archived, None));
        assert_eq!(when(&archived, archive()), Ok(vec![]));
    }
    let complete = after(&materialized(), Command::Complete);
    assert_eq!(when(&complete, archive()), not_when(Status::Completed));
}

#[test]
fn a_plan_that_was_put_away_stays_as_it_is() {
    let archived = after(&approved(), archive());
    assert_eq!(when(&archived, submit()), not_when(Status::Archived));
    assert_eq!(when(&archived, materialize()), not_when(Status::Archived));
    assert_eq!(when(&archived, approve(bob(), 2, 2)), not_when(Status::Archived));
    let locked = Err(No::Locked { status: Status::Archived });
    assert_eq!(when(&archived, accept(2, 3)), locked.clone());
    assert_eq!(when(&archived, request(2)), locked);
}
