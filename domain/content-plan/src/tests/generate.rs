//! Having a plan written, and never trusting what was written.

use super::*;
use crate::{PlanCommand as Command, PlanEvent as Event, PlanRefusal as No, *};
use herald_kernel::{Fact, Refusal};

fn attempt(n: u128, request_id: &str) -> Command {
    Command::RecordAttempt {
        run: run(n),
        purpose: Purpose::Posts,
        provider: text("openrouter"),
        model: text("cheap/model"),
        request_id: text(request_id),
        usage: Usage::default(),
    }
}

#[test]
fn a_run_is_written_down_before_a_model_is_asked() {
    let events = when(&draft(), request(1)).expect("followed");
    assert!(matches!(events.as_slice(), [Event::GenerationIntended { .. }]));
    assert_eq!(generating().status(), Status::Generating);
    assert_eq!(generating().open_run().map(|open| open.run), Some(run(1)));
}

#[test]
fn one_run_is_open_at_the_most() {
    assert_eq!(when(&generating(), request(1)), Ok(vec![]));
    let refusal = when(&generating(), request(2)).expect_err("refused");
    assert_eq!(refusal, No::GenerationOpen);
    assert_eq!((refusal.code(), refusal.retryable()), ("PLAN_LOCKED", true));
}

#[test]
fn a_run_without_a_profile_is_refused() {
    let mut command = request(1);
    if let Command::RequestGeneration { profiles, .. } = &mut command {
        profiles.clear();
    }
    assert_eq!(when(&draft(), command), Err(No::NoProfile));
}

#[test]
fn a_plan_in_review_or_beyond_is_not_written_anew() {
    assert_eq!(when(&in_review(), request(2)), not_when(Status::InReview));
    assert_eq!(when(&approved(), request(2)), not_when(Status::Approved));
    let locked = Err(No::Locked { status: Status::Materialized });
    assert_eq!(when(&materialized(), request(2)), locked);
}

#[test]
fn each_answer_of_a_provider_is_noted_once_and_only_for_the_open_run() {
    let events = when(&generating(), attempt(1, "gen-1")).expect("followed");
    assert!(matches!(events.as_slice(), [Event::GenerationAttempted { .. }]));
    let plan = after(&generating(), attempt(1, "gen-1"));
    assert_eq!(when(&plan, attempt(1, "gen-1")), Ok(vec![]));
    assert_eq!(when(&plan, attempt(2, "gen-2")), Ok(vec![]));
    assert_eq!(when(&draft(), attempt(1, "gen-1")), Ok(vec![]));
}

#[test]
fn a_successful_run_proposes_a_strategy_and_items() {
    let command = generated(1, vec![proposed(1), proposed(2)]);
    let events = when(&generating(), command).expect("followed");
    let names: Vec<_> = events.iter().map(Fact::name).collect();
    assert_eq!(names, ["generation_succeeded", "strategy_proposed", "items_proposed"]);
    let plan = proposal();
    assert_eq!(plan.status(), Status::Proposed);
    assert_eq!((plan.revision(), plan.hash()), (1, Some(&hash(1))));
    assert_eq!(plan.items().len(), 2);
    assert_eq!(plan.item(item(1)).map(|item| item.state), Some(ItemState::Proposed));
    assert_eq!(plan.strategy().and_then(|known| known.known()), Some(&strategy()));
    assert_eq!(plan.open_run(), None);
}

#[test]
fn the_result_of_a_run_that_nobody_waits_for_changes_nothing() {
    assert_eq!(when(&generating(), generated(2, vec![proposed(1)])), Ok(vec![]));
    assert_eq!(when(&proposal(), generated(1, vec![proposed(1)])), Ok(vec![]));
    assert_eq!(when(&proposal(), failed(1)), Ok(vec![]));
    let archived = after(&generating(), archive());
    assert_eq!(when(&archived, generated(1, vec![proposed(1)])), Ok(vec![]));
}

fn refused(items: Vec<ProposedItem>) -> Defect {
    match when(&generating(), generated(1, items)) {
        Err(No::OutputInvalid { defect }) => defect,
        other => panic!("an invalid output was not refused: {other:?}"),
    }
}

#[test]
fn an_output_without_items_or_with_too_many_is_refused() {
    assert_eq!(refused(vec![]), Defect::Count);
    assert_eq!(refused((0..201).map(proposed).collect()), Defect::Count);
    assert!(when(&generating(), generated(1, (0..200).map(proposed).collect())).is_ok());
}

#[test]
fn an_output_with_a_wrong_item_is_refused_as_a_whole() {
    let elsewhere = ProposedItem { connection: connection(9), ..proposed(2) };
    assert_eq!(refused(vec![proposed(1), elsewhere]), Defect::Connection);
    for day in ["2026-11-30T23:59:59", "2027-01-01T00:00:00"] {
        assert_eq!(refused(vec![ProposedItem { local: at(day), ..proposed(1) }]), Defect::Date);
    }
    assert_eq!(refused(vec![proposed(1), proposed(1)]), Defect::Twice);
    let mut long = proposed(1);
    long.content.segments = vec![text("x"); ItemContent::MAX_SEGMENTS + 1];
    assert_eq!(refused(vec![long]), Defect::Length);
    let mut long = proposed(1);
    long.content.first_comment = Some(text(&"x".repeat(MAX_ITEM_CHARS)));
    assert_eq!(refused(vec![long]), Defect::Length);
}

#[test]
fn an_output_beside_the_schema_or_repaired_too_often_is_refused() {
    for wrong in [Outcome { schema_valid: false, ..outcome() }, Outcome { repairs: 3, ..outcome() }]
    {
        let (outcome, items) = (Box::new(wrong), vec![proposed(1)]);
        let command = Command::RecordGeneration {
            run: run(1),
            outcome,
            strategy: strategy(),
            items,
            hash: hash(1),
        };
        let refusal = when(&generating(), command).expect_err("refused");
        assert_eq!(refusal, No::OutputInvalid { defect: Defect::Schema });
        assert_eq!(refusal.code(), "OUTPUT_INVALID");
    }
}

#[test]
fn a_strategy_with_too_many_themes_is_refused() {
    let pillar = Pillar { name: text("bread"), description: text("all of it") };
    let strategy = Strategy { pillars: vec![pillar; Strategy::MAX_PILLARS + 1], ..strategy() };
    let command = Command::RecordGeneration {
        run: run(1),
        outcome: Box::new(outcome()),
        strategy,
        items: vec![proposed(1)],
        hash: hash(1),
    };
    let refusal = Err(No::OutputInvalid { defect: Defect::Length });
    assert_eq!(when(&generating(), command), refusal);
}

#[test]
fn a_failed_run_says_why_and_another_may_be_asked_for() {
    let plan = after(&generating(), failed(1));
    assert_eq!(plan.status(), Status::GenerationFailed);
    assert_eq!(plan.failure(), Some(FailureKind::Timeout));
    assert_eq!(after(&plan, request(2)).status(), Status::Generating);
}

#[test]
fn a_new_run_replaces_what_was_proposed_and_a_failed_one_leaves_it() {
    let again = after(&proposal(), request(2));
    assert_eq!(after(&again, failed(2)).items().len(), 2);
    let replaced = after(&again, generated(2, vec![proposed(3)]));
    assert_eq!(replaced.items().keys().copied().collect::<Vec<_>>(), [item(3)]);
    assert_eq!(replaced.revision(), 2);
}

#[test]
fn a_large_calendar_is_stored_in_portions_that_an_event_can_hold() {
    let items =
        (0..200).map(|n| ProposedItem { content: content(&"ü".repeat(2_000)), ..proposed(n) });
    let command = generated(1, items.collect());
    let events = when(&generating(), command.clone()).expect("followed");
    assert!(events.len() > 10);
    for event in &events {
        let bytes = serde_json::to_string(event).expect("serialises").len();
        assert!(bytes < 100 * 1024, "{bytes}");
    }
    assert_eq!(after(&generating(), command).items().len(), 200);
}
