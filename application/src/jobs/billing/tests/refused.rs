//! What the payment provider refuses is recorded with its code; what it is silent about is asked
//! again under the same key.

use super::{becomes_customer, shop, silence};
use crate::{
    billing::{Page, await_portal, return_to::ReturnTo, subscription, sync_job, tests::shown},
    caller::Caller,
    commands::subscription::{
        CancelSubscription, ChangePlan, OnSubscription, OpenPortal, ResumeSubscription,
    },
    jobs::put_job,
    ports::payments::PaymentFailure,
    testing::{World, payments::FakePayments},
};
use herald_subscription::{CancelAt, Interval, MirrorStatus, Snapshot, subscription_id};
use herald_terms::Tier;
use std::{sync::Arc, time::Duration};

/// Ada, who pays for the smallest tier.
async fn subscriber() -> (World, Arc<FakePayments>, Caller) {
    let (world, payments, owner) = shop().await;
    becomes_customer(&world, &owner).await;
    look(&world, &payments, &owner, shown(&owner, MirrorStatus::Active, "card")).await;
    (world, payments, owner)
}

/// The provider shows this, and is looked at.
async fn look(world: &World, payments: &FakePayments, owner: &Caller, shows: Snapshot) {
    payments.show(shows);
    world.pass(Duration::from_secs(60));
    let job = sync_job(owner.account, world.desk.clock.now());
    put_job(&world.desk, job).await.expect("it is put");
    world.work().await;
}

fn refused(code: &str) -> PaymentFailure {
    let (code, message) = (code.to_owned(), "no".to_owned());
    PaymentFailure::Refused { code, param: None, message }
}

/// How often this happened to the account's subscription.
fn happened(world: &World, owner: &Caller, what: &str) -> usize {
    let history = world.memory.history(subscription_id(owner.account).uuid());
    history.iter().filter(|name| name.strip_prefix("subscription.") == Some(what)).count()
}

fn higher() -> OnSubscription<ChangePlan> {
    OnSubscription(ChangePlan { tier: Tier::PROFESSIONAL, interval: Interval::Month })
}

#[tokio::test]
async fn a_refused_change_leaves_the_tier_and_another_may_be_asked_for() {
    let (world, payments, owner) = subscriber().await;
    payments.fail(refused("resource_missing"));
    world.run(&owner, higher()).await.expect("it is intended");
    world.work().await;
    assert_eq!(payments.asked("change").len(), 1);
    assert_eq!(happened(&world, &owner, "plan_change_rejected"), 1);
    let state = subscription(&world.desk, owner.account).await.expect("read");
    assert_eq!(state.change(), None);
    world.run(&owner, higher()).await.expect("it is intended anew");
    world.work().await;
    assert_eq!(payments.asked("change").len(), 2);
    assert_eq!(happened(&world, &owner, "plan_change_rejected"), 1);
}

#[tokio::test]
async fn a_change_that_nobody_paid_is_told_and_another_may_be_asked_for() {
    let (world, payments, owner) = subscriber().await;
    world.run(&owner, higher()).await.expect("it is intended");
    let mut waits = shown(&owner, MirrorStatus::Active, "card");
    if let Some(it) = &mut waits.subscription {
        it.pending_change_until = Some(it.period_end);
    }
    look(&world, &payments, &owner, waits).await;
    let state = subscription(&world.desk, owner.account).await.expect("read");
    assert!(state.change().is_some() && state.change_paid_until().is_some());
    world.run(&owner, higher()).await.expect("it is asked for already");
    assert_eq!(payments.asked("change").len(), 1);

    look(&world, &payments, &owner, shown(&owner, MirrorStatus::Active, "card")).await;
    assert_eq!(happened(&world, &owner, "plan_change_rejected"), 1);
    world.run(&owner, higher()).await.expect("it is intended anew");
    world.work().await;
    assert_eq!(payments.asked("change").len(), 2);
}

#[tokio::test]
async fn silence_about_a_change_is_asked_again_under_the_same_key() {
    let (world, payments, owner) = subscriber().await;
    payments.fail(silence());
    world.run(&owner, higher()).await.expect("it is intended");
    world.work().await;
    world.pass(Duration::from_secs(60));
    world.work().await;
    let asked = payments.asked("change");
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    assert_eq!(happened(&world, &owner, "plan_change_rejected"), 0);
}

#[tokio::test]
async fn silence_is_recorded_after_the_last_try_because_somebody_waits() {
    let (world, payments, owner) = subscriber().await;
    let tries = world.desk.settings.job_attempts;
    world.run(&owner, higher()).await.expect("it is intended");
    for _ in 0..tries {
        assert_eq!(happened(&world, &owner, "plan_change_rejected"), 0);
        payments.fail(silence());
        world.work().await;
        world.pass(Duration::from_secs(60));
    }
    assert_eq!(payments.asked("change").len(), usize::try_from(tries).expect("few"));
    assert_eq!(happened(&world, &owner, "plan_change_rejected"), 1);
}

#[tokio::test]
async fn a_refused_end_leaves_the_subscription_running() {
    let (world, payments, owner) = subscriber().await;
    payments.fail(refused("subscription_locked"));
    let end = CancelSubscription { at: CancelAt::PeriodEnd };
    world.run(&owner, OnSubscription(end)).await.expect("it is intended");
    world.work().await;
    assert_eq!(payments.asked("cancel").len(), 1);
    assert_eq!(happened(&world, &owner, "cancellation_rejected"), 1);
    let state = subscription(&world.desk, owner.account).await.expect("read");
    assert_eq!(state.live().map(|it| it.cancel_at_period_end), Some(false));
}

#[tokio::test]
async fn a_refused_resumption_leaves_the_end_where_it_is() {
    let (world, payments, owner) = subscriber().await;
    let mut ending = shown(&owner, MirrorStatus::Active, "card");
    if let Some(it) = &mut ending.subscription {
        it.cancel_at_period_end = true;
    }
    look(&world, &payments, &owner, ending).await;
    payments.fail(refused("subscription_locked"));
    world.run(&owner, OnSubscription(ResumeSubscription)).await.expect("it is intended");
    world.work().await;
    assert_eq!(payments.asked("resume").len(), 1);
    assert_eq!(happened(&world, &owner, "resumption_rejected"), 1);
    let state = subscription(&world.desk, owner.account).await.expect("read");
    assert_eq!(state.live().map(|it| it.cancel_at_period_end), Some(true));
}

#[tokio::test]
async fn pages_that_the_provider_does_not_open_are_told_with_its_code() {
    let (world, payments, owner) = subscriber().await;
    payments.fail(refused("portal_disabled"));
    let visit = OpenPortal { return_to: ReturnTo::default() };
    let portal = world.run(&owner, visit).await.expect("it is intended");
    world.work().await;
    assert_eq!(payments.asked("portal"), [portal.to_string()]);
    let page = await_portal(&world.desk, &owner, portal).await.expect("it is read");
    assert_eq!(page, Page::Failed { code: "portal_disabled".to_owned() });
    assert_eq!(happened(&world, &owner, "portal_failed"), 1);
}
