//! Use is counted, handed out, set aside and charged.

use super::*;
use crate::{Overage, Period};
use herald_kernel::{Decider, Fact, Instant, LeaseId, Refusal as _, RunId};
use herald_terms::Quota;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn t(hours: u64) -> Instant {
    let start: Instant = "2026-11-01T00:00:00Z".parse().expect("valid");
    start.plus(std::time::Duration::from_secs(hours * 3_600))
}

fn with(limit: u32, hours: u64) -> UsageContext {
    UsageContext {
        now: t(hours),
        counter: Counter::ApiCalls,
        period: Period::calendar_month(t(0)),
        quota: Quota::Limited(limit),
        overage: Overage::Block,
    }
}

fn id(n: u8) -> Uuid {
    Uuid::from_u128(n.into())
}

fn lease(n: u8, size: u32, hours: u64) -> UsageCommand {
    UsageCommand::Lease {
        lease: LeaseId::new(id(n)),
        replica: id(9),
        n: size,
        expires_at: t(hours),
    }
}

fn by_key(used: u32) -> Breakdown {
    let counts = BTreeMap::from([("key_1".to_owned(), u64::from(used))]);
    Breakdown::try_from(counts).expect("few")
}

fn settle(n: u8, used: u32) -> UsageCommand {
    UsageCommand::Settle { lease: LeaseId::new(id(n)), used, breakdown: by_key(used) }
}

fn draw(n: u8, used: u32) -> UsageCommand {
    UsageCommand::Draw { id: id(n), n: used, breakdown: by_key(used) }
}

fn reserve(n: u8, size: u32, hours: u64) -> UsageCommand {
    UsageCommand::Reserve { run: RunId::new(id(n)), n: size, expires_at: t(hours) }
}

fn after(limit: u32, commands: &[UsageCommand]) -> Usage {
    let mut usage = Usage::default();
    for command in commands {
        for event in usage.decide(command.clone(), &with(limit, 0)).expect("followed") {
            usage.evolve(&event);
        }
    }
    usage
}

fn exceeded(limit: u32, used: u64) -> UsageRefusal {
    let resets_at = Period::calendar_month(t(0)).end();
    UsageRefusal::QuotaExceeded { policy: "api_calls", limit, used, resets_at }
}

#[test]
fn a_post_counts_once_however_often_it_is_counted() {
    let count = UsageCommand::Count { unit: id(1) };
    let usage = after(10, &[count.clone(), count.clone()]);
    assert_eq!((usage.used(), usage.has_counted(id(1))), (1, true));
    assert_eq!(usage.decide(count, &with(0, 0)), Ok(vec![]));
}

#[test]
fn no_more_is_counted_than_the_quota_allows_and_the_refusal_says_when_it_resets() {
    let usage = after(1, &[UsageCommand::Count { unit: id(1) }]);
    let refusal = usage.decide(UsageCommand::Count { unit: id(2) }, &with(1, 0));
    assert_eq!(refusal, Err(exceeded(1, 1)));
    assert_eq!((exceeded(1, 1).code(), exceeded(1, 1).retryable()), ("QUOTA_EXCEEDED", true));
    let metered = UsageContext { overage: Overage::Meter, ..with(1, 0) };
    assert!(usage.decide(UsageCommand::Count { unit: id(2) }, &metered).is_ok());
}

#[test]
fn a_block_is_taken_whole_until_it_is_settled() {
    let usage = after(10, &[lease(1, 8, 5)]);
    assert_eq!((usage.used(), usage.held(), usage.taken()), (0, 8, 8));
    assert_eq!(usage.decide(lease(2, 3, 5), &with(10, 0)), Err(exceeded(10, 8)));
    let settled = after(10, &[lease(1, 8, 5), settle(1, 2)]);
    assert_eq!((settled.used(), settled.held()), (2, 0));
    assert_eq!(settled.breakdown().get("key_1"), Some(&2));
    assert_eq!(settled.decide(settle(1, 2), &with(10, 0)), Ok(vec![]));
    let more = usage.decide(settle(1, 9), &with(10, 0));
    assert_eq!(more, Err(UsageRefusal::MoreThanHeld { used: 9, held: 8 }));
    assert_eq!(usage.decide(settle(7, 1), &with(10, 0)), Err(UsageRefusal::LeaseUnknown));
}

#[test]
fn a_block_that_nobody_settled_counts_as_used() {
    let mut usage = after(10, &[lease(1, 4, 5)]);
    let events = usage.decide(lease(2, 6, 9), &with(10, 5)).expect("six are left");
    for event in &events {
        usage.evolve(event);
    }
    assert_eq!((usage.used(), usage.held()), (4, 6));
    assert_eq!(usage.decide(settle(1, 1), &with(10, 5)), Ok(vec![]));
    assert_eq!(usage.decide(lease(3, 1, 9), &with(10, 5)), Err(exceeded(10, 10)));
}

#[test]
fn a_run_is_charged_once_and_at_most_what_was_set_aside() {
    let run = RunId::new(id(1));
    let usage = after(10, &[reserve(1, 4, 5)]);
    let commit = |used| UsageCommand::Commit { run, used };
    let more = usage.decide(commit(5), &with(10, 0));
    assert_eq!(more, Err(UsageRefusal::MoreThanHeld { used: 5, held: 4 }));
    let charged = after(10, &[reserve(1, 4, 5), commit(3)]);
    assert_eq!((charged.used(), charged.held()), (3, 0));
    assert_eq!(charged.decide(commit(3), &with(10, 0)), Ok(vec![]));
    assert_eq!(charged.decide(commit(2), &with(10, 0)), Err(UsageRefusal::AlreadyCommitted));
    let release = UsageCommand::Release { run };
    assert_eq!(charged.decide(release.clone(), &with(10, 0)), Err(UsageRefusal::AlreadyCommitted));
    let released = after(10, &[reserve(1, 4, 5), release]);
    assert_eq!(released.taken(), 0);
    assert_eq!(released.decide(commit(1), &with(10, 0)), Err(UsageRefusal::ReservationOver));
    let nothing = after(10, &[]).decide(commit(1), &with(10, 0));
    assert_eq!(nothing, Err(UsageRefusal::ReservationUnknown));
}

#[test]
fn credits_that_were_set_aside_too_long_are_free_again() {
    let usage = after(10, &[reserve(1, 10, 5)]);
    let late = usage.decide(UsageCommand::Commit { run: RunId::new(id(1)), used: 1 }, &with(10, 5));
    assert_eq!(late, Err(UsageRefusal::ReservationOver));
    let events = usage.decide(reserve(2, 10, 9), &with(10, 5)).expect("free again");
    assert_eq!(events[0], UsageEvent::ReservationExpired { run: RunId::new(id(1)) });
    assert_eq!(usage.next_expiry(), Some(t(5)));
}

#[test]
fn four_fifths_and_all_of_the_quota_are_each_said_once() {
    let mut said = Vec::new();
    let mut usage = Usage::default();
    for unit in 0..5 {
        let command = UsageCommand::Count { unit: id(unit) };
        for event in usage.decide(command, &with(5, 0)).expect("within the quota") {
            usage.evolve(&event);
            if let UsageEvent::ThresholdReached { percent, used, .. } = event {
                said.push((percent, used));
            }
        }
    }
    assert_eq!(said, [(80, 4), (100, 5)]);
}

#[test]
fn nothing_is_counted_outside_of_its_period() {
    let late = UsageContext { now: Period::calendar_month(t(0)).end(), ..with(5, 0) };
    let refused = after(5, &[]).decide(UsageCommand::Count { unit: id(1) }, &late);
    assert_eq!(refused, Err(UsageRefusal::OutsidePeriod));
    assert_eq!(after(5, &[]).decide(lease(1, 0, 5), &with(5, 0)), Err(UsageRefusal::Nothing));
    let void = after(5, &[]).decide(lease(1, 1, 0), &with(5, 0));
    assert_eq!(void, Err(UsageRefusal::ExpiryInThePast));
}

#[test]
fn what_was_bought_is_noted_once_and_takes_nothing_of_the_quota() {
    let usage = after(1, &[draw(1, 5), draw(1, 5), draw(2, 2)]);
    assert_eq!((usage.drawn(), usage.taken()), (7, 0));
    assert_eq!(usage.breakdown().get("key_1"), Some(&7));
    assert_eq!(usage.decide(draw(3, 0), &with(1, 0)), Err(UsageRefusal::Nothing));
    let full = after(1, &[UsageCommand::Count { unit: id(1) }]);
    let beside = UsageEvent::Drawn { id: id(1), n: 5, breakdown: by_key(5) };
    assert_eq!(full.decide(draw(1, 5), &with(1, 0)), Ok(vec![beside]));
}

#[test]
fn a_breakdown_is_bounded() {
    let many = (0..201).map(|n| (n.to_string(), 1)).collect::<BTreeMap<String, u64>>();
    assert_eq!(Breakdown::try_from(many), Err(InvalidBreakdown));
    let nameless = BTreeMap::from([(String::new(), 1)]);
    assert_eq!(Breakdown::try_from(nameless), Err(InvalidBreakdown));
}

fn asked() -> impl Strategy<Value = UsageCommand> {
    prop_oneof![
        3 => (0..20_u8).prop_map(|n| UsageCommand::Count { unit: id(n) }),
        3 => (0..20_u8, 0..6_u32, 0..60_u64).prop_map(|(n, size, hours)| lease(n, size, hours)),
        3 => (0..20_u8, 0..6_u32).prop_map(|(n, used)| settle(n, used)),
        3 => (0..20_u8, 0..6_u32, 0..60_u64).prop_map(|(n, size, hours)| reserve(n, size, hours)),
        3 => (0..20_u8, 0..6_u32)
            .prop_map(|(n, used)| UsageCommand::Commit { run: RunId::new(id(n)), used }),
        1 => (0..20_u8).prop_map(|n| UsageCommand::Release { run: RunId::new(id(n)) }),
        1 => (0..20_u8, 0..6_u32).prop_map(|(n, used)| draw(n, used)),
        1 => Just(UsageCommand::Expire),
    ]
}

proptest! {
    #[test]
    fn no_more_is_taken_than_the_quota(
        limit in 1..30_u32, commands in prop::collection::vec((asked(), 0..3_u64), 1..80),
    ) {
        let (mut usage, mut history, mut hours) = (Usage::default(), Vec::new(), 0);
        for (command, pause) in commands {
            hours += pause;
            for event in usage.decide(command, &with(limit, hours)).unwrap_or_default() {
                prop_assert!(UsageEvent::NAMES.contains(&event.name()));
                let stored = serde_json::to_value(&event).expect("serialises");
                prop_assert_eq!(&stored["type"], event.name());
                let event: UsageEvent = serde_json::from_value(stored).expect("reads back");
                usage.evolve(&event);
                history.push(event);
            }
            prop_assert!(usage.taken() <= u64::from(limit));
        }
        let said = |p| history.iter().filter(|it| matches!(it,
            UsageEvent::ThresholdReached { percent, .. } if *percent == p)).count();
        prop_assert!(said(80) <= 1 && said(100) <= 1);
        prop_assert_eq!(Usage::fold(&history), usage);
    }
}

#[test]
fn what_is_told_of_use_adds_up_to_what_was_used_and_no_part_is_told_twice() {
    let context = with(100, 0);
    let mut usage = Usage::default();
    let follow = |usage: &mut Usage, command: UsageCommand| {
        let events = usage.decide(command, &context).expect("followed");
        for event in &events {
            usage.evolve(event);
        }
        events
    };
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), [], "nothing was used");
    follow(&mut usage, lease(1, 10, 5));
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), [], "what is held may come back");
    follow(&mut usage, settle(1, 7));
    let first = UsageEvent::ReportIntended { from: 0, upto: 7, at: t(0) };
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), [first]);
    follow(&mut usage, lease(2, 10, 5));
    follow(&mut usage, settle(2, 5));
    // Whether the first part arrived is not known: it is told again, and the second one waits.
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), []);
    assert_eq!(usage.report().map(|it| (it.from, it.value())), Some((0, 7)));
    let other = UsageCommand::RecordReport { upto: 12, seen: true };
    assert_eq!(follow(&mut usage, other), [], "of what was not begun nothing is noted");
    let told = UsageCommand::RecordReport { upto: 7, seen: true };
    assert_eq!(follow(&mut usage, told.clone()).len(), 1);
    assert_eq!(follow(&mut usage, told), [], "noted once");
    let second = UsageEvent::ReportIntended { from: 7, upto: 12, at: t(0) };
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), [second]);
    // Nobody saw how it ended, and it is too late to tell it again: it is told no more.
    follow(&mut usage, UsageCommand::RecordReport { upto: 12, seen: false });
    assert_eq!((usage.reported(), usage.report()), (12, None));
    assert_eq!(follow(&mut usage, UsageCommand::IntendReport), []);
}

#[test]
fn what_people_keep_of_a_count_is_what_was_used_and_by_what() {
    let context = with(100, 0);
    let (mut usage, mut totals) = (Usage::default(), UsageTotals::default());
    let run = RunId::new(id(7));
    for command in [
        UsageCommand::Count { unit: id(1) },
        UsageCommand::Count { unit: id(1) },
        lease(1, 10, 5),
        settle(1, 7),
        settle(1, 7),
        lease(2, 10, 5),
        settle(2, 5),
        lease(3, 4, 1),
        UsageCommand::Reserve { run, n: 3, expires_at: t(2) },
        UsageCommand::Commit { run, used: 2 },
        UsageCommand::IntendReport,
    ] {
        for event in usage.decide(command, &context).expect("followed") {
            usage.evolve(&event);
            totals.fold(&event);
        }
    }
    let late = UsageContext { now: t(6), ..context };
    for event in usage.decide(UsageCommand::Expire, &late).expect("followed") {
        usage.evolve(&event);
        totals.fold(&event);
    }
    assert_eq!((totals.used, totals.used), (usage.used(), 1 + 7 + 5 + 4 + 2));
    assert_eq!(&totals.breakdown, usage.breakdown());
    assert_eq!(totals.breakdown["key_1"], 12);
}
