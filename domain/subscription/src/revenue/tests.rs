//! The figures, by their definitions.

use super::*;
use crate::{Discount, Interval, MirrorItem, SubscriptionEvent};
use herald_kernel::{Currency, Instant, Money};
use herald_terms::Tier;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn t(days: u64) -> Instant {
    let start: Instant = "2026-11-01T00:00:00Z".parse().expect("valid");
    start.plus(std::time::Duration::from_secs(days * 86_400))
}

fn currency(name: &str) -> Currency {
    name.parse().expect("valid")
}

fn item(minor: i64, name: &str, interval: Interval) -> MirrorItem {
    let (price, unit) =
        ("price_1".parse().expect("valid"), Money { minor, currency: currency(name) });
    MirrorItem { price, quantity: 1, unit, interval, interval_count: 1 }
}

fn snapshot(items: &[MirrorItem], day: u64) -> SubscriptionEvent {
    let shown = serde_json::json!({
        "customer": "cus_1",
        "subscription": {
            "id": "sub_1", "status": "active", "items": items, "started_at": t(0),
            "period_start": t(0), "period_end": t(30),
        },
    });
    let snapshot = Box::new(serde_json::from_value(shown).expect("a snapshot"));
    SubscriptionEvent::SnapshotObserved { snapshot, fetched_at: t(day) }
}

fn access(to: crate::Access, day: u64) -> SubscriptionEvent {
    let from = crate::Access::Free;
    SubscriptionEvent::AccessChanged { from, to, status: None, effective_at: t(day) }
}

const FULL: crate::Access = crate::Access::Full { ends_at: None };

fn history(events: &[SubscriptionEvent]) -> AccountHistory {
    let mut history = AccountHistory::default();
    for event in events {
        history.fold(event, t(9));
    }
    history
}

fn pays(minor: i64, day: u64) -> [SubscriptionEvent; 2] {
    [snapshot(&[item(minor, "USD", Interval::Month)], day), access(FULL, day)]
}

fn dollars(report: &Report) -> Revenue {
    report.revenue.get(&currency("USD")).copied().unwrap_or_default()
}

#[test]
fn a_year_is_twelve_months_and_rounded_once() {
    let items = vec![item(29_000, "USD", Interval::Year); 12];
    let rates = MonthlyRate::of(&items, &[]);
    assert_eq!(rates[&currency("USD")].minor(), 29_000);
    assert_eq!(MonthlyRate::every(29_000, 12).minor(), 2_417);
    let quarter = [Discount::Percent { basis_points: 2_500 }];
    let less = MonthlyRate::of(&[item(2_900, "USD", Interval::Month)], &quarter);
    assert_eq!(less[&currency("USD")].minor(), 2_175);
    let off = [Discount::Amount { off: Money { minor: 9_999, currency: currency("USD") } }];
    assert!(MonthlyRate::of(&[item(2_900, "USD", Interval::Month)], &off).is_empty());
}

#[test]
fn a_trial_earns_nothing_and_a_grace_still_counts() {
    let trial = crate::Access::Trial { until: None };
    let tried = history(&[snapshot(&[item(2_900, "USD", Interval::Month)], 0), access(trial, 0)]);
    assert!(AccountHistory::mrr_at([&tried], t(1)).is_empty());
    let mut paid = pays(2_900, 0).to_vec();
    paid.push(access(crate::Access::Grace { until: t(40) }, 30));
    let graced = history(&paid);
    assert_eq!(AccountHistory::mrr_at([&graced], t(31))[&currency("USD")].minor(), 2_900);
    let reason = crate::Restriction::PastDue;
    paid.push(access(crate::Access::Restricted { reason }, 40));
    assert!(AccountHistory::mrr_at([&history(&paid)], t(41)).is_empty());
}

#[test]
fn each_movement_has_its_name() {
    let end = |day| access(crate::Access::Ended, day);
    let new = history(&pays(2_900, 5));
    let grown = history(&[pays(2_900, 0), pays(9_900, 6)].concat());
    let shrunk = history(&[pays(9_900, 0), pays(2_900, 7)].concat());
    let lost = history(&[pays(2_900, 0).to_vec(), vec![end(8)]].concat());
    let back = [pays(2_900, 0).to_vec(), vec![end(1)], pays(2_900, 9).to_vec()].concat();
    let all = [new, grown, shrunk, lost, history(&back)];
    let report = Report::between(&all, t(3), t(30), 7);
    let usd = dollars(&report);
    let named = [usd.new, usd.expansion, usd.contraction, usd.churn, usd.reactivation];
    assert_eq!(named.map(MonthlyRate::minor), [2_900, 7_000, 7_000, 2_900, 2_900]);
    assert_eq!((usd.start.minor(), usd.end.minor(), usd.paying), (15_700, 18_600, 4));
    assert_eq!((report.paying_at_start, report.lost, report.sign_ups), (3, 1, 7));
    assert_eq!(report.logo_churn().basis_points(), Some(3_333));
    assert_eq!(usd.per_account().minor(), 4_650);
    assert_eq!(usd.churn_rate().basis_points(), Some(9_900 * 10_000 / 15_700));
    assert_eq!(usd.net_retention().basis_points(), Some(12_800 * 10_000 / 15_700));
    assert_eq!(Ratio::default().basis_points(), None);
}

#[test]
fn an_end_counts_when_it_was_and_not_when_it_was_seen() {
    let lost = history(&[pays(2_900, 0).to_vec(), vec![access(crate::Access::Ended, 8)]].concat());
    assert_eq!(AccountHistory::mrr_at([&lost], t(7)).len(), 1);
    assert!(AccountHistory::mrr_at([&lost], t(8)).is_empty());
}

#[test]
fn a_trial_converts_in_the_cohort_in_which_it_began() {
    let subscription: crate::SubscriptionRef = "sub_1".parse().expect("valid");
    let started = SubscriptionEvent::TrialStarted {
        subscription: subscription.clone(),
        card: None,
        until: Some(t(14)),
        at: t(1),
    };
    let converted = SubscriptionEvent::TrialConverted { subscription, at: t(15) };
    let both = [history(&[started.clone(), converted]), history(&[started])];
    let report = Report::between(&both, t(0), t(30), 2);
    assert_eq!((report.trials, report.converted), (2, 1));
    assert_eq!(report.trial_conversion().basis_points(), Some(5_000));
}

fn any_event() -> impl Strategy<Value = SubscriptionEvent> {
    let states = [
        FULL,
        crate::Access::Trial { until: None },
        crate::Access::Grace { until: t(9) },
        crate::Access::Restricted { reason: crate::Restriction::Unpaid },
        crate::Access::Ended,
    ];
    let named = prop::sample::select(vec!["USD", "EUR"]);
    let interval = prop::sample::select(vec![Interval::Month, Interval::Year]);
    prop_oneof![
        (1..99_999_i64, named, interval, 0..90_u64)
            .prop_map(|(minor, name, it, day)| snapshot(&[item(minor, name, it)], day)),
        (prop::sample::select(states.to_vec()), 0..90_u64).prop_map(|(to, day)| access(to, day)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn movements_sum_up_to_the_difference(
        accounts in prop::collection::vec(prop::collection::vec(any_event(), 0..12), 1..8),
        from in 0..90_u64, length in 1..60_u64,
    ) {
        let accounts: Vec<_> = accounts.iter().map(|it| history(it)).collect();
        let report = Report::between(&accounts, t(from), t(from + length), 0);
        let before = t(from).minus(std::time::Duration::from_micros(1));
        let after = t(from + length).minus(std::time::Duration::from_micros(1));
        let at = |it| AccountHistory::mrr_at(&accounts, it);
        let (first, last): (BTreeMap<_, _>, BTreeMap<_, _>) = (at(before), at(after));
        for (currency, revenue) in &report.revenue {
            let known = |it: &BTreeMap<Currency, MonthlyRate>| it.get(currency).copied().unwrap_or_default();
            prop_assert_eq!(revenue.start, known(&first));
            prop_assert_eq!(revenue.end, known(&last));
            prop_assert_eq!(revenue.movement(), revenue.end.minus(revenue.start));
        }
        prop_assert!(last.keys().all(|it| report.revenue.contains_key(it)));
        prop_assert!(report.lost <= report.paying_at_start && report.converted <= report.trials);
    }
}

#[test]
fn what_goes_back_and_tiers_that_change_are_counted_in_their_time_and_move_no_monthly_revenue() {
    let back = |minor, day| SubscriptionEvent::RefundRecorded {
        refund: format!("re_{minor}").parse().expect("valid"),
        invoice: None,
        amount: Money { minor, currency: currency("USD") },
        at: t(day),
    };
    let contested = Money { minor: 2_900, currency: currency("USD") };
    let dispute: crate::DisputeRef = "dp_1".parse().expect("valid");
    let tier = |from: &str, to: &str, day| {
        let catalogue = crate::Catalogue::default();
        let version = |name: &str| catalogue.latest(&Tier::named(name.to_owned()));
        let (from, to) = (version(from).expect("there"), version(to).expect("there"));
        SubscriptionEvent::EntitlementsChanged {
            from: Some(from.key.clone()),
            to: to.entitlements(),
            overage: to.overage,
            grace_days: to.grace_days,
            at: t(day),
        }
    };
    let mut events = pays(2_900, 0).to_vec();
    events.extend([back(1_000, 4), back(500, 31), tier("free", "starter", 0)]);
    events.extend([tier("starter", "professional", 5), tier("professional", "starter", 6)]);
    events.extend([tier("starter", "professional", 29), tier("professional", "free", 29)]);
    // These two do not say themselves when they happened: they are told on the ninth day.
    events.push(SubscriptionEvent::DisputeOpened {
        dispute: dispute.clone(),
        amount: contested,
        opened_at: None,
    });
    events.push(SubscriptionEvent::DisputeLost { dispute, amount: contested, opened_at: None });
    let account = history(&events);
    let catalogue = crate::Catalogue::default();
    let report = Report::between([&account], t(1), t(30), 0);
    let it = dollars(&report);
    assert_eq!((it.refunds.count, it.refunds.minor), (1, 1_000));
    assert_eq!((it.disputes.count, it.disputes_lost.minor), (1, 2_900));
    assert_eq!((report.upgrades(&catalogue), report.downgrades(&catalogue)), (2, 1));
    assert_eq!((it.movement(), it.start), (MonthlyRate::ZERO, it.end));
    let later = Report::between([&account], t(30), t(40), 0);
    assert_eq!((dollars(&later).refunds.minor, later.upgrades(&catalogue)), (500, 0));
    assert_eq!(dollars(&later).disputes, Moves::default());
}
