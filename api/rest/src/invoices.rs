//! The account's bills, as the payment provider has them.

use crate::{
    Rest,
    address::Query,
    asking::Asking,
    problem::{Answer, Problem},
    subscription::amount,
};
use axum::{Json, extract::State};
use herald_application::{billing, ports::payments::Invoice};
use herald_subscription::InvoiceRef;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How many at the most: each is read at the provider.
const AT_MOST: u8 = 50;

/// Which bills.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// How many, 1 to 50; 10 when absent.
    limit: Option<u8>,
    /// The last bill of the page before.
    after: Option<String>,
}

/// A page of bills, newest first.
pub(crate) async fn list(
    State(rest): State<Rest>,
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Value>> {
    let limit = wanted.limit.unwrap_or(10);
    if !(1..=AT_MOST).contains(&limit) {
        return Err(Problem::invalid("limit", format!("ask for 1 to {AT_MOST}")));
    }
    let after: Option<InvoiceRef> = wanted
        .after
        .map(|id| id.parse())
        .transpose()
        .map_err(|_| Problem::invalid("after", "this is the id of no bill"))?;
    let page = billing::invoices(&rest.desk, &asking.caller, after.as_ref(), limit).await?;
    let mut listed = Map::new();
    listed.insert("items".to_owned(), page.invoices.iter().map(shown).collect());
    if let Some(last) = page.invoices.last().filter(|_| page.more) {
        listed.insert("next".to_owned(), last.id.to_string().into());
    }
    Ok(Json(Value::Object(listed)))
}

fn shown(bill: &Invoice) -> Value {
    let address = |url: &Option<SecretString>| url.as_ref().map(|it| it.expose_secret().to_owned());
    json!({
        "id": bill.id, "number": bill.number, "status": bill.status,
        "total": amount(bill.total), "tax": amount(bill.tax), "paid": amount(bill.paid),
        "created_at": bill.created_at, "paid_at": bill.paid_at,
        "page_url": address(&bill.page), "pdf_url": address(&bill.pdf),
    })
}
