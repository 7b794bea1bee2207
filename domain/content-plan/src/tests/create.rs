//! Starting a plan.

use super::*;
use crate::{PlanCommand as Command, PlanRefusal as No, *};
use herald_kernel::{Decider, Refusal};

fn period(from: &str, to: &str) -> Period {
    Period { from: from.parse().expect("a date"), to: to.parse().expect("a date") }
}

#[test]
fn a_plan_starts_as_a_draft_with_its_brief() {
    let plan = draft();
    assert_eq!(plan.status(), Status::Draft);
    assert_eq!((plan.id(), plan.created_by()), (Some(plan_id()), Some(ada())));
    assert_eq!(plan.brief().and_then(|brief| brief.known()), Some(&brief()));
    assert_eq!(plan.period(), Some(december()));
    assert_eq!(plan.zone().map(ToString::to_string), Some("Europe/Berlin".to_owned()));
    assert_eq!(plan.connections().len(), 1);
    assert_eq!(plan.cadence().map(PostsPerWeek::get), Some(3));
    assert!(plan.account().is_some());
}

#[test]
fn a_plan_starts_once() {
    let refusal = when(&draft(), create()).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("INVALID_STATE", No::AlreadyCreated));
}

#[test]
fn what_was_never_started_answers_not_found() {
    for command in [submit(), materialize(), archive(), request(1)] {
        let refusal = when(&ContentPlan::default(), command).expect_err("refused");
        assert_eq!((refusal.code(), refusal), ("NOT_FOUND", No::NotFound));
    }
}

#[test]
fn a_plan_writes_for_one_to_ten_different_connections() {
    let ten: Vec<u128> = (1..=10).collect();
    let eleven: Vec<u128> = (1..=11).collect();
    assert!(when(&ContentPlan::default(), create_with(december(), &ten)).is_ok());
    for wrong in [&eleven[..], &[], &[1, 1]] {
        let refusal = when(&ContentPlan::default(), create_with(december(), wrong));
        assert_eq!(refusal, Err(No::Connections));
    }
    assert_eq!(No::Connections.field(), Some("connections"));
}

#[test]
fn a_plan_spans_a_day_at_least_and_a_year_at_most() {
    let start = |period| when(&ContentPlan::default(), create_with(period, &[1]));
    assert!(start(period("2026-12-01", "2026-12-01")).is_ok());
    assert!(start(period("2026-12-01", "2027-12-01")).is_ok());
    assert_eq!(start(period("2026-12-01", "2027-12-02")), Err(No::Period));
    assert_eq!(start(period("2026-12-02", "2026-12-01")), Err(No::Period));
}

#[test]
fn a_plan_may_start_in_the_past_but_not_be_over() {
    let start = |period| when(&ContentPlan::default(), create_with(period, &[1]));
    assert!(start(period("2026-11-01", "2026-11-21")).is_ok());
    assert_eq!(start(period("2026-11-01", "2026-11-20")), Err(No::PeriodOver));
}

#[test]
fn a_brief_with_an_endless_list_names_the_list() {
    let Command::Create { plan, account, by, period, zone, connections, cadence, .. } = create()
    else {
        panic!("it creates");
    };
    let mut endless = brief();
    endless.topics = vec![text("bread"); Brief::MAX_ENTRIES + 1];
    let brief = Box::new(endless);
    let command = Command::Create { plan, account, by, brief, period, zone, connections, cadence };
    let refusal = ContentPlan::default().decide(command, &context()).expect_err("refused");
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("brief.topics")));
}
