//! Editing, accepting and rejecting, and what becomes of an approval then.

use super::*;
use crate::{PlanCommand as Command, PlanEvent as Event, PlanRefusal as No, *};
use herald_kernel::Refusal;

fn state(plan: &ContentPlan, n: u128) -> ItemState {
    plan.item(item(n)).expect("an item").state
}

#[test]
fn an_accepted_item_raises_the_revision_and_takes_the_new_fingerprint() {
    let expected = Event::ItemAccepted { item: item(1), by: ada(), revision: 2, hash: hash(2) };
    assert_eq!(when(&proposal(), accept(1, 2)), Ok(vec![expected]));
    let plan = after(&proposal(), accept(1, 2));
    assert_eq!(state(&plan, 1), ItemState::Accepted);
    assert_eq!((plan.revision(), plan.hash()), (2, Some(&hash(2))));
    assert!(plan.has_accepted());
}

#[test]
fn accepting_and_rejecting_twice_is_already_so() {
    let plan = after(&after(&proposal(), accept(1, 2)), reject(2, 3));
    assert_eq!(state(&plan, 2), ItemState::Rejected);
    assert_eq!(when(&plan, accept(1, 9)), Ok(vec![]));
    assert_eq!(when(&plan, reject(2, 9)), Ok(vec![]));
}

#[test]
fn an_edited_item_has_to_be_accepted_anew() {
    let plan = after(&after(&proposal(), accept(1, 2)), edit(1, "Fresh spelt today.", 3));
    assert_eq!(state(&plan, 1), ItemState::Edited);
    let planned = &plan.item(item(1)).expect("an item").planned;
    assert_eq!(planned.content.known(), Some(&content("Fresh spelt today.")));
    assert_eq!(planned.local, at("2026-12-04T10:00:00"));
    assert!(!plan.has_accepted());
    assert_eq!(when(&plan, edit(1, "Fresh spelt today.", 4)), Ok(vec![]));
}

#[test]
fn an_item_stays_within_the_plans_days() {
    let moved = |local: &str| Command::EditItem {
        item: item(1),
        content: content("Fresh rye today."),
        local: at(local),
        by: ada(),
        hash: hash(2),
    };
    assert!(when(&proposal(), moved("2026-12-31T23:59:59")).is_ok());
    for outside in ["2026-11-30T12:00:00", "2027-01-01T00:00:00"] {
        assert_eq!(when(&proposal(), moved(outside)), Err(No::OutsideOfPeriod));
    }
}

#[test]
fn an_item_that_no_event_could_hold_is_refused() {
    let command = Command::EditItem {
        item: item(1),
        content: ItemContent {
            segments: vec![text(&"x".repeat(20_000)), text(&"x".repeat(20_000))],
            ..content("A thread.")
        },
        local: at("2026-12-04T10:00:00"),
        by: ada(),
        hash: hash(2),
    };
    let refusal = when(&proposal(), command).expect_err("refused");
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("content")));
}

#[test]
fn an_item_of_another_plan_is_not_found() {
    for command in [accept(9, 2), reject(9, 2), edit(9, "x", 2)] {
        let refusal = when(&proposal(), command).expect_err("refused");
        assert_eq!((refusal.code(), refusal), ("NOT_FOUND", No::ItemNotFound { item: item(9) }));
    }
}

#[test]
fn any_change_of_an_item_voids_the_approval() {
    for command in [edit(1, "Other words.", 3), accept(2, 3), reject(1, 3)] {
        let plan = after(&approved(), command);
        assert_eq!((plan.status(), plan.approval()), (Status::Proposed, None));
        assert_eq!(when(&plan, materialize()), not_when(Status::Proposed));
    }
}

#[test]
fn a_review_goes_on_when_an_item_changes() {
    assert_eq!(after(&in_review(), accept(2, 3)).status(), Status::InReview);
}

#[test]
fn nothing_changes_while_a_run_is_writing_or_after_posts_were_made() {
    let writing = after(&proposal(), request(2));
    assert_eq!(when(&writing, accept(1, 2)), Err(No::GenerationOpen));
    for plan in [materialized(), after(&materialized(), Command::Complete)] {
        let refusal = when(&plan, edit(1, "Too late.", 9)).expect_err("refused");
        assert_eq!(
            (refusal.code(), refusal),
            ("PLAN_LOCKED", No::Locked { status: plan.status() })
        );
    }
}

#[test]
fn what_a_failed_run_left_can_still_be_worked_on() {
    let plan = after(&after(&proposal(), request(2)), failed(2));
    assert_eq!(after(&plan, accept(1, 2)).status(), Status::Proposed);
}
