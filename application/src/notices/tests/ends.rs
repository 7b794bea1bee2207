//! What is told of an end, wherever somebody asked for it, and that nothing is told of one that is
//! taken back.

use super::*;
use crate::{
    billing::tests::shown,
    commands::subscription::{CancelSubscription, ObserveSnapshot, OnSubscription},
    settings::Billing,
    testing::job_caller,
};
use herald_subscription::{Access, CancelAt, Catalogue, CatalogueFile, MirrorStatus, Restriction};
use herald_terms::Tier;

const DAY: Duration = Duration::from_secs(86_400);

/// A house that pays. Whoever pays for nothing has no place for a connection.
async fn paying() -> House {
    let mut tiers = Catalogue::default().tiers().to_vec();
    for free in tiers.iter_mut().filter(|it| it.key.tier == Tier::FREE) {
        free.limits.connections = Quota::Limited(0);
    }
    let file = CatalogueFile { tiers, ..CatalogueFile::default() };
    let catalogue = Arc::new(Catalogue::try_from(file).expect("a catalogue"));
    let house = House::with(|settings| {
        settings.notices = true;
        settings.billing = Billing::On { catalogue, automatic_tax: false };
    })
    .await;
    show(&house, false).await;
    house.world.connect(&house.owner).await;
    house.world.project().await;
    house.tell().await;
    house
}

/// The payment provider shows that it is paid, and whether it ends with its period.
async fn show(house: &House, ends: bool) {
    let mut snapshot = shown(&house.owner, MirrorStatus::Active, "card");
    if let Some(it) = &mut snapshot.subscription {
        it.cancel_at_period_end = ends;
    }
    house.world.pass(Duration::from_secs(60));
    let observe = ObserveSnapshot { snapshot, fetched_at: house.desk.clock.now() };
    let job = job_caller(house.owner.account);
    house.world.run(&job, observe).await.expect("it is taken in");
    house.world.project().await;
}

/// How often each mail about an end was taken.
fn told(house: &House) -> Vec<String> {
    let names = house.carrier.taken().into_iter().map(|mail| mail.tags[0].1.clone());
    let of_ends = |name: &String| name == "ending" || name.starts_with("loss_ahead");
    names.filter(of_ends).collect()
}

#[tokio::test]
async fn an_end_that_somebody_set_at_the_provider_is_told_and_warned_of() {
    let house = paying().await;
    show(&house, true).await;
    house.tell().await;
    assert_eq!(told(&house), ["ending"]);
    // The period ends on 21 December.
    house.world.pass(DAY * 24);
    house.tell().await;
    let mut all = told(&house);
    all.sort();
    assert_eq!(all, ["ending", "loss_ahead_7"]);
    let mail = house.carrier.taken().into_iter().find(|it| it.tags[0].1 == "loss_ahead_7");
    assert!(mail.expect("told").text.contains("1 connection"), "what is found out then");
}

#[tokio::test]
async fn going_on_at_the_provider_takes_the_warnings_back() {
    let house = paying().await;
    show(&house, true).await;
    house.tell().await;
    show(&house, false).await;
    house.world.pass(DAY * 24);
    house.tell().await;
    assert_eq!(told(&house), ["ending"]);
}

#[tokio::test]
async fn an_end_that_was_asked_for_here_is_told_once() {
    let house = paying().await;
    let cancel = OnSubscription(CancelSubscription { at: CancelAt::PeriodEnd });
    house.world.run(&house.owner, cancel).await.expect("it is intended");
    house.world.project().await;
    house.tell().await;
    show(&house, true).await;
    house.tell().await;
    assert_eq!(told(&house), ["ending"]);
}

#[tokio::test]
async fn a_warning_whose_reason_is_gone_is_not_sent() {
    let house = paying().await;
    put(&house, &failed(house.owner.account)).await;
    house.tell().await;
    house.world.pass(DAY * 5);
    house.tell().await;
    let names = house.carrier.taken().into_iter().map(|mail| mail.tags[0].1.clone());
    let names: Vec<_> = names.filter(|name| name.contains("grace")).collect();
    assert_eq!(names, Vec::<String>::new(), "it is paid");
}

#[test]
fn an_end_takes_back_whatever_was_to_be_warned_of() {
    let account = AccountId::new(Uuid::from_u128(1));
    let ended = SubscriptionEvent::AccessChanged {
        from: Access::Restricted { reason: Restriction::PastDue },
        to: Access::Ended,
        status: None,
        effective_at: start(),
    };
    let event = occurred(account, AnyEvent::Subscription(Box::new(ended)));
    let changes = Notify.react(&event, &settings(true));
    let keys = ["loss-7", "loss-3", "loss-1", "grace"]
        .map(|topic| JobChange::Cancel { key: format!("notice:{account}:{topic}") });
    assert_eq!(changes, keys);
}

#[test]
fn a_warning_of_the_end_of_a_grace_waits_and_a_payment_takes_it_back() {
    let account = AccountId::new(Uuid::from_u128(1));
    let changes = Notify.react(&failed(account), &settings(true));
    let [JobChange::Put(now), JobChange::Put(later)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(now.due_at, start());
    assert_eq!(later.due_at, start().plus(Duration::from_secs(5 * 86_400)));
    let paid =
        AnyEvent::Subscription(Box::new(SubscriptionEvent::PaymentRecovered { at: start() }));
    let changes = Notify.react(&occurred(account, paid), &settings(true));
    assert_eq!(changes, [JobChange::Cancel { key: later.key.clone() }]);
}
