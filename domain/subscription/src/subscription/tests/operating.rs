//! What an operator decides, what money does, and what time does.

use super::*;
use herald_terms::{Feature, MetricCadence, ModelClass, Quota, Tier};

#[test]
fn an_operator_gives_more_time_while_a_payment_fails() {
    let extend = |day| C::ExtendGrace { until: t(day), reason: reason() };
    assert_eq!(given(&[(active(), 1)]).when(extend(50), 1), Err(R::NothingDue));
    let over = given(&[(active(), 1), (past_due(), 31)]).after(C::ElapseGrace, 37);
    assert_eq!(over.when(extend(37), 37), Err(R::NotInTheFuture));
    assert_eq!(over.when(extend(91), 38), Err(R::GraceTooLong));
    let longer = over.after(extend(50), 38);
    assert_eq!(longer.access(38), Access::Grace { until: t(50) });
    assert_eq!(longer.when(extend(50), 38), Ok(vec![]));
}

#[test]
fn one_entitlement_is_set_until_its_time_is_up_or_it_is_lifted() {
    let seats = |n| Entitlement::Seats(Quota::Limited(n));
    let set = |n, until| C::OverrideEntitlement { entitlement: seats(n), until, reason: reason() };
    assert_eq!(given(&[]).when(set(5, Some(t(0))), 0), Err(R::NotInTheFuture));
    let more = given(&[]).after(set(5, Some(t(9))), 0);
    let seen = |it: &Given, day| it.state().entitlements_at(t(day), &Catalogue::default()).seats;
    assert_eq!((seen(&more, 8), seen(&more, 9)), (Quota::Limited(5), Quota::Limited(1)));
    let again = more.after(set(7, None), 0);
    assert_eq!(seen(&again, 99), Quota::Limited(7));
    assert_eq!(again.when(set(7, None), 0), Ok(vec![]));
    let lift = C::LiftOverride { entitlement: seats(0) };
    let lifted = again.after(lift.clone(), 1);
    assert_eq!(seen(&lifted, 2), Quota::Limited(1));
    assert_eq!(lifted.when(lift, 2), Ok(vec![]));
    let with = Entitlement::With(Feature::Teams);
    assert!(with.is_about_the_same(&Entitlement::Without(Feature::Teams)));
    assert!(!with.is_about_the_same(&Entitlement::With(Feature::Analytics)));
}

#[test]
fn a_gift_lasts_until_its_date_and_gives_way_to_something_higher() {
    let gift = |tier, version, until| C::Grandfather {
        to: TierKey { tier, version },
        until,
        reason: reason(),
    };
    let unknown = given(&[]).when(gift(Tier::PROFESSIONAL, 9, None), 0);
    assert_eq!(unknown, Err(R::NotOnOffer { what: "professional v9".to_owned() }));
    let given_starter = given(&[]).after(gift(Tier::STARTER, 1, Some(t(30))), 0);
    assert_eq!((given_starter.tier(29), given_starter.tier(30)), ("starter".into(), "free".into()));
    assert_eq!(given_starter.when(gift(Tier::STARTER, 1, Some(t(30))), 1), Ok(vec![]));
    let high = given(&[]).after(gift(Tier::PROFESSIONAL, 1, Some(t(30))), 0);
    let also_paid = high.after(observe(active(), 1), 1);
    assert_eq!((also_paid.tier(2), also_paid.tier(30)), ("professional".into(), "starter".into()));
}

#[test]
fn money_is_recorded_once() {
    let invoice: InvoiceRef = "in_1".parse().expect("valid");
    let pay = C::RecordPayment { invoice: invoice.clone(), amount: dollars(2_900) };
    let paid = given(&[]).after(pay.clone(), 1);
    assert_eq!((paid.0.len(), paid.when(pay, 2)), (1, Ok(vec![])));
    let refund = C::RecordRefund {
        refund: "re_1".parse().expect("valid"),
        invoice: Some(invoice),
        amount: dollars(2_900),
    };
    let back = paid.after(refund.clone(), 2);
    assert_eq!((back.0.len(), back.when(refund, 3)), (2, Ok(vec![])));
}

fn dispute(stage: DisputeStage, opened: u64) -> C {
    let (dispute, amount) = ("dp_1".parse().expect("valid"), dollars(2_900));
    C::RecordDispute { dispute, stage, amount, opened_at: t(opened) }
}

#[test]
fn a_contested_payment_restricts_until_it_is_won() {
    let contested = given(&[(active(), 1)]).after(dispute(DisputeStage::Opened, 2), 2);
    let disputed = Access::Restricted { reason: Restriction::Disputed };
    assert_eq!(contested.access(2), disputed);
    assert_eq!(contested.when(dispute(DisputeStage::Opened, 2), 2), Ok(vec![]));
    let won = contested.after(dispute(DisputeStage::Won, 2), 3);
    assert_eq!(won.access(3), Access::Full { ends_at: None });
    assert_eq!(won.when(dispute(DisputeStage::Opened, 2), 4), Ok(vec![]));
}

#[test]
fn a_lost_payment_restricts_in_whatever_order_it_is_told() {
    use DisputeStage::{Lost, Opened};
    let disputed = Access::Restricted { reason: Restriction::Disputed };
    for stages in [[Opened, Lost], [Lost, Opened]] {
        let paid = given(&[(active(), 1)]);
        let lost = stages.into_iter().fold(paid, |it, stage| it.after(dispute(stage, 2), 3));
        assert_eq!(lost.access(3), disputed, "{stages:?}");
        // And whether the payment was seen before or after.
        let early = given(&[]);
        let lost = stages.into_iter().fold(early, |it, stage| it.after(dispute(stage, 2), 3));
        assert_eq!(lost.after(observe(active(), 4), 4).access(4), disputed, "{stages:?}");
    }
}

#[test]
fn a_contested_payment_is_of_no_concern_to_a_subscription_that_began_after_it() {
    let contested = given(&[(active(), 1)]).after(dispute(DisputeStage::Opened, 2), 2);
    let gone = contested.after(observe(ended(), 41), 41);
    assert_eq!(gone.when(dispute(DisputeStage::Opened, 2), 42), Ok(vec![]), "it is known");
    let late = C::RecordDispute {
        dispute: "dp_2".parse().expect("valid"),
        stage: DisputeStage::Lost,
        amount: dollars(2_900),
        opened_at: t(45),
    };
    let late = gone.after(late, 50);
    let mut fresh = subscription(MirrorStatus::Active);
    (fresh.id, fresh.started_at) = ("sub_2".parse().expect("valid"), t(49));
    let back = late.after(observe(showing(fresh), 50), 50);
    assert_eq!(back.access(50), Access::Full { ends_at: None });
}

#[test]
fn a_contested_payment_of_before_its_instant_was_kept_is_over_with_its_subscription() {
    let contested = given(&[(active(), 1)]).after(dispute(DisputeStage::Opened, 2), 2);
    let old = contested.0.into_iter().map(|event| {
        let mut stored = serde_json::to_value(event).expect("serialises");
        stored.as_object_mut().expect("an object").remove("opened_at");
        serde_json::from_value(stored).expect("reads back")
    });
    let old = Given(old.collect());
    assert_eq!(old.access(2), Access::Restricted { reason: Restriction::Disputed });
    let gone = old.after(observe(ended(), 41), 41);
    let mut fresh = subscription(MirrorStatus::Active);
    fresh.id = "sub_2".parse().expect("valid");
    let back = gone.after(observe(showing(fresh), 50), 50);
    assert_eq!(back.access(50), Access::Full { ends_at: None });
}

#[test]
fn the_end_of_a_trial_is_said_once_three_days_before() {
    let tried = given(&[(trialing(), 0)]);
    assert_eq!(given(&[]).when(C::NoteTrialEnding, 0), Err(R::NotSubscribed));
    let early = tried.when(C::NoteTrialEnding, 10);
    assert_eq!(early, Err(R::TrialNotEnding { until: t(14) }));
    let said = tried.after(C::NoteTrialEnding, 11);
    assert!(matches!(said.0.last(), Some(E::TrialEnding { .. })));
    assert_eq!(said.when(C::NoteTrialEnding, 12), Ok(vec![]));
}

#[test]
fn an_entitlement_goes_by_the_name_that_people_write() {
    for (name, value, is) in [
        ("seats", "5", Entitlement::Seats(Quota::Limited(5))),
        ("posts_per_month", "unlimited", Entitlement::PostsPerMonth(Quota::Unlimited)),
        ("ai_model_class", "premium", Entitlement::AiModelClass(ModelClass::Premium)),
        ("metric_cadence", "hourly", Entitlement::MetricCadence(MetricCadence::Hourly)),
        ("teams", "on", Entitlement::With(Feature::Teams)),
        ("teams", "off", Entitlement::Without(Feature::Teams)),
    ] {
        assert_eq!(Entitlement::named(name, value), Ok(is), "{name} {value}");
        assert!(Entitlement::about(name).expect("known").is_about_the_same(&is), "{name}");
    }
    for (name, value) in [("seats", "-1"), ("seats", "on"), ("teams", "5"), ("moons", "on")] {
        assert_eq!(Entitlement::named(name, value), Err(InvalidEntitlement), "{name} {value}");
    }
    assert_eq!(Entitlement::about("moons"), Err(InvalidEntitlement));
}

#[test]
fn an_errand_is_run_once_and_its_end_is_noted_once() {
    let refund = |minor| Errand::Refund {
        payment: "pi_1".parse().expect("valid"),
        amount: Some(dollars(minor)),
        reason: reason(),
    };
    let run = |n, minor| C::RunErrand { errand: command(n), what: refund(minor) };
    assert_eq!(given(&[]).when(run(1, 500), 0), Err(R::NoCustomer));
    let paid = given(&[(active(), 1)]);
    assert_eq!(paid.when(run(1, 0), 1), Err(R::NothingToRefund));
    let asked = paid.after(run(1, 500), 1);
    assert_eq!(asked.state().errand(command(1)), Some(&refund(500)));
    assert_eq!(asked.when(run(1, 500), 1), Ok(vec![]), "the same command");
    assert_eq!(asked.when(run(2, 500), 1), Err(R::ErrandUnderWay), "an equal wish may be a slip");
    assert!(asked.when(run(2, 400), 1).is_ok(), "another wish is none");
    let done = C::RecordErrand { errand: command(1), outcome: Recorded::Accepted };
    let rejected = Recorded::Rejected { code: "charge_already_refunded".to_owned() };
    let refused = C::RecordErrand { errand: command(1), outcome: rejected };
    assert!(matches!(&asked.when(refused, 1).expect("noted")[..], [E::ErrandRejected { .. }]));
    let over = asked.after(done.clone(), 1);
    assert_eq!((over.state().errand(command(1)), over.when(done, 1)), (None, Ok(vec![])));
    assert!(over.when(run(2, 500), 1).is_ok(), "once it is answered, more may go back");
}
