//! What Stripe's answers become, in either shape.

use crate::{
    fake::{Stage, Then, key, list, named, ok},
    published::follows,
    shapes::{END, card, new_invoice, new_subscription, old_invoice, old_subscription},
};
use herald_application::ports::{
    EventListing,
    payments::{Invoices, PaymentMethods, Subscriptions},
};
use herald_kernel::Instant;
use herald_subscription::{CustomerRef, Discount, InvoiceStatus, MirrorStatus, Snapshot};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::time::Duration;

fn ada() -> CustomerRef {
    named("cus_1")
}

async fn snapshot(subscriptions: &[Value]) -> (Snapshot, Stage) {
    let stage = Stage::new([list(subscriptions)]).await;
    (stage.stripe.snapshot(&ada()).await.expect("a snapshot"), stage)
}

#[tokio::test]
async fn the_old_and_the_new_shape_give_the_same_snapshot() {
    let (new, stage) = snapshot(&[new_subscription("sub_1", "active")]).await;
    let (old, _) = snapshot(&[old_subscription("sub_1", "active")]).await;
    assert_eq!(new, old);
    follows(&stage.asked());

    let seen = new.subscription.expect("a subscription");
    assert_eq!(seen.status, MirrorStatus::Active);
    assert_eq!(seen.period_end, Instant::from_micros(END * 1_000_000).expect("a date"));
    assert_eq!(seen.items[0].price.as_str(), "herald_starter_monthly_v1");
    assert_eq!(seen.discounts, [Discount::Percent { basis_points: 1_250 }]);
    let invoice = seen.latest_invoice.expect("an invoice");
    assert_eq!((invoice.status, invoice.paid.minor), (InvoiceStatus::Paid, 3_451));
}

#[tokio::test]
async fn a_fingerprint_leaves_only_as_an_hmac_that_equal_cards_share() {
    let (first, _) = snapshot(&[new_subscription("sub_1", "active")]).await;
    let card_of = |snapshot: &Snapshot| snapshot.card.clone().expect("a card").fingerprint;
    assert_eq!(card_of(&first).len(), 64);
    assert!(!format!("{first:?}").contains("FINGERPRINT"));

    let mut other = new_subscription("sub_1", "active");
    other["default_payment_method"] = card("pm_other", "FINGERPRINT");
    assert_eq!(card_of(&snapshot(&[other.clone()]).await.0), card_of(&first));
    other["default_payment_method"] = card("pm_1", "ANOTHER");
    assert_ne!(card_of(&snapshot(&[other.clone()]).await.0), card_of(&first));
}

#[tokio::test]
async fn the_live_subscription_counts_and_a_second_live_one_is_told() {
    let mut ended = new_subscription("sub_0", "canceled");
    ended["created"] = json!(1_799_000_000);
    let both = [new_subscription("sub_2", "past_due"), new_subscription("sub_1", "active"), ended];
    let (seen, _) = snapshot(&both).await;
    assert_eq!(seen.subscription.expect("one").id.as_str(), "sub_1");
    assert_eq!(seen.other_live, [named("sub_2")]);

    let (seen, _) = snapshot(&[new_subscription("sub_0", "canceled")]).await;
    assert_eq!(seen.subscription.expect("the ended one").status, MirrorStatus::Canceled);
    assert!(seen.other_live.is_empty());
}

#[tokio::test]
async fn an_open_bill_tells_whether_the_bank_waits_for_the_payer() {
    let mut due = new_subscription("sub_1", "past_due");
    due["latest_invoice"] = new_invoice("in_1", "open");
    let intent = json!({ "id": "pi_1", "status": "requires_action", "currency": "usd" });
    let stage = Stage::new([list(&[due]), ok(&intent)]).await;
    let seen = stage.stripe.snapshot(&ada()).await.expect("a snapshot");
    let invoice = seen.subscription.and_then(|it| it.latest_invoice).expect("an invoice");
    assert!(invoice.needs_action);
    assert_eq!(stage.lines()[1], "GET /v1/payment_intents/pi_1");
    follows(&stage.asked());
}

#[tokio::test]
async fn without_a_card_of_its_own_the_subscription_is_paid_by_the_customers() {
    let mut plain = new_subscription("sub_1", "active");
    plain["default_payment_method"] = Value::Null;
    let payer = json!({ "id": "cus_1",
        "invoice_settings": { "default_payment_method": card("pm_9", "F") } });
    let stage = Stage::new([list(&[plain]), ok(&payer)]).await;
    let seen = stage.stripe.snapshot(&ada()).await.expect("a snapshot");
    assert_eq!(seen.card.expect("a card").last4, "4242");
    follows(&stage.asked());
}

#[tokio::test]
async fn a_discount_for_one_bill_is_no_discount_of_the_subscription() {
    let mut once = new_subscription("sub_1", "active");
    once["discounts"][0]["source"]["coupon"]["duration"] = json!("once");
    let (seen, _) = snapshot(&[once]).await;
    assert!(seen.subscription.expect("one").discounts.is_empty());
}

#[tokio::test]
async fn bills_read_the_same_in_both_shapes() {
    for bill in [new_invoice("in_1", "paid"), old_invoice("in_1", "paid")] {
        let stage = Stage::new([list(&[bill])]).await;
        let page = Invoices::list(&stage.stripe, &ada(), None, 20).await.expect("a page");
        let seen = &page.invoices[0];
        assert_eq!((seen.subtotal.minor, seen.tax.minor, seen.total.minor), (2_900, 551, 3_451));
        assert_eq!(seen.subscription, Some(named("sub_1")));
        assert_eq!(seen.payment, Some(named("pi_1")));
        assert!(seen.pdf.as_ref().expect("a PDF").expose_secret().ends_with("/pdf"));
        assert!(!format!("{seen:?}").contains("pay.stripe.com"));
        follows(&stage.asked());
    }
}

#[tokio::test]
async fn bills_are_kept_for_a_minute_per_customer_and_until_somebody_says_so() {
    let page = || list(&[new_invoice("in_1", "paid")]);
    let stage = Stage::new([page(), page(), page()]).await;
    let read = || async { Invoices::list(&stage.stripe, &ada(), None, 20).await };
    read().await.expect("asked");
    read().await.expect("kept");
    assert_eq!(stage.asked().len(), 1);
    stage.stripe.invalidate(&ada());
    read().await.expect("asked again");
    assert_eq!(stage.asked().len(), 2);
    stage.world.pass(Duration::from_secs(61));
    read().await.expect("asked again");
    assert_eq!(stage.asked().len(), 3);
}

#[tokio::test]
async fn a_bill_of_another_customer_is_not_found() {
    let mut other = new_invoice("in_1", "paid");
    other["customer"] = json!("cus_2");
    let stage = Stage::new([ok(&other)]).await;
    let found = stage.stripe.get(&ada(), &named("in_1")).await.expect("an answer");
    assert!(found.is_none());
    let climbing = stage.stripe.get(&ada(), &named("../customers/cus_2")).await;
    assert!(climbing.expect("an answer").is_none());
    assert_eq!(stage.asked().len(), 1, "a name that climbs is never asked for");
}

#[tokio::test]
async fn the_default_way_to_pay_is_marked_and_anothers_cannot_be_detached() {
    let methods = list(&[card("pm_1", "A"), card("pm_2", "B")]);
    let payer =
        ok(&json!({ "id": "cus_1", "invoice_settings": { "default_payment_method": "pm_2" } }));
    let mut others = card("pm_3", "C");
    others["customer"] = json!("cus_2");
    let stage = Stage::new([methods, payer, ok(&others)]).await;
    let seen = PaymentMethods::list(&stage.stripe, &ada()).await.expect("a list");
    assert_eq!(seen.iter().map(|it| it.is_default).collect::<Vec<_>>(), [false, true]);
    let method = herald_application::ports::payments::MethodRef::try_new("pm_3").expect("a name");
    let refused = stage.stripe.detach(&key(), &ada(), &method).await.expect_err("refused");
    assert!(refused.is_missing(), "{refused}");
    assert_eq!(stage.asked().len(), 3, "nothing was detached");
    follows(&stage.asked());
}

#[tokio::test]
async fn missed_events_come_oldest_first_and_the_cursor_moves_to_the_newest() {
    let event = |id: &str| {
        json!({ "id": id, "type": "invoice.paid", "created": 1_795_000_000,
            "data": { "object": { "id": "in_1", "object": "invoice", "customer": "cus_1" } } })
    };
    let gone = Then::Say(
        404,
        vec![],
        json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } })
            .to_string(),
    );
    let two = [event("evt_2"), event("evt_1")];
    let stage = Stage::new([list(&two), list(&[]), gone, list(&two)]).await;
    let now = Instant::from_micros(1_795_000_000_000_000).expect("a date");
    let first = stage.stripe.events_after(None, now).await.expect("a list");
    let ids: Vec<_> = first.events.iter().map(|(hint, _)| hint.event_id.as_str()).collect();
    assert_eq!((ids, first.cursor.as_str()), (vec!["evt_1", "evt_2"], "evt_2"));
    assert_eq!(first.events[0].0.key, "cus_1");

    let none = stage.stripe.events_after(Some("evt_2"), now).await.expect("a list");
    assert!(none.events.is_empty() && none.cursor == "evt_2" && !none.more);
    assert_eq!(stage.asked()[1].parameters()["ending_before"], "evt_2");
    let anew = stage.stripe.events_after(Some("evt_0"), now).await.expect("a list");
    assert_eq!(anew.events.len(), 2, "an event that Stripe forgot is no reason to stop");
    follows(&stage.asked());
}
