//! Buying on the hosted page: what each card does, and what is told of it.

use serde_json::Value;

use crate::stripe_house::{
    ASKS, DECLINED, PAYS, PROFESSIONAL, SECRET, STARTER, Shop, query, signed, text,
};

fn location(answer: &reqwest::Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_pays_on_the_page_and_the_subscription_is_told_of_with_a_signature() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let more = [
        ("customer", customer.as_str()),
        ("subscription_data[metadata][account_id]", "acc_1"),
        ("client_reference_id", "acc_1"),
    ];
    let session = shop.session("subscription", STARTER, &more).await;
    let link = text(&session, "url");
    let page = shop.house.client.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Starter") && page.contains("$29.00"), "{page}");
    assert!(page.contains("Nothing here is real") && !page.contains("<script"), "{page}");

    let answer = shop.click(&link, &[("card", PAYS), ("name", "Jo Doe")]).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(query(&location(&answer), "session"), Some(text(&session, "id")));

    let done = shop.get(&format!("/v1/checkout/sessions/{}", text(&session, "id"))).await;
    assert_eq!((&done["status"], &done["payment_status"]), (&"complete".into(), &"paid".into()));
    assert_eq!(done["client_reference_id"], "acc_1");
    let path = format!("/v1/subscriptions/{}", text(&done, "subscription"));
    let wishes = "expand[]=latest_invoice.payments&expand[]=default_payment_method";
    let subscription = shop.get(&format!("{path}?{wishes}")).await;
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["metadata"]["account_id"], "acc_1");
    assert_eq!(subscription["latest_invoice"]["amount_paid"], 2_900);
    assert_eq!(subscription["latest_invoice"]["payments"]["data"][0]["status"], "paid");
    assert_eq!(subscription["default_payment_method"]["card"]["last4"], "4242");
    assert!(subscription["items"]["data"][0]["current_period_end"].is_i64());
    assert_eq!(subscription.get("current_period_end"), None);

    let told = shop.event_types().await;
    for kind in [
        "payment_method.attached",
        "invoice.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.created",
        "checkout.session.completed",
    ] {
        assert!(told.iter().any(|one| one == kind), "{kind} in {told:?}");
    }
    let heard = shop.hears(told.len()).await;
    let kinds: Vec<String> = heard.iter().map(|event| text(event, "type")).collect();
    assert_eq!(kinds, told);
    for (header, body) in shop.heard.lock().unwrap().iter() {
        assert!(signed(header, body, SECRET));
        assert!(!signed(header, body, "whsec_another"));
    }
}

#[tokio::test]
async fn a_declined_card_says_so_and_the_next_one_works() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let more = [("customer", customer.as_str())];
    let session = shop.session("subscription", STARTER, &more).await;
    let link = text(&session, "url");

    let answer = shop.click(&link, &[("card", DECLINED)]).await;
    assert_eq!(answer.status(), 402);
    assert!(answer.text().await.unwrap().contains("Your card was declined."));
    let list = format!("/v1/subscriptions?customer={customer}&status=all");
    assert_eq!(shop.get(&list).await["data"].as_array().unwrap().len(), 0);

    assert_eq!(shop.click(&link, &[("card", PAYS)]).await.status(), 303);
    assert_eq!(shop.get(&list).await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_card_that_asks_is_answered_on_a_second_page() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let more = [("customer", customer.as_str())];
    let session = shop.session("subscription", STARTER, &more).await;
    let link = text(&session, "url");

    let asked = shop.click(&link, &[("card", ASKS)]).await;
    assert_eq!(asked.status(), 200);
    let page = asked.text().await.unwrap();
    assert!(page.contains("Complete") && page.contains("pm_card_authenticationRequired"));
    assert!(!page.contains("4000"), "a card number travels on: {page}");
    assert_eq!(shop.house.effects("complete_checkout").len(), 0);

    let named = ("named", "pm_card_authenticationRequired");
    let no = shop.click(&link, &[named, ("authentication", "fail")]).await;
    assert_eq!(no.status(), 402);
    let yes = shop.click(&link, &[named, ("authentication", "complete")]).await;
    assert_eq!(yes.status(), 303);
    let subscriptions = shop.get(&format!("/v1/subscriptions?customer={customer}")).await;
    assert_eq!(subscriptions["data"][0]["status"], "active");
}

#[tokio::test]
async fn a_pack_is_paid_once_and_can_be_refunded_or_disputed() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let more = [("customer", customer.as_str()), ("payment_intent_data[metadata][pack]", "api")];
    let session = shop.session("payment", "price_herald_api_calls_10000_v1", &more).await;
    assert_eq!(session["amount_total"], 900);
    let answer = shop.click(&text(&session, "url"), &[("card", PAYS)]).await;
    assert_eq!(answer.status(), 303);
    let done = shop.get(&format!("/v1/checkout/sessions/{}", text(&session, "id"))).await;
    let intent = text(&done, "payment_intent");
    let paid = shop.get(&format!("/v1/payment_intents/{intent}")).await;
    assert_eq!((&paid["status"], &paid["metadata"]["pack"]), (&"succeeded".into(), &"api".into()));

    let part = [("payment_intent", intent.as_str()), ("amount", "400")];
    assert_eq!(shop.post("/v1/refunds", &part).await["amount"], 400);
    let charge = text(&paid, "latest_charge");
    let after = shop.get(&format!("/v1/charges/{charge}")).await;
    assert_eq!((&after["amount_refunded"], &after["refunded"]), (&400.into(), &false.into()));
    let (status, error) =
        shop.refused("/v1/refunds", &[("charge", &charge), ("amount", "601")]).await;
    assert_eq!((status, &error["param"]), (400, &"amount".into()));

    let dispute = shop.control("disputes", serde_json::json!({ "charge": charge })).await;
    assert_eq!(dispute["status"], "needs_response");
    let told = shop.event_types().await;
    assert!(told.contains(&"charge.refunded".to_owned()));
    assert_eq!(told.last().unwrap(), "charge.dispute.funds_withdrawn");
}

#[tokio::test]
async fn a_session_expires_and_then_takes_no_money() {
    let shop = Shop::open().await;
    let session = shop.session("subscription", STARTER, &[]).await;
    let link = text(&session, "url");
    let path = format!("/v1/checkout/sessions/{}", text(&session, "id"));
    assert_eq!(shop.post(&format!("{path}/expire"), &[]).await["status"], "expired");
    assert_eq!(shop.click(&link, &[("card", PAYS)]).await.status(), 410);

    let other = shop.session("subscription", STARTER, &[]).await;
    shop.house.sandbox.state().advance_clock(86_401).unwrap();
    let path = format!("/v1/checkout/sessions/{}", text(&other, "id"));
    assert_eq!(shop.get(&path).await["status"], "expired");
    let told = shop.event_types().await;
    assert_eq!(told.iter().filter(|one| *one == "checkout.session.expired").count(), 2);
}

#[tokio::test]
async fn the_portal_switches_cancels_resumes_and_changes_the_card() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.subscribe(&customer, PAYS).await;
    let form = [("customer", customer.as_str()), ("return_url", "http://shop.test/billing")];
    let link = text(&shop.post("/v1/billing_portal/sessions", &form).await, "url");
    let page = shop.house.client.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Starter") && page.contains("visa •••• 4242"), "{page}");
    assert!(page.contains("http://shop.test/billing"), "{page}");
    let path = format!("/v1/subscriptions/{subscription}");

    let switch = [("action", "switch"), ("price", PROFESSIONAL)];
    assert_eq!(shop.click(&link, &switch).await.status(), 303);
    let now = shop.get(&path).await;
    assert_eq!(now["items"]["data"][0]["price"]["id"], PROFESSIONAL);
    let invoice = shop.get(&format!("/v1/invoices/{}", text(&now, "latest_invoice"))).await;
    assert_eq!((&invoice["total"], &invoice["status"]), (&7_000.into(), &"paid".into()));

    assert_eq!(shop.click(&link, &[("action", "cancel")]).await.status(), 303);
    let now = shop.get(&path).await;
    assert_eq!(now["cancel_at"], now["items"]["data"][0]["current_period_end"]);
    assert_eq!(shop.click(&link, &[("action", "resume")]).await.status(), 303);
    assert_eq!(shop.get(&path).await["cancel_at"], Value::Null);

    let card = [("action", "card"), ("card", "5555 5555 5555 4444")];
    assert_eq!(shop.click(&link, &card).await.status(), 303);
    let now = shop.get(&format!("{path}?expand[]=default_payment_method")).await;
    assert_eq!(now["default_payment_method"]["card"]["brand"], "mastercard");
    let refused = shop.click(&link, &[("action", "card"), ("card", DECLINED)]).await;
    assert_eq!(refused.status(), 402);
}
