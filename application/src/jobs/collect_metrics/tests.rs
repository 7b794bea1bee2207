//! How often a post is measured.

use super::*;
use crate::{
    caller::Caller,
    commands::{
        connection::Disconnect,
        post::{ContentInput, CreatePost, PublishPost, StepInput},
    },
    ports::{JobKind, RefreshFailure},
    settings::Billing,
    testing::{World, network::tokens_until, start},
};
use herald_kernel::PostId;
use herald_subscription::Catalogue;
use herald_terms::MetricCadence;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

#[test]
fn metrics_are_read_at_each_moment_once_and_then_no_more() {
    let published = Instant::from_micros(0).expect("an instant");
    let after = |secs| published.plus(Duration::from_secs(secs));
    let next = |interval, secs| next(interval, WEEK, published, after(secs));
    assert_eq!(next(HOUR, 300), Next::At(after(3_600)));
    assert_eq!(next(HOUR, 3_599), Next::At(after(3_600)));
    assert_eq!(next(HOUR, 3_600), Next::At(after(7_200)));
    assert_eq!(next(DAY, 300), Next::At(after(86_400)));
    assert_eq!(next(DAY, 6 * 86_400), Next::At(after(7 * 86_400)));
    assert_eq!(next(DAY, 7 * 86_400), Next::Done);
    assert_eq!(next(HOUR, 7 * 86_400 - 1), Next::At(after(7 * 86_400)));
}

/// How often the post of an account on `tier` is measured within two days.
async fn readings(tier: &'static str) -> usize {
    let catalogue = Arc::new(Catalogue::default());
    let billing = Billing::On { catalogue, automatic_tax: false };
    let world = World::with(|settings| settings.billing = billing).await;
    let owner = world.open_account("Ada").await;
    world.give(owner.account, tier).await;
    publish(&world, &owner).await;
    for _ in 0..48 * 2 {
        world.pass(HOUR / 2);
        world.work().await;
    }
    world.network.calls("metrics").len()
}

/// A post that has just been published.
async fn publish(world: &World, owner: &Caller) -> PostId {
    let lasting = tokens_until("1", true, start().plus(WEEK));
    world.network.script().exchanges.push_back(Ok(lasting));
    let connection = world.connect(owner).await;
    let text = "Fresh bread".to_owned().try_into().expect("a text");
    let root = StepInput { text, media: Vec::new() };
    let content =
        ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
    let create = CreatePost { content, connections: vec![connection] };
    let post = world.run(owner, create).await.expect("it is written");
    world.run(owner, OnPost(PublishPost { post })).await.expect("it goes out");
    world.work().await;
    post
}

/// How the reading ended that is due by now.
async fn reading(world: &World) -> Vec<Result<Next, JobFailure>> {
    let ends = world.work().await.into_iter();
    ends.filter(|(kind, _)| *kind == JobKind::CollectMetrics).map(|(_, end)| end).collect()
}

#[tokio::test]
async fn a_post_that_the_network_no_longer_has_is_removed_and_measured_no_more() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let post = publish(&world, &owner).await;
    world.network.script().metrics.push_back(Ok(None));
    world.pass(HOUR);
    assert_eq!(reading(&world).await, [Ok(Next::Done)]);
    let history = world.memory.history(post.uuid());
    assert_eq!(history.last().map(String::as_str), Some("post.target_remote_removed"));
    world.pass(DAY);
    assert_eq!(reading(&world).await, []);
    assert!(world.memory.state().observations.is_empty());
}

#[tokio::test]
async fn a_network_in_trouble_is_asked_again_when_it_said_and_a_dead_token_is_renewed() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    publish(&world, &owner).await;
    let later = start().plus(2 * HOUR);
    let trouble = |retry_at| Err(LookupFailure::Transient { cause: "503".to_owned(), retry_at });
    let dead = Err(LookupFailure::Unauthorized);
    world.network.script().metrics.extend([trouble(None), trouble(Some(later)), dead]);
    let lasting = tokens_until("2", true, start().plus(WEEK));
    world.network.script().refreshes.push_back(Ok(lasting));
    world.pass(HOUR);
    assert_eq!(reading(&world).await, [Err(JobFailure::Retry("503".to_owned()))]);
    world.pass(Duration::from_secs(60));
    assert_eq!(reading(&world).await, [Ok(Next::At(later))]);
    world.pass(HOUR);
    let cause = "the network did not accept the token".to_owned();
    assert_eq!(reading(&world).await, [Err(JobFailure::Retry(cause))]);
    world.pass(Duration::from_secs(60));
    assert!(matches!(reading(&world).await.as_slice(), [Ok(Next::At(_))]));
    assert_eq!(world.network.calls("refresh").len(), 1);
    assert_eq!(world.memory.state().observations.len(), 1);
}

#[tokio::test]
async fn numbers_wait_while_access_is_gone_and_end_with_the_connection() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let post = publish(&world, &owner).await;
    let rejected = RefreshFailure::Rejected { code: "invalid_grant".to_owned() };
    world.network.script().metrics.push_back(Err(LookupFailure::Unauthorized));
    world.network.script().refreshes.push_back(Err(rejected));
    world.pass(HOUR);
    assert!(matches!(reading(&world).await.as_slice(), [Ok(Next::At(_))]), "access is gone");
    world.pass(DAY);
    assert!(matches!(reading(&world).await.as_slice(), [Ok(Next::At(_))]), "and is still");
    let loaded = world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads");
    let connection = loaded.state.targets()[0].connection;
    world.run(&owner, Disconnect { connection }).await.expect("it ends");
    world.pass(DAY);
    assert_eq!(reading(&world).await, [Ok(Next::Done)]);
}

#[tokio::test]
async fn a_tier_that_measures_hourly_is_measured_hourly_and_another_daily() {
    let (daily, hourly) = (readings("starter").await, readings("professional").await);
    assert_eq!((daily, hourly), (3, 49), "five minutes after, then every day or hour");
    assert!(MetricCadence::Hourly.interval() < MetricCadence::Daily.interval());
}
