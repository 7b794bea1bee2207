//! Tax by the table of the installation: it goes along to the payment provider, and stays there.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{Front, cash, cash::PAYS, database::Engine, story, visitor::text};
use reqwest::Method;
use serde_json::json;

const TABLE: &str = r#"
seller = "DE"
reverse_charge = ["txr_reverse"]

[rates]
DE = ["txr_de"]
FR = ["txr_fr"]
"#;

async fn tax_goes_along(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("taxes.toml");
    std::fs::write(&table, TABLE).expect("the table is written");
    let table = table.display().to_string();
    let settings = [("HERALD_BILLING", "on"), ("HERALD_TAX_TABLE", &*table)];
    let front = Front::start_with(engine, &settings).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let starter = json!({ "tier": "starter", "interval": "MONTH" });
    assert_eq!(ada.refused("startCheckout", starter).await, "VALIDATION", "where is the payer?");
    let odd = json!({ "tier": "starter", "country": "FR", "vat_id": "FR1" });
    let (status, problem) = cash::rest(&ada, Method::POST, "/billing/checkout", &odd).await;
    assert_eq!((status, &problem["field"]), (422, &json!("vatId")), "{problem}");
    let business = json!({ "tier": "starter", "country": "FR", "vat_id": "FR 12 345678901" });
    let (status, page) = cash::rest(&ada, Method::POST, "/billing/checkout", &business).await;
    assert_eq!(status, 201, "{page}");
    cash::pay(&text(&page["url"]), PAYS).await;
    cash::until_tier(&ada, "starter").await;
    let all = cash::stripe(&front, "subscriptions?limit=1").await;
    assert_eq!(all["data"][0]["default_tax_rates"][0]["id"], "txr_reverse", "{all}");
    let pack = json!({ "pack": "ai_credits_500", "country": "DE" });
    ada.tell("buyCredits", pack, "checkoutUrl").await;
}

/// Where Stripe's stand-in works the tax out, page, preview and bill have it on them.
#[tokio::test]
async fn the_switch_for_tax_shows_on_the_page_in_the_preview_and_on_the_bill() {
    let settings = [("HERALD_BILLING", "on"), ("HERALD_AUTOMATIC_TAX", "on")];
    let front = Front::start_with(Engine::Sqlite, &settings).await;
    // A card has one trial: whoever comes second pays at once.
    let ben = story::open_account(&front.newcomer().await, "Ben's Bikes").await;
    cash::pay(&cash::checkout(&ben, "starter").await, PAYS).await;
    cash::until_tier(&ben, "starter").await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let page = cash::checkout(&ada, "starter").await;
    let http = front::visitor::http();
    let shown = http.get(&page).send().await.expect("a page").text().await.expect("text");
    assert!(shown.contains("name=country"), "the page asks where the payer lives: {shown}");
    let form = [("card", PAYS), ("country", "de")];
    let paid = http.post(&page).form(&form).send().await.expect("an answer");
    assert_eq!(paid.status(), 303);
    cash::until_tier(&ada, "starter").await;

    let wanted =
        "{ invoices(first: 50) { nodes { total { minor } tax { minor } paid { minor } } } }";
    let bill = front::until("the bill has its tax", async || {
        let seen = ada.gql(wanted, json!({})).await;
        let bills = seen["invoices"]["nodes"].as_array().expect("bills").clone();
        bills.into_iter().find(|bill| bill["tax"]["minor"] != "0")
    })
    .await;
    let minor = |of: &str| text(&bill[of]["minor"]).parse::<i64>().expect("an amount");
    let net = minor("total") - minor("tax");
    assert_eq!(minor("tax"), (net * 19 + 50) / 100, "{bill}");
    assert_eq!(minor("paid"), minor("total"));
    let path = "/billing/preview?tier=professional&interval=month";
    let (status, preview) = cash::rest(&ada, Method::GET, path, &serde_json::Value::Null).await;
    assert_eq!(status, 200, "{preview}");
    assert!(preview["tax"]["minor"].as_i64().is_some_and(|tax| tax > 0), "{preview}");
}

#[tokio::test]
async fn the_table_of_taxes_goes_along_to_the_payment_provider_on_sqlite() {
    tax_goes_along(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_table_of_taxes_goes_along_to_the_payment_provider_on_postgresql() {
    tax_goes_along(Engine::Postgres).await;
}
