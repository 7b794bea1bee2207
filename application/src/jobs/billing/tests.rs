//! What was used is told to the payment provider, each part once, whatever is repeated.

mod refused;

use super::terms;
use crate::{
    billing::tests::shown,
    caller::Caller,
    commands::subscription::{IntendCustomer, LinkCustomer, OnSubscription, SubscriptionUse},
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    ports::payments::{PaymentFailure, Proration, Reached},
    settings::Billing,
    testing::{World, job_caller, payments::FakePayments},
};
use async_trait::async_trait;
use herald_kernel::{CommandId, LeaseId, Money};
use herald_subscription::{
    Breakdown, Catalogue, Counter, Errand, MirrorStatus, Overage, SubscriptionCommand, Usage,
    UsageCommand, UsageContext, usage_id,
};
use herald_terms::Quota;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const CALLS: &str = "herald_api_calls";

/// So many calls, in a block of their own.
#[derive(Debug, Serialize)]
struct Call(u32);

#[async_trait]
impl UseCase for Call {
    const WHO: Who = Who::Jobs("call");
    type Answer = Uuid;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Uuid, Failure> {
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        let (now, counter, period) = (work.now, Counter::ApiCalls, entitled.period);
        let (quota, overage) = (Quota::Unlimited, Overage::Block);
        let context = UsageContext { now, counter, period, quota, overage };
        let id = usage_id(work.account(), counter, &period).uuid();
        let mut usage = work.load_any::<Usage>(id).await?;
        let lease = LeaseId::new(work.naming().command().uuid());
        let expires_at = now.plus(Duration::from_secs(600));
        let take = UsageCommand::Lease { lease, replica: id, n: self.0, expires_at };
        work.decide(&mut usage, take, &context).await?;
        let (used, breakdown) = (self.0, Breakdown::default());
        work.decide(&mut usage, UsageCommand::Settle { lease, used, breakdown }, &context).await?;
        Ok(id)
    }

    fn replayed(&self, _: Naming) -> Uuid {
        Uuid::nil()
    }
}

async fn shop() -> (World, Arc<FakePayments>, Caller) {
    let payments = Arc::new(FakePayments::default());
    let on = |settings: &mut crate::settings::Settings| {
        settings.billing = Billing::On { catalogue: Arc::default(), automatic_tax: false };
    };
    let world = World::with_business(on, payments.business()).await;
    let owner = world.open_account("Ada").await;
    (world, payments, owner)
}

async fn becomes_customer(world: &World, owner: &Caller) {
    let customer = FakePayments::customer_of(owner.account);
    let job = job_caller(owner.account);
    world.run(&job, OnSubscription(LinkCustomer { customer })).await.expect("linked");
}

async fn calls(world: &World, owner: &Caller, n: u32) -> Uuid {
    world.run(&job_caller(owner.account), Call(n)).await.expect("they are counted")
}

fn silence() -> PaymentFailure {
    let (cause, reached) = ("cut".to_owned(), Reached::Perhaps);
    PaymentFailure::Unreachable { cause, reached, retry_at: None }
}

/// Part of a payment goes back.
#[derive(Debug, Serialize)]
struct GiveBack;

impl SubscriptionUse for GiveBack {
    const WHO: Who = Who::Jobs("giveBack");

    fn command(&self, errand: CommandId) -> Result<SubscriptionCommand, Failure> {
        let amount = Some(Money { minor: 400, currency: "USD".parse().expect("a currency") });
        let payment = "pi_1".parse().expect("a name");
        let reason = "a good customer".try_into().expect("a reason");
        Ok(SubscriptionCommand::RunErrand {
            errand,
            what: Errand::Refund { payment, amount, reason },
        })
    }
}

#[tokio::test]
async fn money_goes_back_once_although_the_provider_forgot_under_which_key() {
    let (world, payments, owner) = shop().await;
    becomes_customer(&world, &owner).await;
    payments.fail(silence());
    let job = job_caller(owner.account);
    let errand = world.run(&job, OnSubscription(GiveBack)).await.expect("it is wanted");
    world.work().await;
    world.pass(Duration::from_secs(24 * 3600));
    world.work().await;
    assert_eq!(payments.asked("refund"), [errand.to_string()], "it had arrived");
    let state = crate::billing::subscription(&world.desk, owner.account).await.expect("read");
    assert_eq!(state.errand(errand), None, "and is done");
}

#[tokio::test]
async fn a_customer_whose_making_nobody_saw_is_looked_for_after_a_day() {
    let (world, payments, owner) = shop().await;
    let job = job_caller(owner.account);
    world.run(&job, OnSubscription(IntendCustomer)).await.expect("it is wanted");
    payments.fail_customer(silence());
    world.pass(Duration::from_secs(5));
    world.work().await;
    world.pass(Duration::from_secs(24 * 3600));
    world.work().await;
    assert_eq!(payments.asked("customer").len(), 1, "no second one is made");
    let state = crate::billing::subscription(&world.desk, owner.account).await.expect("read");
    assert!(state.customer().is_some());
}

#[tokio::test]
async fn a_lower_tier_that_is_handed_over_late_gives_back_what_was_billed_too_much() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let mut live = shown(&owner, MirrorStatus::Active, "card").subscription.expect("one");
    live.items[0].price = "herald_professional_monthly_v1".parse().expect("a name");
    let lower = "herald_starter_monthly_v1".parse().expect("a name");
    let hour = Duration::from_secs(3600);
    for (now, how) in [
        (live.period_end.minus(hour), Proration::None),
        // The next bill is written, and no look has shown it yet.
        (live.period_end, Proration::BillNow),
        (live.period_end.plus(hour), Proration::BillNow),
    ] {
        assert_eq!(terms(&Catalogue::default(), &live, &lower, now), (how, false), "{now}");
    }
}

#[tokio::test]
async fn use_is_told_to_the_meter_and_adds_up_whatever_was_silent() {
    let (world, payments, owner) = shop().await;
    calls(&world, &owner, 3).await;
    world.work().await;
    assert_eq!(payments.metered(CALLS), (0, 0), "who was never a customer is on no bill");
    becomes_customer(&world, &owner).await;
    calls(&world, &owner, 4).await;
    world.work().await;
    assert_eq!(payments.metered(CALLS), (7, 1), "what was not told before is told now");

    // The meter takes it down, and its answer is lost: it is told again under its own name.
    payments.fail(silence());
    calls(&world, &owner, 5).await;
    world.work().await;
    let usage = calls(&world, &owner, 6).await;
    world.pass(Duration::from_secs(60));
    world.work().await;
    assert_eq!(payments.metered(CALLS), (18, 3));
    let state = world.desk.journal.load::<Usage>(usage).await.expect("read").state;
    assert_eq!((state.used(), state.reported(), state.report()), (18, 18, None));
}

#[tokio::test]
async fn what_is_told_after_its_month_is_told_as_of_its_end() {
    let (world, payments, owner) = shop().await;
    becomes_customer(&world, &owner).await;
    let now = world.desk.clock.now();
    let month = entitlements::of_account(&world.desk, owner.account).await.expect("known").period;
    world.pass(month.end().minus(Duration::from_secs(5)).since(now));
    calls(&world, &owner, 5).await;
    world.pass(Duration::from_secs(60));
    world.work().await;
    assert_eq!(payments.metered(CALLS), (5, 1));
    assert_eq!(payments.metered_at(), [month.end().minus(Duration::from_secs(1))]);
}

#[tokio::test]
async fn what_was_perhaps_told_a_day_ago_is_told_no_more() {
    let (world, payments, owner) = shop().await;
    becomes_customer(&world, &owner).await;
    payments.fail(silence());
    let usage = calls(&world, &owner, 5).await;
    world.work().await;
    let open = world.desk.journal.load::<Usage>(usage).await.expect("read").state;
    assert_eq!(open.report().map(|it| it.value()), Some(5), "nobody saw how it ended");
    world.pass(Duration::from_secs(24 * 3600));
    world.work().await;
    let state = world.desk.journal.load::<Usage>(usage).await.expect("read").state;
    assert_eq!((state.reported(), state.report()), (5, None));
    assert_eq!(payments.metered(CALLS), (5, 1), "it had arrived, and counts once");
}

#[tokio::test]
async fn a_meter_that_is_not_there_waits_for_the_operator_and_loses_nothing() {
    let (world, payments, owner) = shop().await;
    becomes_customer(&world, &owner).await;
    let (code, message) = ("resource_missing".to_owned(), "no such meter".to_owned());
    payments.fail(PaymentFailure::Refused { code, param: None, message });
    calls(&world, &owner, 5).await;
    world.work().await;
    assert_eq!(payments.metered(CALLS), (0, 0));
    calls(&world, &owner, 2).await;
    world.work().await;
    assert_eq!(payments.metered(CALLS), (7, 2), "the next use takes up what was left");
}
