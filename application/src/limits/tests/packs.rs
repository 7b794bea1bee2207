//! Calls that were bought pass once the month's are used up: every one of them, and none twice.

use super::*;
use crate::{
    commands::subscription::{RecordPurchase, RecordRefund},
    limits::LEASE,
    testing::job_caller,
};
use herald_subscription::{CatalogueFile, CreditKind, Credits, PaymentRef, credits_id};

/// The calls of the one pack that is sold.
const PACK: u32 = 60;

async fn shop() -> World {
    World::with(|settings| {
        let built_in = Catalogue::default();
        let mut packs = built_in.packs().to_vec();
        for pack in &mut packs {
            (pack.credits, pack.months_valid) = (PACK, 1);
        }
        let file = CatalogueFile { tiers: built_in.tiers().to_vec(), packs, ..Default::default() };
        let catalogue = Arc::new(Catalogue::try_from(file).expect("a catalogue"));
        settings.billing = Billing::On { catalogue, automatic_tax: false };
        settings.waits.remember_keys = Duration::ZERO;
        settings.allowances.key = 1_000_000;
    })
    .await
}

fn payment(number: u32) -> PaymentRef {
    PaymentRef::try_new(format!("pi_{number}")).expect("a payment")
}

async fn buy(world: &World, owner: &Caller, number: u32) {
    let purchase = RecordPurchase {
        session: "cs_1".parse().expect("a checkout"),
        payment: payment(number),
        price: "herald_api_calls_10000_v1".parse().expect("a price"),
        quantity: 1,
        amount: herald_kernel::Money { minor: 900, currency: "USD".parse().expect("money") },
    };
    world.run(&job_caller(owner.account), purchase).await.expect("it is bought");
}

async fn credits(world: &World, owner: &Caller) -> Credits {
    let id = credits_id(owner.account, CreditKind::ApiCalls).uuid();
    world.desk.journal.load::<Credits>(id).await.expect("it loads").state
}

/// What is left of each pack, the oldest first.
async fn left(world: &World, owner: &Caller) -> Vec<u32> {
    credits(world, owner).await.packs().iter().map(|pack| pack.left).collect()
}

/// One call, and what is said of the month: how many there are, and how many are left.
async fn call(desk: &Arc<Desk>, pass: &Pass) -> (bool, u64, u64) {
    let (passes, tally) = match charge_key(desk, pass, "account", 1).await {
        Ok(tally) => (true, tally),
        Err(Stopped::Exceeded(it)) => (false, it.tally),
        Err(Stopped::Failed(failure)) => panic!("{failure:?}"),
    };
    let month = tally.0.iter().find(|line| line.policy == MONTH).expect("the month");
    (passes, month.quota, month.remaining)
}

#[tokio::test]
async fn of_a_thousand_calls_exactly_the_months_and_the_bought_ones_pass() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    buy(&world, &owner, 2).await;
    assert_eq!(storm(&[Arc::clone(&world.desk)], &pass).await, FREE + 2 * PACK);
    settle_all(&world.desk).await;
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.held()), (FREE.into(), 0));
    assert_eq!(usage.drawn(), u64::from(2 * PACK));
    assert_eq!(usage.breakdown().values().sum::<u64>(), u64::from(FREE + 2 * PACK));
    assert_eq!(left(&world, &owner).await, [0, 0]);
}

#[tokio::test]
async fn over_three_replicas_no_bought_call_passes_twice_and_what_is_unused_goes_back() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    let desks = [Arc::clone(&world.desk), replica(&world), replica(&world)];
    let mut passed = 0;
    for _ in 0..3 {
        passed += storm(&desks, &pass).await;
        assert!(passed <= FREE + PACK, "{passed}");
        for desk in &desks {
            settle_all(desk).await;
        }
        world.pass(Duration::from_secs(2));
    }
    assert_eq!(passed, FREE + PACK);
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.drawn()), (FREE.into(), PACK.into()));
}

#[tokio::test]
async fn the_months_calls_are_used_before_a_pack_and_the_older_pack_before_the_newer() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    buy(&world, &owner, 2).await;
    for _ in 0..FREE {
        assert!(call(&world.desk, &pass).await.0);
    }
    settle_all(&world.desk).await;
    assert_eq!(left(&world, &owner).await, [PACK, PACK]);
    for _ in 0..5 {
        assert!(call(&world.desk, &pass).await.0);
    }
    settle_all(&world.desk).await;
    assert_eq!(left(&world, &owner).await, [PACK - 5, PACK]);
}

#[tokio::test]
async fn every_answer_says_what_is_left_of_the_month_and_the_packs_together() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    let all = u64::from(FREE + PACK);
    for used in 1..=all {
        let (passes, quota, remaining) = call(&world.desk, &pass).await;
        assert_eq!((passes, remaining), (true, all - used));
        assert!(quota >= remaining && quota >= u64::from(FREE), "{quota} {remaining}");
    }
    assert_eq!(call(&world.desk, &pass).await, (false, FREE.into(), 0));
    buy(&world, &owner, 2).await;
    world.pass(Duration::from_secs(2));
    let bought = call(&world.desk, &pass).await;
    assert_eq!(bought, (true, u64::from(FREE + PACK - 1), u64::from(PACK - 1)));
}

#[tokio::test]
async fn a_call_that_is_worth_more_than_the_month_has_is_made_up_of_both() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    let charge = async |cost| charge_key(&world.desk, &pass, "account", cost).await.is_ok();
    assert!(charge(FREE - 3).await);
    settle_all(&world.desk).await;
    assert!(!charge(5).await, "three are left");
    world.pass(Duration::from_secs(2));
    buy(&world, &owner, 1).await;
    assert!(charge(5).await);
    settle_all(&world.desk).await;
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.drawn()), (FREE.into(), 2));
    assert_eq!(left(&world, &owner).await, [PACK - 2]);
}

#[tokio::test]
async fn what_a_crash_left_of_a_block_of_bought_calls_counts_as_used() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    let desk = [Arc::clone(&world.desk)];
    for _ in 0..FREE {
        assert!(call(&world.desk, &pass).await.0);
    }
    let crashed = replica(&world);
    assert!(call(&crashed, &pass).await.0);
    let block = PACK / 20;
    assert_eq!(left(&world, &owner).await, [PACK - block]);
    world.work().await;
    world.pass(LEASE + Duration::from_secs(1));
    world.work().await;
    assert_eq!(usage(&world, &owner, &pass).await.drawn(), u64::from(block));
    settle_all(&crashed).await;
    assert_eq!(left(&world, &owner).await, [PACK - block], "whoever is late gives nothing back");
    assert_eq!(storm(&desk, &pass).await, PACK - block);
    settle_all(&world.desk).await;
    assert_eq!(usage(&world, &owner, &pass).await.drawn(), u64::from(PACK));
}

#[tokio::test]
async fn bought_calls_pass_until_their_time_is_up_and_not_a_moment_longer() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let mut pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    let over = credits(&world, &owner).await.next_expiry().expect("it ends");
    let minute = Duration::from_secs(60);
    world.pass(over.minus(minute).since(world.desk.clock.now()));
    let mut entitled = Entitled::clone(&pass.entitled);
    entitled.period = herald_subscription::Period::calendar_month(world.desk.clock.now());
    pass.entitled = Arc::new(entitled);
    for _ in 0..=FREE {
        assert!(call(&world.desk, &pass).await.0, "the month's, and one that was bought");
    }
    world.pass(minute);
    assert!(!call(&world.desk, &pass).await.0, "the rest of the block is over with its pack");
    world.work().await;
    assert!(credits(&world, &owner).await.packs().iter().all(|pack| pack.closed));
}

#[tokio::test]
async fn a_pack_of_which_a_call_was_made_is_not_paid_back() {
    let world = shop().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    buy(&world, &owner, 1).await;
    buy(&world, &owner, 2).await;
    for _ in 0..=FREE {
        assert!(call(&world.desk, &pass).await.0);
    }
    for number in [1, 2] {
        let refund = RecordRefund {
            refund: payment(10 + number),
            invoice: None,
            amount: herald_kernel::Money { minor: 900, currency: "USD".parse().expect("money") },
            whole_of: Some(payment(number)),
        };
        world.run(&job_caller(owner.account), refund).await.expect("it is noted");
    }
    settle_all(&world.desk).await;
    assert_eq!(left(&world, &owner).await, [PACK - 1, 0], "what nobody used went back");
}
