//! What the payment provider is asked for once: money back, bills moved on, a card forgotten; by
//! whom it may be asked, and what follows.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    cash,
    cash::PAYS,
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use serde_json::{Value, json};

/// What of one currency is counted of money that went back.
async fn refunds(operator: &Visitor) -> Value {
    let since = json!({ "from": "2020-01-01T00:00:00Z" });
    let question = "query($from: DateTime) { revenue(from: $from) { period { currencies {
        churn refunds { count minor } } } } }";
    let earned = operator.gql(question, since).await["revenue"].take();
    earned["period"]["currencies"][0].clone()
}

async fn money_goes_back(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    cash::paying(&front, "starter").await;
    let (ada, ben) = (cash::paying(&front, "starter").await, cash::paying(&front, "starter").await);
    let account = ada.account.clone().expect("an account");
    let bills = ada.gql("{ invoices { nodes { id pdfUrl pageUrl } } }", json!({})).await;
    let bill = bills["invoices"]["nodes"][0].clone();
    assert!(bill["pdfUrl"].is_string() && bill["pageUrl"].is_string(), "{bill}");
    let bill = text(&bill["id"]);

    let wish = json!({ "account": account, "invoice": bill, "reason": "a broken oven" });
    assert_eq!(ada.refused("refundPayment", wish.clone()).await, "FORBIDDEN");
    let mut of_another = wish.clone();
    of_another["account"] = json!(ben.account);
    assert_eq!(operator.refused("refundPayment", of_another).await, "NOT_FOUND");
    let mut more = wish.clone();
    more["amount"] = json!("2901");
    assert_eq!(operator.refused("refundPayment", more).await, "VALIDATION");

    let some = ["refund", "--account", &account, "--invoice", &bill, "--amount", "900"];
    let some = [&some[..], &["--reason", "a broken oven"]].concat();
    for _ in 0..2 {
        let printed = front.herald(&some);
        assert!(printed.status.success(), "{printed:?}");
    }
    let back = until("a part went back", async || {
        let seen = refunds(&operator).await;
        (seen["refunds"]["count"] == 1).then_some(seen)
    })
    .await;
    assert_eq!((&back["refunds"]["minor"], &back["churn"]), (&json!("900"), &json!("0")), "{back}");
    assert_eq!(cash::subscription(&ada).await["access"], "FULL", "a part takes nothing away");

    let mut rest = wish;
    rest["endSubscription"] = json!(true);
    operator.tell("refundPayment", rest, "subscription { tier }").await;
    let ended = cash::until_so(&ada, "it ended", |it| it["access"] == "ENDED").await;
    assert_eq!((&ended["tier"], &ended["problem"]), (&json!("free"), &Value::Null));
    let back = until("all of it went back", async || {
        let seen = refunds(&operator).await;
        (seen["refunds"]["count"] == 2).then_some(seen)
    })
    .await;
    assert_eq!((&back["refunds"]["minor"], &back["churn"]), (&json!("2900"), &json!("2900")));
    assert_eq!(cash::subscription(&ben).await["access"], "FULL", "another account keeps its own");
}

#[tokio::test]
async fn an_operator_gives_money_back_and_access_and_revenue_follow_on_sqlite() {
    money_goes_back(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_operator_gives_money_back_and_access_and_revenue_follow_on_postgresql() {
    money_goes_back(Engine::Postgres).await;
}

async fn a_pack_goes_back(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let bought = ada.tell("buyCredits", json!({ "pack": "ai_credits_500" }), "checkoutUrl").await;
    cash::pay(&text(&bought["checkoutUrl"]), PAYS).await;
    let balance = async |wanted: u32| {
        until("the balance", async || {
            let credits = ada.gql("{ credits { kind balance } }", json!({})).await;
            let mut kinds = credits["credits"].as_array().expect("kinds").iter();
            let ai = kinds.find(|it| it["kind"] == "ai_credits").expect("AI credits");
            (ai["balance"] == wanted).then_some(())
        })
        .await;
    };
    balance(500).await;
    let payments = cash::stripe(&front, "payment_intents?limit=1").await;
    let wish = json!({
        "account": ada.account, "payment": payments["data"][0]["id"], "reason": "a slip"
    });
    operator.tell("refundPayment", wish.clone(), "subscription { problem { code } }").await;
    balance(0).await;
    // What is back already cannot go back again: the provider says so, and it is shown.
    operator.tell("refundPayment", wish, "token").await;
    let shown = cash::until_so(&ada, "the refusal", |it| it["problem"]["what"] == "refund").await;
    assert_eq!(shown["problem"]["code"], "charge_already_refunded");
}

#[tokio::test]
async fn a_pack_that_is_paid_back_takes_its_credits_along_on_sqlite() {
    a_pack_goes_back(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_pack_that_is_paid_back_takes_its_credits_along_on_postgresql() {
    a_pack_goes_back(Engine::Postgres).await;
}

async fn bills_and_cards(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    let (ada, ben) = (cash::paying(&front, "starter").await, cash::paying(&front, "starter").await);
    let account = ben.account.clone().expect("an account");
    let customers = cash::stripe(&front, "customers?limit=1").await;
    let customer = text(&customers["data"][0]["id"]);
    let item = [("customer", &*customer), ("amount", "500"), ("currency", "usd")];
    cash::tell_stripe(&front, "invoiceitems", &item).await;
    let wish = [
        ("customer", &*customer),
        ("collection_method", "send_invoice"),
        ("days_until_due", "30"),
        ("pending_invoice_items_behavior", "include"),
    ];
    let draft = text(&cash::tell_stripe(&front, "invoices", &wish).await["id"]);
    let status = async |wanted: &'static str| {
        until(wanted, async || {
            let seen = cash::stripe(&front, &format!("invoices/{draft}")).await;
            (seen["status"] == wanted).then_some(())
        })
        .await;
    };
    let move_on = json!({ "account": account, "invoice": draft });
    assert_eq!(operator.refused("voidInvoice", move_on.clone()).await, "INVALID_STATE");
    assert_eq!(ben.refused("finalizeInvoice", move_on.clone()).await, "FORBIDDEN");
    operator.tell("finalizeInvoice", move_on.clone(), "token").await;
    status("open").await;
    let mail = json!({ "invoice": draft });
    assert_eq!(ada.refused("sendInvoice", mail.clone()).await, "NOT_FOUND", "it is another's");
    ben.tell("sendInvoice", mail, "token").await;
    let sent = until("the bill is mailed", async || {
        let sent = story::ledger(&front, "send_invoice").await;
        (!sent.is_empty()).then_some(sent)
    });
    assert_eq!(sent.await.len(), 1);
    let void = ["invoices", "void", "--account", &account, "--invoice", &draft];
    let printed = front.herald(&void);
    assert!(printed.status.success(), "{printed:?}");
    status("void").await;

    let card = [("type", "card"), ("card[token]", "tok_mastercard")];
    let card = text(&cash::tell_stripe(&front, "payment_methods", &card).await["id"]);
    let attach = format!("payment_methods/{card}/attach");
    cash::tell_stripe(&front, &attach, &[("customer", &*customer)]).await;
    let ways = async || {
        let all = ben.gql("{ paymentMethods { id isDefault } }", json!({})).await;
        all["paymentMethods"].as_array().expect("a list").clone()
    };
    let both = until("both cards", async || Some(ways().await).filter(|all| all.len() == 2)).await;
    let charged = both.iter().find(|way| way["isDefault"] == true).expect("one is charged");
    let detach = |id: &Value| json!({ "method": id });
    assert_eq!(ben.refused("detachPaymentMethod", detach(&charged["id"])).await, "INVALID_STATE");
    assert_eq!(ada.refused("detachPaymentMethod", detach(&json!(card))).await, "NOT_FOUND");
    ben.tell("detachPaymentMethod", detach(&json!(card)), "token").await;
    let left = until("one card is left", async || Some(ways().await).filter(|all| all.len() == 1));
    assert_eq!(left.await[0]["id"], charged["id"]);
}

#[tokio::test]
async fn bills_are_moved_on_and_a_card_is_forgotten_by_who_may_on_sqlite() {
    bills_and_cards(Engine::Sqlite).await;
}

#[tokio::test]
async fn bills_are_moved_on_and_a_card_is_forgotten_by_who_may_on_postgresql() {
    bills_and_cards(Engine::Postgres).await;
}
