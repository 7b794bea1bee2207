//! What was bought is there for plans, and comes back when nothing is made of it.

use super::*;
use crate::{commands::subscription::RecordPurchase, metering::RUN_AT_MOST, settings::Billing};
use herald_kernel::Money;
use herald_subscription::{Catalogue, CatalogueFile, CreditKind, Credits, credits_id};
use herald_terms::Quota;
use std::{sync::Arc, time::Duration};

/// A bakery whose tier includes no generated text, and that bought a pack.
async fn with_a_pack() -> Bakery {
    let built_in = Catalogue::default();
    let mut tiers = built_in.tiers().to_vec();
    for tier in &mut tiers {
        tier.limits.ai_credits_per_month = Quota::Limited(0);
    }
    let file = CatalogueFile { tiers, packs: built_in.packs().to_vec(), ..Default::default() };
    let catalogue = Arc::new(Catalogue::try_from(file).expect("a catalogue"));
    let billing = Billing::On { catalogue, automatic_tax: false };
    let world = World::with(|settings| settings.billing = billing).await;
    let bakery = Bakery::in_world(world, 1).await;
    let purchase = RecordPurchase {
        session: "cs_1".parse().expect("a checkout"),
        payment: "pi_1".parse().expect("a payment"),
        price: "herald_ai_credits_500_v1".parse().expect("a price"),
        quantity: 1,
        amount: Money { minor: 1_000, currency: "USD".parse().expect("a currency") },
    };
    bakery.world.run(&job_caller(bakery.ada.account), purchase).await.expect("it is bought");
    bakery
}

async fn left(bakery: &Bakery) -> u32 {
    let id = credits_id(bakery.ada.account, CreditKind::AiCredits).uuid();
    let credits = bakery.world.desk.journal.load::<Credits>(id).await.expect("it loads").state;
    credits.balance(bakery.world.desk.clock.now())
}

#[tokio::test]
async fn who_has_no_credits_in_a_month_has_plans_written_by_those_that_were_bought() {
    let bakery = with_a_pack().await;
    bakery.written(3).await;
    assert_eq!(left(&bakery).await, 497);
}

#[tokio::test]
async fn what_was_bought_comes_back_from_a_run_that_says_nothing_more() {
    let bakery = with_a_pack().await;
    let plan = bakery.plan(3).await;
    bakery.ask(plan).await;
    assert_eq!(left(&bakery).await, 497);
    // The job that writes is lost.
    bakery.job().await;
    bakery.world.pass(RUN_AT_MOST + Duration::from_secs(1));
    let lapse = bakery.world.due_jobs().await.into_iter().find(|it| it.key.contains("lapse-run"));
    assert_eq!(bakery.work(&lapse.expect("it is due")).await, Ok(Next::Done));
    assert_eq!(left(&bakery).await, 500);
}
