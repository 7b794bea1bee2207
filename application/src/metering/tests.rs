//! What an account meets when it pays, or does not.

use crate::{
    caller::{Caller, Standing},
    commands::{
        connection::BeginConnection,
        post::{
            ContentInput, CreatePost, OnPost, PublishPost, ReschedulePost, SchedulePost, StepInput,
            UnschedulePost, WhenInput,
        },
        subscription::ObserveSnapshot,
    },
    failure::Failure,
    reading::read_document,
    settings::Billing,
    testing::{World, caller, job_caller},
    views::posts::{TARGETS, TargetDoc},
};
use herald_kernel::{ConnectionId, Instant, Network, PostId};
use herald_post::{HoldReason, target_id};
use herald_subscription::{Catalogue, Counter, Snapshot, Usage, usage_id};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn paying_world() -> World {
    let catalogue = Arc::new(Catalogue::default());
    World::with(|settings| settings.billing = Billing::On { catalogue, automatic_tax: false }).await
}

async fn written(world: &World, owner: &Caller, connection: ConnectionId) -> PostId {
    let text = "Fresh bread".to_owned().try_into().expect("a text");
    let root = StepInput { text, media: Vec::new() };
    let content =
        ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
    let create = CreatePost { content, connections: vec![connection] };
    world.run(owner, create).await.expect("it is written")
}

fn tomorrow(world: &World) -> WhenInput {
    WhenInput::At(world.desk.clock.now().plus(DAY))
}

async fn schedule(world: &World, owner: &Caller, post: PostId) -> Result<PostId, Failure> {
    world.run(owner, OnPost(SchedulePost { post, when: tomorrow(world) })).await
}

async fn counted(world: &World, owner: &Caller) -> u64 {
    let entitled = crate::entitlements::of_account(&world.desk, owner.account).await;
    let period = entitled.expect("it is known").period;
    let id = usage_id(owner.account, Counter::Posts, &period).uuid();
    world.desk.journal.load::<Usage>(id).await.expect("it loads").state.used()
}

/// What a payment provider says of a subscription to the starter tier.
fn shown(status: &str, now: Instant) -> Snapshot {
    let item = json!({
        "price": "herald_starter_monthly_v1", "quantity": 1, "interval": "month",
        "interval_count": 1, "unit": { "minor": 2_900, "currency": "USD" },
    });
    let subscription = json!({
        "id": "sub_1", "status": status, "items": [item], "started_at": now, "period_start": now,
        "period_end": now.plus(DAY * 30),
    });
    let shown = json!({ "customer": "cus_1", "subscription": subscription });
    serde_json::from_value(shown).expect("a snapshot")
}

/// The payment provider shows the subscription so.
async fn show(world: &World, owner: &Caller, status: &str) {
    let fetched_at = world.desk.clock.now();
    let observe = ObserveSnapshot { snapshot: shown(status, fetched_at), fetched_at };
    world.run(&job_caller(owner.account), observe).await.expect("it is so");
    world.work().await;
}

async fn target(world: &World, post: PostId, connection: ConnectionId) -> TargetDoc {
    world.work().await;
    let version = world.desk.progress.version(TARGETS);
    let id = target_id(post, connection).to_string();
    let row = world.desk.stores.views.get_unscoped(TARGETS, version, &id).await;
    read_document(&row.expect("storage answers").expect("it is there")).expect("it reads")
}

async fn held(world: &World, post: PostId, connection: ConnectionId) -> Option<HoldReason> {
    target(world, post, connection).await.held
}

#[tokio::test]
async fn the_eleventh_post_of_a_free_month_is_refused_and_says_by_what() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    for _ in 0..10 {
        let post = written(&world, &owner, connection).await;
        schedule(&world, &owner, post).await.expect("there is a place");
    }
    let eleventh = written(&world, &owner, connection).await;
    let refused = schedule(&world, &owner, eleventh).await.expect_err("no place is left");
    assert_eq!(refused.code(), "LIMIT_REACHED");
    assert!(refused.to_string().contains("tier free v1, subscription event 0"), "{refused}");
    let now = world.run(&owner, OnPost(PublishPost { post: eleventh })).await;
    assert_eq!(now.expect_err("nor now").code(), "LIMIT_REACHED");
    assert_eq!(counted(&world, &owner).await, 10);
    world.give(owner.account, "starter").await;
    world.work().await;
    schedule(&world, &owner, eleventh).await.expect("the starter tier has no limit");
    assert_eq!(counted(&world, &owner).await, 11);
}

#[tokio::test]
async fn a_post_counts_once_however_often_its_time_is_changed() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = written(&world, &owner, connection).await;
    schedule(&world, &owner, post).await.expect("it has a time");
    let when = WhenInput::At(world.desk.clock.now().plus(DAY * 2));
    world.run(&owner, OnPost(ReschedulePost { post, when })).await.expect("it moves");
    world.run(&owner, OnPost(UnschedulePost { post })).await.expect("it has none");
    schedule(&world, &owner, post).await.expect("it has one again");
    assert_eq!(counted(&world, &owner).await, 1);
}

#[tokio::test]
async fn a_free_account_connects_to_one_network_once() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    world.connect(&owner).await;
    let second = world.run(&owner, BeginConnection { network: Network::X }).await;
    assert_eq!(second.expect_err("no place is left").code(), "LIMIT_REACHED");
}

#[tokio::test]
async fn posts_wait_while_a_payment_is_owed_and_go_on_when_it_is_settled() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = written(&world, &owner, connection).await;
    schedule(&world, &owner, post).await.expect("it has a time");
    show(&world, &owner, "active").await;
    world.pass(Duration::from_secs(60));
    show(&world, &owner, "unpaid").await;
    assert_eq!(held(&world, post, connection).await, Some(HoldReason::Billing));
    let other = written(&world, &owner, connection).await;
    let refused = schedule(&world, &owner, other).await.expect_err("nothing new goes out");
    assert_eq!(refused.code(), "SUBSCRIPTION_REQUIRED");
    world.pass(Duration::from_secs(60));
    show(&world, &owner, "active").await;
    assert_eq!(held(&world, post, connection).await, None);
    schedule(&world, &owner, other).await.expect("it goes on");
}

#[tokio::test]
async fn a_post_whose_time_passed_while_a_payment_was_owed_is_missed_and_never_sent() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = written(&world, &owner, connection).await;
    schedule(&world, &owner, post).await.expect("it has a time");
    show(&world, &owner, "active").await;
    world.pass(Duration::from_secs(60));
    show(&world, &owner, "unpaid").await;
    world.pass(DAY + Duration::from_secs(2 * 3_600));
    assert_eq!(held(&world, post, connection).await, Some(HoldReason::Billing));
    show(&world, &owner, "active").await;
    let missed = target(&world, post, connection).await;
    assert_eq!(missed.status, "missed", "two hours late is later than the account's grace");
    assert_eq!(world.network.calls("send"), Vec::<String>::new(), "no late burst");
}

#[tokio::test]
async fn where_nobody_pays_nothing_is_counted_or_refused() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    for _ in 0..12 {
        let post = written(&world, &owner, connection).await;
        schedule(&world, &owner, post).await.expect("nothing is limited");
    }
    assert_eq!(counted(&world, &owner).await, 0);
}

#[tokio::test]
async fn of_many_who_want_the_last_place_exactly_one_gets_it() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    for _ in 0..9 {
        let post = written(&world, &owner, connection).await;
        schedule(&world, &owner, post).await.expect("there is a place");
    }
    let mut posts = Vec::new();
    for _ in 0..8 {
        posts.push(written(&world, &owner, connection).await);
    }
    let wishes = posts.iter().map(|post| schedule(&world, &owner, *post));
    let answers = futures::future::join_all(wishes).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(counted(&world, &owner).await, 10);
}

#[tokio::test]
async fn a_key_may_not_do_what_its_issuer_may_not() {
    use herald_account::{Action, Role};
    use herald_terms::{Reach, Rights, Scope};
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let key = |role, scopes: &[Scope]| {
        let rights = Rights::new(scopes.iter().copied(), Reach::All);
        let issuer = owner.member().expect("a member");
        let key = herald_kernel::ApiKeyId::new(Uuid::from_u128(9));
        caller(owner.account, Standing::Key { key, issuer, role, rights })
    };
    assert!(key(Role::Owner, &[Scope::Write]).may(Action::CreatePost));
    assert!(!key(Role::Owner, &[Scope::Read]).may(Action::CreatePost));
    assert!(!key(Role::Viewer, &[Scope::Write]).may(Action::CreatePost));
    assert!(!key(Role::Owner, &Scope::OF_USERS).may(Action::InviteMember));
    assert!(!key(Role::Owner, &Scope::OF_USERS).may(Action::ChangePlan));
}
