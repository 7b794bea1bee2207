//! What goes out: each effect's address, parameters and key.

use crate::{
    fake::{Asked, Stage, Then, account, key, list, named, ok},
    published::follows,
    shapes::{card, new_invoice, new_subscription, price},
};
use herald_application::ports::payments::{
    CancelWhen, CheckoutStatus, Checkouts, CreditPurchase, CustomerDetails, Customers, Invoices,
    Meters, MethodRef, NewSubscription, PaymentMethods, PaymentRequest, PaymentStatus, PlanChange,
    PortalVisit, Proration, Purchases, ResumeFrom, ReturnAddresses, SubscriptionCheckout,
    Subscriptions, TrialOffer, UsageReport,
};
use herald_kernel::{Instant, Money, Personal};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

fn usd(minor: i64) -> Money {
    Money { minor, currency: "USD".parse().expect("a currency") }
}

fn back() -> ReturnAddresses {
    let url = |path: &str| format!("https://app.example/{path}").parse().expect("a URL");
    ReturnAddresses { success: url("done?session_id={CHECKOUT_SESSION_ID}"), cancel: url("back") }
}

fn session() -> Value {
    json!({ "id": "cs_1", "url": "https://checkout.stripe.com/c/pay/cs_1", "expires_at": 1_795_086_400 })
}

fn has(asked: &Asked, wanted: &[(&str, &str)]) {
    let given = asked.parameters();
    for (name, value) in wanted {
        assert_eq!(given.get(*name).map(String::as_str), Some(*value), "{name} in {given:?}");
    }
}

#[tokio::test]
async fn every_call_is_signed_and_says_its_version_and_every_effect_has_its_key() {
    let stage = Stage::new([ok(&json!({ "id": "cus_1" }))]).await;
    let details = CustomerDetails {
        email: Some(Personal::from("ada@example.org".to_owned())),
        name: Some(Personal::Forgotten),
        language: Some("de".to_owned()),
    };
    let made = Customers::create(&stage.stripe, &key(), account(), &details).await;
    assert_eq!(made.expect("made").as_str(), "cus_1");
    let asked = &stage.asked()[0];
    assert_eq!(asked.line(), "POST /v1/customers");
    assert_eq!(asked.header("authorization"), "Bearer sk_test_CANARY0123456789abcdefghij");
    assert_eq!(asked.header("stripe-version"), "2026-10-28.endive");
    assert_eq!(asked.header("idempotency-key"), key().as_str());
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    assert!(!asked.headers.contains_key("x-stripe-client-user-agent"), "nothing is told about us");
    let account = account().to_string();
    has(asked, &[("email", "ada@example.org"), ("metadata[account_id]", account.as_str())]);
    assert!(!asked.parameters().contains_key("name"), "what is forgotten is not sent");
    follows(&stage.asked());
}

#[tokio::test]
async fn a_checkout_begins_a_trial_that_pauses_without_a_card() {
    let starter = price("price_1", Some("herald_starter_monthly_v1"));
    let stage = Stage::new([list(&[starter]), ok(&session())]).await;
    let checkout = SubscriptionCheckout {
        account: account(),
        customer: named("cus_1"),
        price: named("herald_starter_monthly_v1"),
        trial: Some(TrialOffer { days: 14, card_required: true }),
        promotion_codes: true,
        automatic_tax: true,
        tax_rates: Vec::new(),
        return_to: back(),
        expires_at: Instant::from_micros(1_795_003_600_000_000),
    };
    let opened = stage.stripe.open_subscription(&key(), &checkout).await.expect("open");
    assert_eq!(opened.id.as_str(), "cs_1");
    assert!(opened.url.expose_secret().starts_with("https://checkout.stripe.com/"));
    assert!(!format!("{opened:?}").contains("checkout.stripe.com"));
    assert_eq!(stage.lines(), ["GET /v1/prices", "POST /v1/checkout/sessions"]);
    has(
        &stage.asked()[1],
        &[
            ("mode", "subscription"),
            ("line_items[0][price]", "price_1"),
            ("line_items[0][quantity]", "1"),
            ("subscription_data[trial_period_days]", "14"),
            ("subscription_data[trial_settings][end_behavior][missing_payment_method]", "pause"),
            ("payment_method_collection", "always"),
            ("allow_promotion_codes", "true"),
            ("automatic_tax[enabled]", "true"),
            ("customer_update[address]", "auto"),
            ("expires_at", "1795003600"),
        ],
    );
    follows(&stage.asked());
}

#[tokio::test]
async fn a_pack_is_sold_once_and_its_checkout_can_be_read_and_closed() {
    let seen = json!({ "id": "cs_1", "status": "complete", "payment_status": "paid",
        "client_reference_id": account().to_string(), "customer": "cus_1", "payment_intent": "pi_1",
        "amount_total": 2000, "currency": "usd", "line_items": { "data": [
            { "price": price("price_9", Some("herald_ai_credits_500_v1")), "quantity": 2 }] } });
    let stage = Stage::new([ok(&session()), ok(&seen), ok(&session())]).await;
    let purchase = CreditPurchase {
        account: account(),
        customer: named("cus_1"),
        price: named("price_9"),
        quantity: 2,
        promotion_codes: false,
        automatic_tax: false,
        tax_rates: Vec::new(),
        return_to: back(),
        expires_at: None,
    };
    stage.stripe.open_purchase(&key(), &purchase).await.expect("open");
    has(&stage.asked()[0], &[("mode", "payment"), ("line_items[0][quantity]", "2")]);
    let read = Checkouts::read(&stage.stripe, &named("cs_1")).await.expect("read");
    assert_eq!((read.status, read.paid), (CheckoutStatus::Complete, true));
    assert_eq!(read.account, Some(account()));
    assert_eq!(read.bought, [(named("herald_ai_credits_500_v1"), 2)]);
    stage.stripe.expire(&key(), &named("cs_1")).await.expect("closed");
    assert_eq!(stage.lines()[2], "POST /v1/checkout/sessions/cs_1/expire");
    follows(&stage.asked());
}

#[tokio::test]
async fn the_rates_of_the_rule_table_stand_on_the_line_of_a_pack_and_on_every_bill_of_a_tier() {
    let made = ok(&new_subscription("sub_1", "active"));
    let stage = Stage::new([ok(&session()), ok(&session()), made]).await;
    let rates = || vec![named("txr_1"), named("txr_2")];
    let checkout = SubscriptionCheckout {
        account: account(),
        customer: named("cus_1"),
        price: named("price_1"),
        trial: None,
        promotion_codes: false,
        automatic_tax: false,
        tax_rates: rates(),
        return_to: back(),
        expires_at: None,
    };
    stage.stripe.open_subscription(&key(), &checkout).await.expect("open");
    let purchase = CreditPurchase {
        account: account(),
        customer: named("cus_1"),
        price: named("price_9"),
        quantity: 1,
        promotion_codes: false,
        automatic_tax: false,
        tax_rates: rates(),
        return_to: back(),
        expires_at: None,
    };
    stage.stripe.open_purchase(&key(), &purchase).await.expect("open");
    let wanted = NewSubscription {
        account: account(),
        customer: named("cus_1"),
        price: named("price_2"),
        trial_days: None,
        automatic_tax: false,
        tax_rates: rates(),
    };
    Subscriptions::create(&stage.stripe, &key(), &wanted).await.expect("made");
    let asked = stage.asked();
    has(
        &asked[0],
        &[
            ("subscription_data[default_tax_rates][0]", "txr_1"),
            ("subscription_data[default_tax_rates][1]", "txr_2"),
            ("tax_id_collection[enabled]", "true"),
        ],
    );
    has(
        &asked[1],
        &[("line_items[0][tax_rates][0]", "txr_1"), ("line_items[0][tax_rates][1]", "txr_2")],
    );
    has(&asked[2], &[("items[0][tax_rates][0]", "txr_1"), ("items[0][tax_rates][1]", "txr_2")]);
    for one in &asked {
        assert!(!one.parameters().contains_key("automatic_tax[enabled]"), "one of two ways");
    }
    follows(&asked);
}

#[tokio::test]
async fn a_portal_opens_with_the_configuration_of_the_settings() {
    let then = [ok(&json!({ "url": "https://billing.stripe.com/p/session/1" }))];
    let stage = Stage::with(then, |settings| settings.portal = Some("bpc_1".to_owned())).await;
    let visit = PortalVisit { customer: named("cus_1"), return_to: back().cancel };
    stage.stripe.open_portal(&key(), &visit).await.expect("open");
    has(
        &stage.asked()[0],
        &[("configuration", "bpc_1"), ("return_url", "https://app.example/back")],
    );
    follows(&stage.asked());
}

fn change() -> PlanChange {
    PlanChange {
        subscription: named("sub_1"),
        price: named("price_2"),
        proration: Proration::BillNow,
        only_when_paid: true,
        as_of: None,
    }
}

#[tokio::test]
async fn an_upgrade_is_billed_now_waits_for_its_payment_and_costs_what_the_preview_said() {
    let whole = || ok(&new_subscription("sub_1", "active"));
    let preview = json!({ "currency": "usd", "subtotal": 3500, "amount_due": 4165,
        "total_taxes": [{ "amount": 665 }], "lines": { "has_more": false, "data": [
            { "description": "Unused time", "amount": -1450,
              "parent": { "subscription_item_details": { "proration": true } } },
            { "description": "Rest of the month", "amount": 4950, "proration": true }] } });
    let stage = Stage::new([whole(), ok(&preview), whole(), whole()]).await;
    let seen = stage.stripe.preview(&change()).await.expect("a preview");
    assert_eq!((seen.due, seen.tax, seen.lines.len()), (usd(4_165), usd(665), 2));
    assert!(seen.lines.iter().all(|line| line.proration));
    let agreed = PlanChange { as_of: seen.as_of, ..change() };
    stage.stripe.change_plan(&key(), &agreed).await.expect("changed");
    let asked = stage.asked();
    assert_eq!(asked[1].line(), "POST /v1/invoices/create_preview");
    has(&asked[1], &[("subscription_details[proration_date]", "1795000000")]);
    assert_eq!(asked[1].header("idempotency-key"), "", "a preview is no effect");
    has(
        &asked[3],
        &[
            ("items[0][id]", "si_1"),
            ("items[0][price]", "price_2"),
            ("proration_behavior", "always_invoice"),
            ("payment_behavior", "pending_if_incomplete"),
            ("proration_date", "1795000000"),
        ],
    );
    follows(&asked);
}

#[tokio::test]
async fn an_end_can_be_set_taken_back_and_made_at_once_even_twice() {
    let whole = || ok(&new_subscription("sub_1", "active"));
    let gone = json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } });
    let gone = Then::Say(404, vec![], gone.to_string());
    let ended = ok(&new_subscription("sub_1", "canceled"));
    let stage = Stage::new([whole(), whole(), whole(), whole(), gone, ended]).await;
    let (stripe, sub) = (&stage.stripe, named("sub_1"));
    stripe.cancel(&key(), &sub, CancelWhen::AtPeriodEnd).await.expect("set");
    stripe.resume(&key(), &sub, ResumeFrom::ScheduledEnd).await.expect("taken back");
    stripe.resume(&key(), &sub, ResumeFrom::Pause).await.expect("goes on");
    stripe.cancel(&key(), &sub, CancelWhen::Now).await.expect("ended");
    stripe.cancel(&key(), &sub, CancelWhen::Now).await.expect("it had ended already");
    has(&stage.asked()[0], &[("cancel_at_period_end", "true")]);
    has(&stage.asked()[1], &[("cancel_at_period_end", "false")]);
    assert_eq!(
        stage.lines()[2..4],
        ["POST /v1/subscriptions/sub_1/resume", "DELETE /v1/subscriptions/sub_1",]
    );
    follows(&stage.asked());
}

#[tokio::test]
async fn a_given_trial_needs_no_checkout() {
    let stage = Stage::new([ok(&new_subscription("sub_1", "trialing"))]).await;
    let wanted = NewSubscription {
        account: account(),
        customer: named("cus_1"),
        price: named("price_2"),
        trial_days: Some(30),
        automatic_tax: true,
        tax_rates: Vec::new(),
    };
    let made = Subscriptions::create(&stage.stripe, &key(), &wanted).await.expect("made");
    assert_eq!(made.as_str(), "sub_1");
    has(&stage.asked()[0], &[("trial_period_days", "30"), ("items[0][price]", "price_2")]);
    follows(&stage.asked());
}

#[tokio::test]
async fn bills_are_moved_on_and_ways_to_pay_are_given_and_taken() {
    let bill = || ok(&new_invoice("in_1", "open"));
    let method = || ok(&card("pm_1", "F"));
    let payer = || ok(&json!({ "id": "cus_1" }));
    let stage = Stage::new([bill(), bill(), bill(), method(), payer(), method(), method()]).await;
    let (stripe, ada) = (&stage.stripe, named("cus_1"));
    stripe.finalize(&key(), &named("in_1")).await.expect("final");
    stripe.void(&key(), &named("in_1")).await.expect("void");
    Invoices::send(stripe, &key(), &named("in_1")).await.expect("sent");
    let pm = MethodRef::try_new("pm_1").expect("a name");
    stripe.attach(&key(), &ada, &pm).await.expect("attached");
    stripe.make_default(&key(), &ada, &pm).await.expect("default");
    stripe.detach(&key(), &ada, &pm).await.expect("detached");
    assert_eq!(
        stage.lines(),
        [
            "POST /v1/invoices/in_1/finalize",
            "POST /v1/invoices/in_1/void",
            "POST /v1/invoices/in_1/send",
            "POST /v1/payment_methods/pm_1/attach",
            "POST /v1/customers/cus_1",
            "GET /v1/payment_methods/pm_1",
            "POST /v1/payment_methods/pm_1/detach",
        ]
    );
    follows(&stage.asked());
}

#[tokio::test]
async fn money_moves_once_and_comes_back() {
    let intent = json!({ "id": "pi_1", "status": "succeeded", "currency": "usd", "amount": 900,
        "amount_received": 900, "metadata": { "account_id": account().to_string() },
        "client_secret": "pi_1_secret_CANARY" });
    let refund = json!({ "id": "re_1", "status": "pending", "amount": 400, "currency": "usd" });
    let stage = Stage::new([ok(&intent), ok(&refund)]).await;
    let request = PaymentRequest {
        account: account(),
        customer: named("cus_1"),
        amount: usd(900),
        description: "10,000 calls".to_owned(),
        method: Some(MethodRef::try_new("pm_1").expect("a name")),
    };
    let paid = stage.stripe.pay(&key(), &request).await.expect("paid");
    assert_eq!((paid.status, paid.received), (PaymentStatus::Succeeded, usd(900)));
    assert_eq!(paid.account, Some(account()));
    assert!(!format!("{paid:?}").contains("CANARY"));
    let back = stage.stripe.refund(&key(), &paid.id, Some(usd(400))).await.expect("on its way");
    assert!(!back.done);
    has(&stage.asked()[0], &[("off_session", "true"), ("confirm", "true"), ("currency", "usd")]);
    has(&stage.asked()[1], &[("payment_intent", "pi_1"), ("amount", "400")]);
    has(&stage.asked()[1], &[("metadata[errand]", key().as_str())]);
    follows(&stage.asked());
}

#[tokio::test]
async fn what_went_back_is_found_again_by_the_wish_that_it_was_made_for() {
    let refund = |id: &str, note: &str| {
        json!({ "id": id, "status": "succeeded", "amount": 400, "currency": "usd",
            "metadata": { "errand": note } })
    };
    let other = json!({ "id": "re_1", "status": "succeeded", "amount": 400, "currency": "usd",
        "metadata": null });
    let all = list(&[other.clone(), refund("re_2", "another"), refund("re_3", key().as_str())]);
    let stage = Stage::new([all, list(&[other])]).await;
    let payment = named("pi_1");
    let found = stage.stripe.refunded(&key(), &payment).await.expect("an answer");
    assert_eq!(found.map(|it| (it.id, it.amount)), Some(("re_3".to_owned(), usd(400))));
    assert_eq!(stage.stripe.refunded(&key(), &payment).await, Ok(None));
    has(&stage.asked()[0], &[("payment_intent", "pi_1"), ("limit", "100")]);
    follows(&stage.asked());
}

#[tokio::test]
async fn use_is_reported_as_a_difference_that_counts_once() {
    let stage = Stage::new([ok(&json!({ "object": "billing.meter_event" }))]).await;
    let report = UsageReport {
        customer: named("cus_1"),
        meter: "herald_api_calls".to_owned(),
        value: 120,
        identifier: "evt-7".to_owned(),
        at: Instant::from_micros(1_795_000_000_999_999).expect("a date"),
    };
    stage.stripe.report(&key(), &report).await.expect("taken down");
    has(
        &stage.asked()[0],
        &[
            ("event_name", "herald_api_calls"),
            ("payload[stripe_customer_id]", "cus_1"),
            ("payload[value]", "120"),
            ("identifier", "evt-7"),
            ("timestamp", "1795000000"),
        ],
    );
    follows(&stage.asked());
}

#[tokio::test]
async fn a_customer_is_found_again_by_the_account_that_it_was_made_for() {
    let stage = Stage::new([list(&[json!({ "id": "cus_1" })]), list(&[])]).await;
    let found = stage.stripe.find(account()).await.expect("an answer");
    assert_eq!(found, Some(named("cus_1")));
    assert_eq!(stage.stripe.find(account()).await, Ok(None));
    let query = format!("metadata['account_id']:'{}'", account());
    has(&stage.asked()[0], &[("query", query.as_str())]);
    follows(&stage.asked());
}

#[tokio::test]
async fn customers_are_listed_page_by_page_with_the_account_that_each_is_noted_to_be_of() {
    let of = account();
    let ours = json!({ "id": "cus_1", "metadata": { "account_id": of.to_string() } });
    let others = json!({ "id": "cus_2", "metadata": { "account_id": "7", "color": "red" } });
    let bare = json!({ "id": "cus_3", "metadata": null });
    let page = json!({ "object": "list", "has_more": true, "data": [ours, others] });
    let stage = Stage::new([ok(&page), list(&[bare])]).await;
    let first = Customers::list(&stage.stripe, None).await.expect("a page");
    let noted: Vec<_> = first.customers.iter().map(|it| it.account).collect();
    assert_eq!((noted, &first.next), (vec![Some(of), None], &Some(named("cus_2"))));
    let second = Customers::list(&stage.stripe, first.next.as_ref()).await.expect("a page");
    assert_eq!((second.customers.len(), second.next), (1, None));
    has(&stage.asked()[0], &[("limit", "100")]);
    has(&stage.asked()[1], &[("limit", "100"), ("starting_after", "cus_2")]);
    follows(&stage.asked());
}
