//! From a checkout to access; and that whatever order events come in, what the provider shows holds.

mod troubles;

use super::{
    Page, PaymentWebhooks, await_checkout, return_to::ReturnTo, sync::subscription, tax::TaxPlace,
};
use crate::{
    caller::Caller,
    commands::subscription::{BuyCredits, StartCheckout},
    entitlements,
    failure::Failure,
    inbox::{Applied, WebhookApplier as _},
    ports::{
        Hint,
        payments::{CardAdvice, CheckoutStatus, PaymentFailure, Reached},
    },
    settings::{Billing, Settings},
    testing::{World, payments::FakePayments},
};
use bytes::Bytes;
use herald_kernel::{CommandId, Instant, Money};
use herald_subscription::{
    Access, CardSeen, CreditKind, Credits, Interval, MirrorItem, MirrorStatus, MirrorSubscription,
    Snapshot, TaxRateRef, credits_id,
};
use herald_terms::Tier;
use rand::seq::SliceRandom as _;
use serde_json::json;
use std::{sync::Arc, time::Duration};

pub(super) fn on(settings: &mut Settings) {
    settings.billing = Billing::On { catalogue: Arc::default(), automatic_tax: false };
    settings.waits.page = Duration::ZERO;
}

async fn shop() -> (World, Arc<FakePayments>) {
    let payments = Arc::new(FakePayments::default());
    let world = World::with_business(on, payments.business()).await;
    (world, payments)
}

pub(super) fn starter() -> StartCheckout {
    StartCheckout {
        tier: Tier::named("pro"),
        interval: Interval::Month,
        currency: "USD".parse().expect("a currency"),
        place: TaxPlace::default(),
        return_to: ReturnTo::default(),
    }
}

/// A pack of 500 AI credits, paid on a page.
pub(super) fn pack() -> BuyCredits {
    BuyCredits {
        pack: "ai_credits_500".to_owned(),
        currency: "USD".parse().expect("a currency"),
        place: TaxPlace::default(),
        return_to: ReturnTo::default(),
    }
}

/// What was bought of AI credits.
pub(super) async fn bought(world: &World, owner: &Caller) -> Credits {
    let stream = credits_id(owner.account, CreditKind::AiCredits).uuid();
    world.desk.journal.load::<Credits>(stream).await.expect("read").state
}

fn t(day: &str) -> Instant {
    format!("2026-{day}T00:00:00Z").parse().expect("an instant")
}

pub(crate) fn shown(owner: &Caller, status: MirrorStatus, card: &str) -> Snapshot {
    let usd = "USD".parse().expect("a currency");
    let name = format!("sub_{}", owner.account);
    Snapshot {
        customer: FakePayments::customer_of(owner.account),
        subscription: Some(MirrorSubscription {
            id: name.parse().expect("a name"),
            status,
            items: vec![MirrorItem {
                price: "herald_starter_monthly_v1".parse().expect("a name"),
                quantity: 1,
                unit: Money { minor: 2_900, currency: usd },
                interval: Interval::Month,
                interval_count: 1,
            }],
            period_start: t("11-21"),
            period_end: t("12-21"),
            started_at: t("11-21"),
            billing_anchor: None,
            trial_end: (status == MirrorStatus::Trialing).then(|| t("12-05")),
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            collection_paused: false,
            discounts: Vec::new(),
            latest_invoice: None,
            pending_change_until: None,
            schedule: None,
        }),
        other_live: Vec::new(),
        card: Some(CardSeen {
            fingerprint: card.to_owned(),
            brand: "visa".to_owned(),
            last4: "4242".to_owned(),
            exp_month: 1,
            exp_year: 2030,
        }),
    }
}

/// An event about the account's customer.
async fn hear(world: &World, owner: &Caller, event: &str, kind: &str, object: &str) -> Applied {
    let customer = FakePayments::customer_of(owner.account);
    let body = json!({ "data": { "object": { "id": object, "customer": customer } } });
    let hint = Hint {
        event_id: event.to_owned(),
        kind: kind.to_owned(),
        key: customer.to_string(),
        object: Some(object.to_owned()),
        api_version: None,
        occurred_at: None,
    };
    let raw = Bytes::from(body.to_string());
    PaymentWebhooks("stripe").apply(&world.desk, &hint, &raw).await
}

async fn page(world: &World, owner: &Caller, id: CommandId) -> Page {
    world.project().await;
    await_checkout(&world.desk, owner, id).await.expect("it is read")
}

#[tokio::test]
async fn a_checkout_that_is_paid_gives_access_and_one_that_is_open_gives_none() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, starter()).await.expect("it opens");
    let again = world.run(&owner, starter()).await.expect("the same page");
    assert_eq!(again, id);
    world.work().await;
    assert_eq!(payments.asked("checkout"), [id.to_string()]);
    assert_eq!(payments.asked("customer").len(), 1);
    let Page::Open { url, .. } = page(&world, &owner, id).await else { panic!("no page") };
    assert_eq!(url, "https://pay.example/p");
    let before = entitlements::of_account(&world.desk, owner.account).await.expect("read");
    assert_eq!((before.access, before.entitlements.tier), (Access::Free, Tier::FREE));

    payments.show(shown(&owner, MirrorStatus::Active, "card"));
    let heard = hear(&world, &owner, "evt_1", "customer.subscription.created", "sub_1").await;
    assert_eq!(heard, Applied::Done);
    world.work().await;
    let after = entitlements::of_account(&world.desk, owner.account).await.expect("read");
    assert_eq!(after.entitlements.tier, Tier::STARTER);
    assert_eq!(after.access, Access::Full { ends_at: None });
}

#[tokio::test]
async fn a_page_that_was_paid_is_not_answered_once_more_before_its_event_comes() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, starter()).await.expect("it opens");
    world.work().await;
    payments.stand(CheckoutStatus::Open);
    let again = world.run(&owner, starter()).await.expect("the same page");
    assert_eq!(again, id, "nobody has paid on it");
    payments.stand(CheckoutStatus::Complete);
    let refused = world.run(&owner, starter()).await.expect_err("it is paid");
    assert_eq!((refused.code(), refused.retryable()), ("INVALID_STATE", true));
    assert_eq!(payments.asked("checkout"), [id.to_string()], "no second page opens");
    // What came of it is looked up at once, whenever the event comes.
    payments.show(shown(&owner, MirrorStatus::Active, "card"));
    world.work().await;
    let refused = world.run(&owner, starter()).await.expect_err("it is subscribed");
    assert_eq!((refused.code(), refused.retryable()), ("INVALID_STATE", false));
    let after = entitlements::of_account(&world.desk, owner.account).await.expect("read");
    assert_eq!(after.access, Access::Full { ends_at: None });
}

#[tokio::test]
async fn a_page_that_closed_unpaid_gives_way_to_a_new_one() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, starter()).await.expect("it opens");
    world.work().await;
    payments.stand(CheckoutStatus::Expired);
    let anew = world.run(&owner, starter()).await.expect("a new page");
    world.work().await;
    assert_eq!(payments.asked("checkout"), [id.to_string(), anew.to_string()]);
    assert!(matches!(page(&world, &owner, anew).await, Page::Open { .. }));
}

#[tokio::test]
async fn another_tier_has_no_page_while_the_first_one_is_paid() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, starter()).await.expect("it opens");
    world.work().await;
    payments.stand(CheckoutStatus::Open);
    let higher = StartCheckout { tier: Tier::PROFESSIONAL, ..starter() };
    let other = world.run(&owner, higher).await.expect("it is wanted");
    // The first page is paid before it is closed; closing it fails, and no second one opens.
    payments.fail(PaymentFailure::Refused {
        code: "checkout_session_not_open".to_owned(),
        param: None,
        message: "it is complete".to_owned(),
    });
    payments.show(shown(&owner, MirrorStatus::Active, "card"));
    world.work().await;
    assert_eq!(payments.asked("expire"), [format!("{other}/expire")]);
    assert_eq!(payments.asked("checkout"), [id.to_string()]);
    let code = "already_subscribed".to_owned();
    assert_eq!(page(&world, &owner, other).await, Page::Failed { code });
    let after = entitlements::of_account(&world.desk, owner.account).await.expect("read");
    assert_eq!(after.entitlements.tier, Tier::STARTER, "what was paid is there");
}

#[tokio::test]
async fn where_nobody_pays_and_towards_strangers_it_is_refused() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let refused = world.run(&owner, starter()).await.expect_err("nobody pays");
    assert_eq!(refused.code(), "BILLING_OFF");
    let (world, _) = shop().await;
    let owner = world.open_account("Ada").await;
    let success = Some("https://evil.example/".parse().expect("a url"));
    let astray = StartCheckout { return_to: ReturnTo { success, cancel: None }, ..starter() };
    let refused = world.run(&owner, astray).await.expect_err("a stranger");
    let Failure::Refused { path: Some(path), .. } = refused else { panic!("{refused}") };
    assert_eq!(path, "successUrl");
}

#[tokio::test]
async fn silence_is_asked_again_under_the_same_key_and_a_refusal_is_told() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    let silence = PaymentFailure::Unreachable {
        cause: "cut".to_owned(),
        reached: Reached::Perhaps,
        retry_at: None,
    };
    payments.fail(silence);
    payments.fail(PaymentFailure::Card {
        code: "card_declined".to_owned(),
        decline_code: Some("insufficient_funds".to_owned()),
        advice: CardAdvice::AddFunds,
    });
    let id = world.run(&owner, starter()).await.expect("it is intended");
    world.work().await;
    assert_eq!(page(&world, &owner, id).await, Page::Pending);
    world.pass(Duration::from_secs(60));
    world.work().await;
    assert_eq!(payments.asked("checkout"), [id.to_string(), id.to_string()]);
    let code = "insufficient_funds:add_funds".to_owned();
    assert_eq!(page(&world, &owner, id).await, Page::Failed { code });
}

#[tokio::test]
async fn a_card_has_one_trial_whoever_shows_it() {
    let (world, payments) = shop().await;
    let mut owners = Vec::new();
    for name in ["Ada", "Bob"] {
        let owner = world.open_account(name).await;
        world.run(&owner, starter()).await.expect("it opens");
        world.work().await;
        payments.show(shown(&owner, MirrorStatus::Trialing, "the same card"));
        hear(&world, &owner, name, "customer.subscription.created", "sub_1").await;
        world.work().await;
        owners.push(owner);
    }
    let mut accesses = Vec::new();
    for owner in &owners {
        let it = entitlements::of_account(&world.desk, owner.account).await.expect("read");
        accesses.push(it.access.as_str());
    }
    assert_eq!(accesses, ["trial", "free"]);
    assert_eq!(payments.asked("end_trial").len(), 1);
}

#[tokio::test]
async fn one_payment_buys_one_pack_however_often_it_is_told() {
    let (world, _) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, pack()).await.expect("it opens");
    world.work().await;
    let session = format!("cs_{id}");
    for event in ["evt_1", "evt_2", "evt_1"] {
        let told = hear(&world, &owner, event, "checkout.session.completed", &session).await;
        assert_eq!(told, Applied::Done);
    }
    let bought = bought(&world, &owner).await;
    assert_eq!((bought.packs().len(), bought.balance(world.desk.clock.now())), (1, 500));
}

/// Events shuffled, doubled and late: the end is what the provider shows at the end.
#[tokio::test]
async fn whatever_order_events_come_in_the_end_is_what_the_provider_shows() {
    let runs = std::env::var("HERALD_RUNS").ok().and_then(|it| it.parse().ok()).unwrap_or(25);
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    world.run(&owner, starter()).await.expect("it opens");
    world.work().await;
    let mut random: rand::rngs::StdRng = rand::SeedableRng::seed_from_u64(7);
    let kinds = [
        "customer.subscription.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.succeeded",
        "payment_method.attached",
        "a.kind.nobody.knows",
    ];
    for run in 0..runs {
        let mut events: Vec<_> = kinds.iter().chain(&kinds).enumerate().collect();
        events.shuffle(&mut random);
        let statuses = [MirrorStatus::Incomplete, MirrorStatus::Active, MirrorStatus::PastDue];
        for (n, kind) in events {
            let status = statuses.get(n % 3).copied().unwrap_or(MirrorStatus::Active);
            payments.show(shown(&owner, status, "card"));
            hear(&world, &owner, &format!("evt_{run}_{n}"), kind, "sub_1").await;
            if n % 4 == 0 {
                world.work().await;
            }
            world.pass(Duration::from_millis(1));
        }
        let last = shown(&owner, MirrorStatus::Active, "card");
        payments.show(last.clone());
        hear(&world, &owner, &format!("evt_{run}_last"), "invoice.paid", "in_1").await;
        world.work().await;
        let state = subscription(&world.desk, owner.account).await.expect("read");
        assert_eq!(state.mirror(), Some(&last));
        assert_eq!(state.access_at(world.desk.clock.now()).as_str(), "full");
    }
}

#[tokio::test]
async fn where_a_table_says_the_tax_a_page_is_opened_with_it_and_not_without_a_country() {
    let taxes = json!({
        "seller": "DE", "rates": { "DE": ["txr_de"], "FR": ["txr_fr"] },
        "reverse_charge": ["txr_reverse"],
    });
    let table = serde_json::from_value(taxes).expect("a table");
    let with_table = |settings: &mut Settings| {
        on(settings);
        settings.payments.taxes = Some(Arc::new(table));
    };
    let payments = Arc::new(FakePayments::default());
    let world = World::with_business(with_table, payments.business()).await;
    let owner = world.open_account("Ada").await;
    let place = |country: &str, vat_id: Option<&str>| {
        let (country, vat_id) = (Some(country.to_owned()), vat_id.map(str::to_owned));
        StartCheckout { place: TaxPlace { country, vat_id }, ..starter() }
    };
    for (wrong, path) in [
        (starter(), "country"),
        (place("Germany", None), "country"),
        (place("FR", Some("FR1")), "vatId"),
    ] {
        let refused = world.run(&owner, wrong).await.expect_err("the tax is not known");
        assert!(
            matches!(&refused, Failure::Refused { code: "VALIDATION", path: Some(at), .. }
            if at == path),
            "{refused:?}"
        );
    }
    for (country, vat_id, rate) in [
        ("DE", None, Some("txr_de")),
        ("FR", None, Some("txr_fr")),
        ("FR", Some("FR12345678901"), Some("txr_reverse")),
        ("US", None, None),
    ] {
        world.run(&owner, place(country, vat_id)).await.expect("it opens");
        let known = subscription(&world.desk, owner.account).await.expect("it loads");
        let open = known.checkout().expect("a page");
        let rates: Vec<_> = open.tax_rates.iter().map(TaxRateRef::as_str).collect();
        assert_eq!(rates, Vec::from_iter(rate), "{country} {vat_id:?}");
    }
}
