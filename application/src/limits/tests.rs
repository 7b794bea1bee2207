//! Exactly as many calls pass as there are, however many replicas ask at one time.

mod packs;

use super::*;
use crate::{
    caller::Caller,
    commands::api_key::IssueApiKey,
    desk::Parts,
    keys::{self, Pass},
    log::{Keyring, MasterKey, MasterKeys},
    settings::Billing,
    testing::World,
};
use herald_kernel::Instant;
use herald_subscription::{Catalogue, Counter, Usage, usage_id};
use herald_terms::{Reach, Scope};
use std::sync::atomic::{AtomicU32, Ordering};

/// What the free tier has in a month.
const FREE: u32 = 100;

async fn world() -> World {
    World::with(|settings| {
        let catalogue = Arc::new(Catalogue::default());
        settings.billing = Billing::On { catalogue, automatic_tax: false };
        settings.waits.remember_keys = Duration::ZERO;
        settings.allowances.key = 1_000_000;
    })
    .await
}

async fn pass(world: &World, owner: &Caller) -> Pass {
    let wish = IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: [Scope::Read].into(),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: None,
    };
    let issued = world.run(owner, wish).await.expect("issued");
    world.project().await;
    let secret = issued.secret.expect("shown once");
    let mut pass = keys::authenticate(&world.desk, &secret, None).await.expect("it is good");
    // The month is tried here; bursts have their own tests.
    let mut entitled = Entitled::clone(&pass.entitled);
    entitled.entitlements.burst_per_minute = Quota::Unlimited;
    assert_eq!(entitled.entitlements.api_calls_per_month, Quota::Limited(FREE));
    pass.entitled = Arc::new(entitled);
    pass
}

/// Another replica over the same store.
fn replica(world: &World) -> Arc<Desk> {
    let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
    let stores = world.desk.stores.clone();
    let ids = Arc::clone(&world.desk.ids);
    Arc::new(Desk::new(Parts {
        keyring: Arc::new(Keyring::new(Arc::clone(&stores.keys), Arc::clone(&ids), masters)),
        stores,
        files: Arc::clone(&world.desk.files),
        networks: crate::jobs::Networks::default(),
        writer: Arc::clone(&world.desk.writer),
        business: crate::business::Business::default(),
        clock: Arc::clone(&world.desk.clock),
        ids,
        settings: world.desk.settings.clone(),
    }))
}

/// Lets a thousand callers call side by side over all of `desks`; answers how many passed.
async fn storm(desks: &[Arc<Desk>], pass: &Pass) -> u32 {
    let passed = AtomicU32::new(0);
    let calls = (0..1_000).map(|turn| {
        let desk = desks.get(turn % desks.len()).expect("a desk");
        let passed = &passed;
        async move {
            match charge_key(desk, pass, "account", 1).await {
                Ok(_) => passed.fetch_add(1, Ordering::Relaxed),
                Err(Stopped::Exceeded(it)) => {
                    assert_eq!(it.violated, [MONTH]);
                    assert!(it.retry_after > 0);
                    0
                }
                Err(Stopped::Failed(failure)) => panic!("{failure:?}"),
            }
        }
    });
    futures::future::join_all(calls).await;
    passed.into_inner()
}

async fn usage(world: &World, owner: &Caller, pass: &Pass) -> Usage {
    let id = usage_id(owner.account, Counter::ApiCalls, &pass.entitled.period);
    world.desk.journal.load::<Usage>(id.uuid()).await.expect("it loads").state
}

#[tokio::test]
async fn of_a_thousand_calls_at_one_time_exactly_as_many_pass_as_there_are() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    let desks = [Arc::clone(&world.desk)];
    assert_eq!(storm(&desks, &pass).await, FREE);
    settle_all(&world.desk).await;
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.held()), (FREE.into(), 0));
    let names: Vec<_> = usage.breakdown().iter().collect();
    assert_eq!(names, [(&format!("{}/account", pass.key), &u64::from(FREE))]);
}

#[tokio::test]
async fn over_three_replicas_no_call_more_passes_and_what_is_unused_goes_back() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    let desks = [Arc::clone(&world.desk), replica(&world), replica(&world)];
    let mut passed = storm(&desks, &pass).await;
    assert!(passed <= FREE, "{passed}");
    for desk in &desks {
        settle_all(desk).await;
    }
    world.pass(Duration::from_secs(2));
    passed += storm(&desks, &pass).await;
    for desk in &desks {
        settle_all(desk).await;
    }
    assert_eq!(passed, FREE);
    assert_eq!(usage(&world, &owner, &pass).await.used(), u64::from(FREE));
}

#[tokio::test]
async fn what_a_crash_left_unsettled_counts_as_used() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    let crashed = replica(&world);
    charge_key(&crashed, &pass, "account", 1).await.expect("it passes");
    drop(crashed);
    let block = FREE / 20;
    assert_eq!(storm(&[Arc::clone(&world.desk)], &pass).await, FREE - block);
}

#[tokio::test]
async fn the_next_month_begins_anew() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let mut pass = pass(&world, &owner).await;
    let desks = [Arc::clone(&world.desk)];
    assert_eq!(storm(&desks, &pass).await, FREE);
    world.pass(pass.entitled.period.end().since(world.desk.clock.now()));
    let mut entitled = Entitled::clone(&pass.entitled);
    entitled.period = herald_subscription::Period::calendar_month(world.desk.clock.now());
    pass.entitled = Arc::new(entitled);
    assert_eq!(storm(&desks, &pass).await, FREE);
}

#[tokio::test]
async fn a_block_counts_in_the_month_that_it_was_handed_out_of_whatever_its_caller_knew() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let mut pass = pass(&world, &owner).await;
    world.pass(pass.entitled.period.end().since(world.desk.clock.now()));
    for _ in 0..3 {
        charge_key(&world.desk, &pass, "account", 1).await.expect("it passes");
    }
    settle_all(&world.desk).await;
    let mut entitled = Entitled::clone(&pass.entitled);
    entitled.period = herald_subscription::Period::calendar_month(world.desk.clock.now());
    pass.entitled = Arc::new(entitled);
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.held()), (3, 0));
}

#[tokio::test]
async fn whoever_hangs_up_while_a_block_is_handed_out_leaves_it_to_others() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    tokio::select! {
        biased;
        _ = charge_key(&world.desk, &pass, "account", 1) => panic!("it waits for the log"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(storm(&[Arc::clone(&world.desk)], &pass).await, FREE);
    settle_all(&world.desk).await;
    assert_eq!(usage(&world, &owner, &pass).await.used(), u64::from(FREE));
}

#[tokio::test]
async fn what_storage_did_not_take_of_a_block_is_settled_with_the_next() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let pass = pass(&world, &owner).await;
    let block = FREE / 20;
    for _ in 0..block {
        charge_key(&world.desk, &pass, "account", 1).await.expect("it passes");
    }
    let trouble = |times| world.memory.state().troubles.insert("events.append", times);
    trouble(1);
    let failed = charge_key(&world.desk, &pass, "account", 1).await;
    assert!(matches!(failed, Err(Stopped::Failed(Failure::Unavailable(_)))), "{failed:?}");
    charge_key(&world.desk, &pass, "account", 1).await.expect("storage is back");
    trouble(1);
    settle_all(&world.desk).await;
    settle_all(&world.desk).await;
    let usage = usage(&world, &owner, &pass).await;
    assert_eq!((usage.used(), usage.held()), (u64::from(block) + 1, 0));
    assert_eq!(usage.breakdown().values().sum::<u64>(), u64::from(block) + 1);
}

#[tokio::test]
async fn a_burst_of_one_key_or_of_all_an_accounts_keys_is_stopped_and_passes_later() {
    let world = World::with(|settings| settings.allowances.key = 10).await;
    let owner = world.open_account("Ada").await;
    let pass = {
        let secret = world.run(
            &owner,
            IssueApiKey {
                name: "the shop".try_into().expect("a name"),
                scopes: [Scope::Read].into(),
                reach: Reach::All,
                ip_allow: Vec::new(),
                expires_at: None,
            },
        );
        let secret = secret.await.expect("issued").secret.expect("shown once");
        world.project().await;
        keys::authenticate(&world.desk, &secret, None).await.expect("it is good")
    };
    for left in (0..10).rev() {
        let tally = charge_key(&world.desk, &pass, "account", 1).await.expect("it passes");
        assert_eq!(tally.0.first().map(|line| line.remaining), Some(left));
    }
    let stopped = charge_key(&world.desk, &pass, "account", 1).await.expect_err("too many");
    let Stopped::Exceeded(it) = stopped else { panic!("{stopped:?}") };
    assert_eq!((it.violated.as_slice(), it.retry_after), ([BURST].as_slice(), 6));
    world.pass(Duration::from_secs(it.retry_after));
    charge_key(&world.desk, &pass, "account", 1).await.expect("whoever waits passes");
}

#[tokio::test]
async fn strangers_are_counted_by_their_address_and_ipv6_by_its_network() {
    let world = World::with(|settings| settings.allowances.sign_in = 2).await;
    let knock = |address: &str| {
        let address = address.parse().expect("an address");
        charge_stranger(&world.desk, Entrance::SignIn, address).is_ok()
    };
    assert!(knock("192.0.2.1") && knock("192.0.2.1") && !knock("192.0.2.1"));
    assert!(knock("::ffff:192.0.2.2") && knock("192.0.2.2") && !knock("192.0.2.2"));
    assert!(knock("2001:db8::1") && knock("2001:db8::2") && !knock("2001:db8::3"));
    assert!(knock("2001:db8:0:1::1"));
    let _: Instant = world.desk.clock.now();
}
