//! What holds for every subscription, whatever one asks and the provider says.

use super::*;
use herald_kernel::{Fact, Refusal as _};
use herald_terms::Tier;
use proptest::prelude::*;

fn stored_and_read(event: &E) -> E {
    let stored = serde_json::to_value(event).expect("serialises");
    assert_eq!(stored["type"], event.name());
    assert!(E::NAMES.contains(&event.name()));
    serde_json::from_value(stored).expect("reads back")
}

/// A snapshot unlike every other: its bill was tried `n` times.
fn any_snapshot(n: u32) -> impl Strategy<Value = Snapshot> {
    let statuses = [
        MirrorStatus::Trialing,
        MirrorStatus::Active,
        MirrorStatus::PastDue,
        MirrorStatus::Unpaid,
        MirrorStatus::Paused,
    ];
    let prices = [(STARTER, 2_900), (PROFESSIONAL, 9_900)];
    (prop::sample::select(statuses.to_vec()), prop::sample::select(prices.to_vec()), any::<bool>())
        .prop_map(move |(status, (price, minor), leaves)| {
            let owing = [MirrorStatus::PastDue, MirrorStatus::Unpaid].contains(&status);
            let state = if owing { InvoiceStatus::Open } else { InvoiceStatus::Paid };
            let bill = MirrorInvoice { attempts: n, ..invoice(state, t(0)) };
            showing(MirrorSubscription {
                items: vec![item(price, minor, Interval::Month)],
                latest_invoice: Some(bill),
                cancel_at_period_end: leaves,
                ..subscription(status)
            })
        })
}

fn delivered() -> impl Strategy<Value = (Vec<Snapshot>, Vec<usize>)> {
    (2..14_u32).prop_flat_map(|count| {
        let snapshots: Vec<_> = (0..count).map(any_snapshot).collect();
        let all: Vec<usize> =
            (0..count).chain(0..count).filter_map(|n| n.try_into().ok()).collect();
        (snapshots, Just(all).prop_shuffle())
    })
}

fn asked() -> impl Strategy<Value = C> {
    let change =
        |n: u8, tier: Tier, interval| C::RequestPlanChange { change: command(n), tier, interval };
    let tier = || prop::sample::select(vec![Tier::FREE, Tier::STARTER, Tier::PROFESSIONAL]);
    let interval = || prop::sample::select(vec![Interval::Month, Interval::Year]);
    let stage =
        || prop::sample::select(vec![DisputeStage::Opened, DisputeStage::Won, DisputeStage::Lost]);
    prop_oneof![
        6 => (any_snapshot(1), 0..90_u64, any::<bool>()).prop_map(|(snapshot, day, card_tried)| {
            C::ObserveSnapshot { snapshot: Box::new(snapshot), fetched_at: t(day), card_tried }
        }),
        1 => (0..90_u64).prop_map(|day| observe(ended(), day)),
        3 => (0..5_u8, tier(), interval()).prop_map(move |(n, tier, it)| change(n, tier, it)),
        1 => (0..5_u8).prop_map(|n| C::ApplyPlanChange { change: command(n) }),
        1 => (0..5_u8).prop_map(|n| {
            C::RecordPlanChange { change: command(n), outcome: Recorded::Rejected { code: "no".into() } }
        }),
        1 => Just(C::WithdrawPlanChange),
        1 => Just(C::Cancel { at: CancelAt::PeriodEnd }),
        1 => Just(C::Resume),
        1 => Just(C::RecordCancellation { outcome: Recorded::Accepted }),
        1 => Just(C::ElapseGrace),
        1 => Just(C::NoteTrialEnding),
        1 => (0..5_u8, tier()).prop_map(|(n, tier)| C::StartCheckout {
            checkout: command(n),
            buys: Buys::Tier { tier, interval: Interval::Month, currency: usd() },
            tax_rates: Vec::new(),
        }),
        1 => (stage(), 0..90_u64).prop_map(|(stage, day)| C::RecordDispute {
            dispute: "dp_1".parse().expect("valid"), stage, amount: dollars(1), opened_at: t(day),
        }),
        1 => (0..5_u8, 0..3_i64).prop_map(|(n, minor)| C::RunErrand {
            errand: command(n),
            what: Errand::Refund {
                payment: "pi_1".parse().expect("valid"),
                amount: Some(dollars(minor)),
                reason: reason(),
            },
        }),
        1 => (0..5_u8).prop_map(|n| C::RecordErrand {
            errand: command(n), outcome: Recorded::Rejected { code: "no".into() },
        }),
        1 => (1..200_u64).prop_map(|day| C::ExtendGrace { until: t(day), reason: reason() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn in_whatever_order_answers_arrive_the_last_one_holds((snapshots, order) in delivered()) {
        let mut state = Subscription::default();
        for n in order {
            let day = u64::try_from(n).expect("few");
            let command = observe(snapshots[n].clone(), day);
            for event in state.decide(command, &at(99)).expect("followed") {
                state.evolve(&event);
            }
        }
        let day = snapshots.len() - 1;
        let last = given(&[]).after(observe(snapshots[day].clone(), 0), 99).state();
        prop_assert_eq!(state.mirror(), last.mirror());
        prop_assert_eq!(state.access_at(t(99)), last.access_at(t(99)));
        let catalogue = Catalogue::default();
        let seen = |it: &Subscription| it.entitlements_at(t(99), &catalogue);
        // A higher tier whose bill is open waits for its payment, so there the past matters.
        let shown = last.live().expect("none of them ends");
        if !matches!(shown.status, MirrorStatus::PastDue | MirrorStatus::Unpaid) {
            prop_assert_eq!(seen(&state), seen(&last));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_subscription_is_what_its_history_says(
        commands in prop::collection::vec((asked(), 0..5_u64), 1..40),
    ) {
        let (mut state, mut history, mut day) = (Subscription::default(), Vec::new(), 0);
        for (command, pause) in commands {
            day += pause;
            let before = state.clone();
            match state.decide(command.clone(), &at(day)) {
                Ok(events) => {
                    for event in events {
                        let event = stored_and_read(&event);
                        state.evolve(&event);
                        history.push(event);
                    }
                    if matches!(command, C::ObserveSnapshot { .. }) {
                        prop_assert_eq!(state.decide(command, &at(day)), Ok(vec![]));
                    }
                }
                Err(refusal) => {
                    prop_assert!(!refusal.code().is_empty() && !refusal.to_string().is_empty());
                    prop_assert_eq!(&state, &before);
                }
            }
            let ended = state.access_at(t(day)).is_free();
            let tier = state.entitlements_at(t(day), &Catalogue::default()).tier;
            prop_assert!(!ended || tier == Tier::FREE);
        }
        prop_assert_eq!(Subscription::fold(&history), state);
    }
}
