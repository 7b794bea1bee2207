//! Credits are bought, set aside, spent, paid back, and expire.

use super::*;
use crate::PaymentRef;
use herald_kernel::{Decider, Fact, Instant, Refusal as _};
use proptest::prelude::*;
use uuid::Uuid;

fn t(hours: u64) -> Instant {
    let start: Instant = "2026-11-21T09:00:00Z".parse().expect("valid");
    start.plus(std::time::Duration::from_secs(hours * 3_600))
}

fn pay(n: u8) -> PaymentRef {
    PaymentRef::try_new(format!("pi_{n}")).expect("valid")
}

fn buy(n: u8, credits: u32, hours: u64) -> CreditsCommand {
    let amount = herald_kernel::Money { minor: 900, currency: "USD".parse().expect("valid") };
    let (payment, kind, expires_at) = (pay(n), CreditKind::AiCredits, t(hours));
    CreditsCommand::Buy { payment, kind, credits, amount, expires_at }
}

fn id(n: u8) -> Uuid {
    Uuid::from_u128(n.into())
}

fn after(commands: &[CreditsCommand]) -> Credits {
    let mut credits = Credits::default();
    for command in commands {
        for event in credits.decide(command.clone(), &at(0)).expect("followed") {
            credits.evolve(&event);
        }
    }
    credits
}

fn at(hours: u64) -> CreditsContext {
    CreditsContext { now: t(hours) }
}

#[test]
fn the_oldest_pack_is_spent_first() {
    let credits = after(&[buy(1, 5, 10), buy(2, 5, 20)]);
    let answer = credits.decide(CreditsCommand::Reserve { id: id(1), n: 7 }, &at(0));
    let parts = vec![Part { payment: pay(1), n: 5 }, Part { payment: pay(2), n: 2 }];
    assert_eq!(answer, Ok(vec![CreditsEvent::Reserved { id: id(1), parts }]));
    assert_eq!((credits.balance(t(0)), credits.balance(t(10)), credits.balance(t(20))), (10, 5, 0));
}

#[test]
fn no_more_is_set_aside_than_there_is() {
    let credits = after(&[buy(1, 5, 10), CreditsCommand::Reserve { id: id(1), n: 4 }]);
    let refused = credits.decide(CreditsCommand::Reserve { id: id(2), n: 2 }, &at(0));
    assert_eq!(refused, Err(CreditsRefusal::CreditsExhausted { left: 1 }));
    assert_eq!(CreditsRefusal::CreditsExhausted { left: 1 }.code(), "CREDITS_EXHAUSTED");
    let again = credits.decide(CreditsCommand::Reserve { id: id(1), n: 4 }, &at(0));
    assert_eq!(again, Ok(vec![]));
}

#[test]
fn what_a_run_did_not_use_is_free_again() {
    let reserve = CreditsCommand::Reserve { id: id(1), n: 4 };
    let commit = CreditsCommand::Commit { id: id(1), used: 3 };
    let spent = after(&[buy(1, 5, 10), reserve.clone(), commit.clone()]);
    assert_eq!(spent.balance(t(0)), 2);
    assert_eq!(spent.decide(commit, &at(0)), Ok(vec![]));
    let more = spent.decide(CreditsCommand::Commit { id: id(1), used: 4 }, &at(0));
    assert_eq!(more, Err(CreditsRefusal::ReservationOver));
    let released = after(&[buy(1, 5, 10), reserve, CreditsCommand::Release { id: id(1) }]);
    assert_eq!(released.balance(t(0)), 5);
}

#[test]
fn only_an_unused_pack_is_paid_back() {
    let refund = CreditsCommand::Refund { payment: pay(1) };
    let unused = after(&[buy(1, 5, 10), refund.clone()]);
    assert_eq!(unused.balance(t(0)), 0);
    assert_eq!(unused.decide(refund.clone(), &at(0)), Ok(vec![]));
    let used = after(&[buy(1, 5, 10), CreditsCommand::Reserve { id: id(1), n: 1 }]);
    assert_eq!(used.decide(refund.clone(), &at(0)), Err(CreditsRefusal::PackUsed));
    assert_eq!(after(&[]).decide(refund, &at(0)), Err(CreditsRefusal::PackUnknown));
}

#[test]
fn a_payment_buys_one_pack_of_one_kind_that_expires() {
    let credits = after(&[buy(1, 5, 10)]);
    assert_eq!(credits.decide(buy(1, 5, 10), &at(0)), Ok(vec![]));
    assert_eq!(credits.decide(buy(2, 0, 10), &at(0)), Err(CreditsRefusal::Nothing));
    assert_eq!(credits.decide(buy(2, 1, 0), &at(0)), Err(CreditsRefusal::ExpiryInThePast));
    let CreditsCommand::Buy { payment: _, kind: _, credits: n, amount, expires_at } = buy(2, 1, 9)
    else {
        panic!("a purchase")
    };
    let kind = CreditKind::ApiCalls;
    let other = CreditsCommand::Buy { payment: pay(2), kind, credits: n, amount, expires_at };
    assert_eq!(credits.decide(other, &at(0)), Err(CreditsRefusal::OtherKind));
    let expired = credits.decide(CreditsCommand::Expire, &at(10));
    assert_eq!(expired, Ok(vec![CreditsEvent::Expired { payment: pay(1), credits: 5 }]));
    assert_eq!(credits.next_expiry(), Some(t(10)));
}

#[test]
fn what_is_set_aside_lasts_no_longer_than_the_first_pack_it_is_of() {
    let reserve = CreditsCommand::Reserve { id: id(1), n: 7 };
    let credits = after(&[buy(1, 5, 10), buy(2, 5, 20), reserve.clone()]);
    assert_eq!((credits.held_until(id(1)), credits.held_until(id(2))), (Some(t(10)), None));
    let spent = after(&[buy(1, 7, 10), reserve, CreditsCommand::Commit { id: id(1), used: 7 }]);
    assert_eq!(spent.held_until(id(1)), None);
}

#[test]
fn ends_of_long_ago_are_forgotten_and_what_is_open_is_not() {
    let mut credits = after(&[buy(1, 9_000, 10), CreditsCommand::Reserve { id: id(0), n: 5 }]);
    for number in 1..=1_500 {
        let id = Uuid::from_u128(number);
        let (reserve, spend) =
            (CreditsCommand::Reserve { id, n: 1 }, CreditsCommand::Commit { id, used: 1 });
        for command in [reserve, spend] {
            for event in credits.decide(command, &at(0)).expect("followed") {
                credits.evolve(&event);
            }
        }
    }
    assert_eq!((credits.held.len(), credits.balance(t(0))), (1_000, 9_000 - 5 - 1_500));
    assert_eq!(credits.held_by(id(0)), 5);
    let again = |n| credits.decide(CreditsCommand::Release { id: Uuid::from_u128(n) }, &at(0));
    assert_eq!(again(1_500), Err(CreditsRefusal::ReservationOver));
    assert_eq!(again(1), Err(CreditsRefusal::ReservationUnknown));
}

fn asked() -> impl Strategy<Value = CreditsCommand> {
    prop_oneof![
        2 => (0..6_u8, 0..9_u32, 0..40_u64).prop_map(|(n, credits, hours)| buy(n, credits, hours)),
        4 => (0..12_u8, 0..7_u32).prop_map(|(n, it)| CreditsCommand::Reserve { id: id(n), n: it }),
        3 => (0..12_u8, 0..7_u32).prop_map(|(n, used)| CreditsCommand::Commit { id: id(n), used }),
        2 => (0..12_u8).prop_map(|n| CreditsCommand::Release { id: id(n) }),
        1 => (0..6_u8).prop_map(|n| CreditsCommand::Refund { payment: pay(n) }),
        1 => Just(CreditsCommand::Expire),
    ]
}

proptest! {
    #[test]
    fn no_credit_is_spent_twice(commands in prop::collection::vec((asked(), 0..3_u64), 1..60)) {
        let (mut credits, mut history, mut hours) = (Credits::default(), Vec::new(), 0);
        let (mut bought, mut spent) = (0_u64, 0_u64);
        for (command, pause) in commands {
            hours += pause;
            let before = credits.clone();
            for event in credits.decide(command, &at(hours)).unwrap_or_default() {
                prop_assert!(CreditsEvent::NAMES.contains(&event.name()));
                let stored = serde_json::to_value(&event).expect("serialises");
                prop_assert_eq!(&stored["type"], event.name());
                let event: CreditsEvent = serde_json::from_value(stored).expect("reads back");
                credits.evolve(&event);
                match &event {
                    CreditsEvent::Bought { credits, .. } => bought += u64::from(*credits),
                    CreditsEvent::Committed { parts, .. } => {
                        spent += parts.iter().map(|it| u64::from(it.n)).sum::<u64>();
                    }
                    CreditsEvent::Reserved { parts, .. } => {
                        let n: u32 = parts.iter().map(|it| it.n).sum();
                        prop_assert!(n <= before.balance(t(hours)));
                    }
                    CreditsEvent::Released { .. }
                    | CreditsEvent::Refunded { .. }
                    | CreditsEvent::Expired { .. } => {}
                }
                history.push(event);
            }
            prop_assert!(spent + u64::from(credits.balance(t(hours))) <= bought);
            prop_assert!(credits.packs().iter().all(|it| it.left <= it.credits));
        }
        prop_assert_eq!(Credits::fold(&history), credits);
    }
}
