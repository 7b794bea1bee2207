//! How often a post is measured.

use super::*;
use crate::{
    caller::{Caller, Standing},
    commands::{
        post::{ContentInput, CreatePost, PublishPost, StepInput},
        subscription::{Grandfather, OnSubscription},
    },
    settings::Billing,
    testing::{World, caller, network::tokens_until, start},
};
use herald_subscription::{Catalogue, MetricCadence, Tier, TierKey};

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
    let owner: Caller = world.open_account("Ada").await;
    let lasting = tokens_until("1", true, start().plus(WEEK));
    world.network.script().exchanges.push_back(Ok(lasting));
    let connection = world.connect(&owner).await;
    let operator = caller(owner.account, Standing::Operator(None));
    let to = TierKey { tier: Tier::named(tier), version: 1 };
    let gift = Grandfather { to, until: None, reason: "a test".try_into().expect("a reason") };
    world.run(&operator, OnSubscription(gift)).await.expect("given");
    let text = "Fresh bread".to_owned().try_into().expect("a text");
    let root = StepInput { text, media: Vec::new() };
    let content =
        ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
    let create = CreatePost { content, connections: vec![connection] };
    let post = world.run(&owner, create).await.expect("it is written");
    world.run(&owner, OnPost(PublishPost { post })).await.expect("it goes out");
    world.work().await;
    for _ in 0..48 * 2 {
        world.pass(HOUR / 2);
        world.work().await;
    }
    world.network.calls("metrics").len()
}

#[tokio::test]
async fn a_tier_that_measures_hourly_is_measured_hourly_and_another_daily() {
    let (daily, hourly) = (readings("starter").await, readings("professional").await);
    assert_eq!((daily, hourly), (3, 49), "five minutes after, then every day or hour");
    assert!(MetricCadence::Hourly.interval() < MetricCadence::Daily.interval());
}
