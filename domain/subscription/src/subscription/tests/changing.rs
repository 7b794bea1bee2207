//! Up at once and paid; down with the end of what is paid for.

use super::*;
use herald_terms::Tier;

fn change(n: u8, tier: Tier, interval: Interval) -> C {
    C::RequestPlanChange { change: command(n), tier, interval }
}

fn up() -> C {
    change(1, Tier::PROFESSIONAL, Interval::Month)
}

fn professional(latest: Option<MirrorInvoice>) -> Snapshot {
    let items = vec![item(PROFESSIONAL, 9_900, Interval::Month)];
    let it = subscription(MirrorStatus::Active);
    showing(MirrorSubscription { items, latest_invoice: latest, ..it })
}

#[test]
fn a_higher_tier_begins_once_it_is_paid() {
    let asked = given(&[(active(), 1)]).after(up(), 2);
    assert!(matches!(asked.0.last(), Some(E::PlanChangeIntended { .. })));
    assert_eq!(asked.tier(2), "starter");
    assert_eq!(asked.when(up(), 2), Ok(vec![]));
    assert_eq!(asked.when(C::WithdrawPlanChange, 2), Err(R::ChangeUnderWay));
    let other = asked.when(change(2, Tier::STARTER, Interval::Year), 2);
    assert_eq!(other, Err(R::ChangePending));
    let unpaid = professional(Some(invoice(InvoiceStatus::Open, t(2))));
    let waiting = asked.after(observe(unpaid, 3), 3);
    assert_eq!(waiting.tier(3), "starter");
    let paid = professional(Some(invoice(InvoiceStatus::Paid, t(2))));
    let done = waiting.after(observe(paid, 4), 4);
    assert_eq!(done.tier(4), "professional");
    assert!(done.state().change().is_none());
}

/// The lower tier still, with a change that waits for its payment.
fn unpaid_until(day: u64) -> Snapshot {
    let latest_invoice = Some(invoice(InvoiceStatus::Open, t(2)));
    let it = subscription(MirrorStatus::Active);
    showing(MirrorSubscription { pending_change_until: Some(t(day)), latest_invoice, ..it })
}

/// The lower tier as before; the bill of the change is void.
fn given_up() -> Snapshot {
    let latest_invoice = Some(invoice(InvoiceStatus::Void, t(2)));
    showing(MirrorSubscription { latest_invoice, ..subscription(MirrorStatus::Active) })
}

fn accepted() -> C {
    C::RecordPlanChange { change: command(1), outcome: Recorded::Accepted }
}

#[test]
fn a_change_whose_payment_never_came_is_over_and_another_may_be_asked_for() {
    let rejected = |it: &Given| {
        let code =
            |it: &E| matches!(it, E::PlanChangeRejected { code, .. } if code == "payment_failed");
        it.0.iter().filter(|it| code(it)).count()
    };
    let asked = || given(&[(active(), 1)]).after(up(), 2);
    // Whether the answer or the look is told first.
    let first = asked().after(accepted(), 2).after(observe(unpaid_until(3), 2), 2);
    let later = asked().after(observe(unpaid_until(3), 2), 2).after(accepted(), 2);
    for waiting in [first, later] {
        assert_eq!((rejected(&waiting), waiting.when(up(), 2)), (0, Ok(vec![])));
        let over = waiting.after(observe(given_up(), 4), 4);
        assert_eq!((rejected(&over), over.state().change()), (1, None));
        assert_eq!(over.tier(4), "starter");
        let anew = over.when(change(2, Tier::PROFESSIONAL, Interval::Month), 4);
        assert!(matches!(&anew.expect("followed")[..], [E::PlanChangeIntended { .. }]));
    }
    // A late answer of the provider, after the look that shows nothing to wait for.
    let seen = asked().after(observe(unpaid_until(3), 2), 2).after(observe(given_up(), 4), 4);
    let over = seen.after(accepted(), 4).after(observe(given_up(), 5), 5);
    assert_eq!((rejected(&over), over.state().change()), (1, None));
}

#[test]
fn a_change_that_waited_for_its_payment_is_made_once_it_is_paid() {
    let waiting = given(&[(active(), 1)]).after(up(), 2).after(accepted(), 2);
    let waiting = waiting.after(observe(unpaid_until(3), 2), 2);
    let paid = professional(Some(invoice(InvoiceStatus::Paid, t(2))));
    let done = waiting.after(observe(paid, 3), 3);
    assert_eq!((done.tier(3).as_str(), done.state().change()), ("professional", None));
    assert!(matches!(done.0.last(), Some(E::PlanChangeCompleted { .. })));
}

#[test]
fn a_look_from_before_the_provider_was_asked_rejects_nothing() {
    let asked = given(&[(active(), 1)]).after(up(), 2).after(accepted(), 2);
    let looked = asked.after(observe(given_up(), 2), 2);
    assert!(looked.state().change().is_some(), "the change may still show");
}

#[test]
fn a_longer_interval_begins_at_once_and_a_shorter_one_later() {
    let monthly = given(&[(active(), 1)]);
    let longer = monthly.when(change(1, Tier::STARTER, Interval::Year), 1).expect("followed");
    assert!(matches!(&longer[..], [E::PlanChangeIntended { .. }]));
    let mut yearly = subscription(MirrorStatus::Active);
    yearly.items = vec![item(STARTER_YEARLY, 29_000, Interval::Year)];
    let yearly = given(&[(showing(yearly), 1)]);
    let shorter = yearly.when(change(1, Tier::STARTER, Interval::Month), 1).expect("followed");
    assert!(matches!(&shorter[..], [E::PlanChangeScheduled { .. }]));
}

#[test]
fn a_lower_tier_waits_shows_what_it_costs_and_can_be_withdrawn() {
    let high = given(&[(professional(None), 1)]);
    let context = SubscriptionContext {
        in_use: InUse { networks: 5, connections: 12, seats: 3, api_keys: 1 },
        ..at(2)
    };
    let down = change(1, Tier::STARTER, Interval::Month);
    let events = high.state().decide(down, &context).expect("followed");
    let [E::PlanChangeScheduled { effective_at, impact, .. }] = &events[..] else { panic!() };
    assert_eq!(*effective_at, t(30));
    assert_eq!(*impact, Impact { networks: 2, connections: 2, seats: 2, api_keys: 0 });
    assert!(!impact.is_none());
    let waiting = Given([high.0, events].concat());
    assert_eq!(waiting.tier(2), "professional");
    let apply = C::ApplyPlanChange { change: command(1) };
    assert_eq!(waiting.when(apply.clone(), 29), Err(R::ChangeNotDue { at: t(30) }));
    let due = waiting.when(apply, 30).expect("followed");
    assert!(matches!(&due[..], [E::PlanChangeIntended { .. }]));
    let unknown = waiting.when(C::ApplyPlanChange { change: command(9) }, 30);
    assert_eq!(unknown, Err(R::RequestUnknown));
    let withdrawn = waiting.after(C::WithdrawPlanChange, 3);
    assert_eq!(withdrawn.when(C::WithdrawPlanChange, 3), Ok(vec![]));
}

#[test]
fn keepers_fit_into_the_lower_tier() {
    let high = given(&[(professional(None), 1)]);
    let keep = |n: u8| C::ChooseKeepers {
        keepers: Keepers {
            members: (0..n)
                .map(|it| herald_kernel::MemberId::new(Uuid::from_u128(it.into())))
                .collect(),
            ..Keepers::default()
        },
    };
    assert_eq!(high.when(keep(1), 1), Err(R::NothingToKeepFor));
    let waiting = high.after(change(1, Tier::STARTER, Interval::Month), 2);
    let many = waiting.when(keep(2), 2);
    assert_eq!(many, Err(R::TooManyKeepers { what: "members", limit: 1 }));
    let chosen = waiting.after(keep(1), 2);
    assert_eq!(chosen.state().keepers().members.len(), 1);
    assert_eq!(chosen.when(keep(1), 2), Ok(vec![]));
}

#[test]
fn what_is_due_is_paid_before_anything_changes() {
    let failed = given(&[(active(), 1), (past_due(), 31)]);
    assert_eq!(failed.when(up(), 31), Err(R::PaymentDue));
    assert_eq!(given(&[]).when(up(), 1), Err(R::NotSubscribed));
    let paid = given(&[(active(), 1)]);
    let free = paid.when(change(1, Tier::FREE, Interval::Month), 1);
    assert_eq!(free, Err(R::CancelInstead { tier: Tier::FREE }));
    let gift = paid.when(change(1, Tier::ENTERPRISE, Interval::Month), 1);
    assert_eq!(gift, Err(R::NotOnOffer { what: "enterprise".to_owned() }));
    assert_eq!(paid.when(change(1, Tier::STARTER, Interval::Month), 1), Ok(vec![]));
}

#[test]
fn a_rejected_change_leaves_everything_as_it_was() {
    let outcome = Recorded::Rejected { code: "card_declined".to_owned() };
    let asked = given(&[(active(), 1)]).after(up(), 2);
    let rejected = asked.after(C::RecordPlanChange { change: command(1), outcome }, 2);
    assert!(rejected.state().change().is_none());
    assert_eq!(rejected.tier(2), "starter");
    let late = C::RecordPlanChange { change: command(1), outcome: Recorded::Accepted };
    assert_eq!(rejected.when(late, 2), Ok(vec![]));
}

#[test]
fn an_end_is_intended_once_and_can_be_taken_back() {
    let end = C::Cancel { at: CancelAt::PeriodEnd };
    assert_eq!(given(&[]).when(end.clone(), 1), Err(R::NotSubscribed));
    let paid = given(&[(active(), 1)]);
    assert_eq!(paid.when(C::Resume, 1), Ok(vec![]));
    let leaving = paid.after(end.clone(), 2);
    let dated = matches!(leaving.0.last(), Some(E::CancellationIntended { ends_at, .. }) if *ends_at == t(30));
    assert!(dated);
    assert_eq!(leaving.when(end.clone(), 2), Ok(vec![]));
    assert_eq!(leaving.when(up(), 2), Err(R::EndsSoon));
    assert_eq!(leaving.tier(2), "starter");
    let back = leaving.after(C::Resume, 3);
    assert!(matches!(back.0.last(), Some(E::ResumptionIntended { .. })));
    assert_eq!(back.when(C::Resume, 3), Ok(vec![]));
    let accepted = back.after(C::RecordResumption { outcome: Recorded::Accepted }, 3);
    let again = C::RecordResumption { outcome: Recorded::Accepted };
    assert_eq!(accepted.when(again, 3), Ok(vec![]));
    let outcome = Recorded::Rejected { code: "gone".to_owned() };
    assert_eq!(accepted.when(C::RecordCancellation { outcome }, 3), Ok(vec![]));
}
