//! What time brings: trials end, periods renew, cards fail and recover, or do not.

use serde_json::Value;

use crate::stripe_house::{DAY, JANUARY, PROFESSIONAL, STARTER, Shop, text};

async fn start(shop: &Shop, customer: &str, more: &[(&str, &str)]) -> Value {
    let mut form = vec![("customer", customer), ("items[0][price]", STARTER)];
    form.extend(more);
    shop.post("/v1/subscriptions", &form).await
}

fn count(told: &[String], kind: &str) -> usize {
    told.iter().filter(|one| *one == kind).count()
}

#[tokio::test]
async fn a_trial_renews_fails_and_recovers() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let subscription = start(&shop, &customer, &[("trial_period_days", "14")]).await;
    let path = format!("/v1/subscriptions/{}", text(&subscription, "id"));
    assert_eq!(subscription["status"], "trialing");
    assert_eq!(subscription["trial_end"], JANUARY + 14 * DAY);

    shop.advance(&clock, JANUARY + 12 * DAY).await;
    let told = shop.event_types().await;
    assert_eq!(count(&told, "customer.subscription.trial_will_end"), 1);

    // The first paid period, whose draft rests for an hour.
    shop.advance(&clock, JANUARY + 15 * DAY).await;
    let now = shop.get(&format!("{path}?expand[]=latest_invoice")).await;
    assert_eq!(now["status"], "active");
    assert_eq!(now["latest_invoice"]["status"], "paid");
    assert_eq!(now["latest_invoice"]["billing_reason"], "subscription_cycle");
    assert_eq!(now["latest_invoice"]["amount_paid"], 2_900);

    // The next one meets a card that no longer pays.
    let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let bad = text(&shop.post(attach, &[("customer", &customer)]).await, "id");
    shop.post(&path, &[("default_payment_method", &bad)]).await;
    let end = now["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    shop.advance(&clock, end + DAY).await;
    let now = shop.get(&format!("{path}?expand[]=latest_invoice")).await;
    assert_eq!(now["status"], "past_due");
    assert_eq!(now["latest_invoice"]["status"], "open");
    assert_eq!(now["latest_invoice"]["attempt_count"], 1);
    assert!(now["latest_invoice"]["next_payment_attempt"].is_i64());

    // A good card and a click on the invoice's own page bring it back.
    let page = text(&now["latest_invoice"], "hosted_invoice_url");
    let declined = shop.click(&page, &[]).await;
    assert_eq!(declined.status(), 402);
    let paid = shop.click(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status(), 303);
    assert_eq!(shop.get(&path).await["status"], "active");
    let told = shop.event_types().await;
    assert_eq!(count(&told, "invoice.payment_failed"), 2);
}

#[tokio::test]
async fn a_card_that_keeps_failing_ends_the_subscription() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let subscription = start(&shop, &customer, &[]).await;
    let path = format!("/v1/subscriptions/{}", text(&subscription, "id"));
    let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let bad = text(&shop.post(attach, &[("customer", &customer)]).await, "id");
    shop.post(&path, &[("default_payment_method", &bad)]).await;

    let end = JANUARY + 31 * DAY;
    shop.advance(&clock, end + 2 * DAY).await;
    assert_eq!(shop.get(&path).await["status"], "past_due");
    shop.advance(&clock, end + 16 * DAY).await;
    let now = shop.get(&path).await;
    assert_eq!(now["status"], "canceled");
    assert_eq!(now["cancellation_details"]["reason"], "payment_failed");
    let told = shop.event_types().await;
    assert_eq!(count(&told, "invoice.payment_failed"), 4);
    assert_eq!(count(&told, "customer.subscription.deleted"), 1);
}

#[tokio::test]
async fn a_trial_without_a_card_pauses_and_resumes() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let clear = [("invoice_settings[default_payment_method]", "")];
    shop.post(&format!("/v1/customers/{customer}"), &clear).await;
    let methods = shop.get(&format!("/v1/customers/{customer}/payment_methods")).await;
    let method = text(&methods["data"][0], "id");
    shop.post(&format!("/v1/payment_methods/{method}/detach"), &[]).await;
    let more = [
        ("trial_period_days", "7"),
        ("trial_settings[end_behavior][missing_payment_method]", "pause"),
    ];
    let path = format!("/v1/subscriptions/{}", text(&start(&shop, &customer, &more).await, "id"));

    shop.advance(&clock, JANUARY + 8 * DAY).await;
    assert_eq!(shop.get(&path).await["status"], "paused");
    shop.post(&path, &[("default_payment_method", "pm_card_visa")]).await;
    let resumed = shop.post(&format!("{path}/resume"), &[]).await;
    assert_eq!(resumed["status"], "active");
    let told = shop.event_types().await;
    assert_eq!(count(&told, "customer.subscription.paused"), 1);
    assert_eq!(count(&told, "customer.subscription.resumed"), 1);
}

#[tokio::test]
async fn what_was_to_end_with_its_period_ends_then() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let path = format!("/v1/subscriptions/{}", text(&start(&shop, &customer, &[]).await, "id"));
    let now = shop.post(&path, &[("cancel_at_period_end", "true")]).await;
    assert_eq!(now["status"], "active");
    assert_eq!(now["cancel_at"], JANUARY + 31 * DAY);

    shop.advance(&clock, JANUARY + 32 * DAY).await;
    assert_eq!(shop.get(&path).await["status"], "canceled");
    let invoices = shop.get(&format!("/v1/invoices?customer={customer}")).await;
    assert_eq!(invoices["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_preview_says_what_a_change_then_costs() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let subscription = start(&shop, &customer, &[]).await;
    let (own, item) = (text(&subscription, "id"), text(&subscription["items"]["data"][0], "id"));
    shop.advance(&clock, JANUARY + 15 * DAY + DAY / 2).await;
    let preview = [
        ("subscription", own.as_str()),
        ("subscription_details[items][0][id]", &item),
        ("subscription_details[items][0][price]", PROFESSIONAL),
        ("subscription_details[proration_behavior]", "always_invoice"),
    ];
    let preview = shop.post("/v1/invoices/create_preview", &preview).await;
    assert_eq!(preview["total"], 3_500);

    let change = [
        ("items[0][id]", item.as_str()),
        ("items[0][price]", PROFESSIONAL),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
        ("expand[]", "latest_invoice"),
    ];
    let changed = shop.post(&format!("/v1/subscriptions/{own}"), &change).await;
    assert_eq!(changed["latest_invoice"]["amount_paid"], preview["amount_due"]);
    assert_eq!(changed["items"]["data"][0]["price"]["id"], PROFESSIONAL);
    assert_eq!(changed["pending_update"], Value::Null);
}

#[tokio::test]
async fn a_change_that_is_not_paid_waits_and_is_then_forgotten() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_visa").await;
    let subscription = start(&shop, &customer, &[]).await;
    let path = format!("/v1/subscriptions/{}", text(&subscription, "id"));
    let item = text(&subscription["items"]["data"][0], "id");
    let attach = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let bad = text(&shop.post(attach, &[("customer", &customer)]).await, "id");
    shop.post(&path, &[("default_payment_method", &bad)]).await;
    let change = [
        ("items[0][id]", item.as_str()),
        ("items[0][price]", PROFESSIONAL),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
    ];
    let waits = shop.post(&path, &change).await;
    assert_eq!(waits["status"], "active");
    assert_eq!(waits["items"]["data"][0]["price"]["id"], STARTER);
    assert_eq!(waits["pending_update"]["subscription_items"][0]["price"]["id"], PROFESSIONAL);

    // Paid by another card in time, it becomes true.
    let invoice = format!("/v1/invoices/{}", text(&waits, "latest_invoice"));
    shop.post(&format!("{invoice}/pay"), &[("payment_method", "pm_card_visa")]).await;
    let now = shop.get(&path).await;
    assert_eq!(now["items"]["data"][0]["price"]["id"], PROFESSIONAL);
    assert_eq!(now["pending_update"], Value::Null);

    // A second one is left alone for a day.
    let mut back = change;
    back[1].1 = STARTER;
    let quantity = [("items[0][quantity]", "9")];
    let form: Vec<(&str, &str)> = back.iter().chain(&quantity).copied().collect();
    assert!(shop.post(&path, &form).await["pending_update"].is_object());
    shop.advance(&clock, JANUARY + DAY).await;
    let now = shop.get(&path).await;
    assert_eq!(now["items"]["data"][0]["price"]["id"], PROFESSIONAL);
    let told = shop.event_types().await;
    assert_eq!(count(&told, "customer.subscription.pending_update_applied"), 1);
    assert_eq!(count(&told, "customer.subscription.pending_update_expired"), 1);
    assert_eq!(count(&told, "invoice.voided"), 1);
}

#[tokio::test]
async fn a_first_payment_that_never_comes_expires() {
    let shop = Shop::open().await;
    let (clock, customer) = shop.clocked("pm_card_chargeCustomerFail").await;
    let subscription = start(&shop, &customer, &[]).await;
    let path = format!("/v1/subscriptions/{}", text(&subscription, "id"));
    assert_eq!(subscription["status"], "incomplete");
    shop.advance(&clock, JANUARY + DAY).await;
    assert_eq!(shop.get(&path).await["status"], "incomplete_expired");

    let more = [
        ("customer", customer.as_str()),
        ("items[0][price]", STARTER),
        ("payment_behavior", "error_if_incomplete"),
    ];
    let (status, error) = shop.refused("/v1/subscriptions", &more).await;
    assert_eq!((status, &error["code"]), (402, &"card_declined".into()));
    let all = shop.get(&format!("/v1/subscriptions?customer={customer}&status=all")).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
}
