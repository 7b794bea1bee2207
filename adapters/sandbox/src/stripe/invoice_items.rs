//! What waits for the next invoice: items that were added by hand or by a change of plan.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::cycle::Period;
use super::json::Json;
use super::lines::Line;
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/invoiceitems",
        "create_invoice_item",
        &[
            "customer",
            "amount",
            "currency",
            "description",
            "metadata.*",
            "subscription",
            "pricing.price",
            "quantity",
        ],
        create,
    ),
    Endpoint::list("/v1/invoiceitems", "list_invoice_items", &["customer"], |work, call| {
        list_of(work, call, "invoiceitem", &["customer"])
    }),
];

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let customer = params.required("customer")?;
    work.find("customer", customer, "customer")?;
    let price = match params.text("pricing.price") {
        Some(price) => Some(work.find("price", price, "pricing[price]")?),
        None => None,
    };
    let quantity = params.int("quantity")?.unwrap_or(1);
    let amount = match (&price, params.int("amount")?) {
        (Some(price), _) => price.int("unit_amount").saturating_mul(quantity),
        (None, Some(amount)) => amount,
        (None, None) => return Err(Refusal::missing("amount")),
    };
    let line = Line {
        amount,
        currency: params.text("currency").unwrap_or("usd").to_owned(),
        description: params.text("description").unwrap_or_default().to_owned(),
        period: Period { start: work.now, end: work.now },
        quantity,
        proration: false,
        price,
        because: params.text("subscription").map(|own| (own.to_owned(), String::new())),
        invoice_item: None,
    };
    let mut item = wait(work, customer, &line);
    item.put("metadata", call.metadata(&Value::Null));
    work.put(&item);
    Ok(item)
}

/// Puts a line aside for the next invoice.
pub(super) fn wait(work: &mut Work<'_>, customer: &str, line: &Line) -> Value {
    let (subscription, subscription_item) = line.because.clone().unzip();
    let parent = subscription.as_ref().map(|own| {
        json!({
            "type": "subscription_details",
            "subscription_details": { "subscription": own, "subscription_item": subscription_item }
        })
    });
    let price = line.price.clone().unwrap_or_default();
    let item = json!({
        "id": id("ii_", 24), "object": "invoiceitem", "amount": line.amount,
        "net_amount": line.amount, "currency": line.currency, "customer": customer,
        "date": work.now, "description": line.description, "discountable": !line.proration,
        "discounts": [], "invoice": null, "livemode": false, "metadata": {}, "parent": parent,
        "period": { "start": line.period.start, "end": line.period.end },
        "pricing": {
            "type": "price_details", "unit_amount_decimal": price.at("unit_amount_decimal"),
            "price_details": { "price": price.at("id"), "product": price.at("product") },
        },
        "proration": line.proration, "quantity": line.quantity, "tax_rates": [],
        "test_clock": work.copy(customer).at("test_clock"),
    });
    work.born("invoiceitem.created", &item);
    item
}

/// The lines that wait for an invoice of a customer, and of a subscription where it is of one.
pub(super) fn waiting(work: &Work<'_>, customer: &str, subscription: Option<&str>) -> Vec<Value> {
    let fits = |item: &&&Value| {
        let own = item.maybe("parent.subscription_details.subscription");
        !item.has("invoice") && (own.is_none() || own == subscription)
    };
    work.of_customer("invoiceitem", customer).iter().filter(fits).map(|i| (*i).clone()).collect()
}

/// The line of an item that waited.
pub(super) fn line(work: &Work<'_>, item: &Value) -> Line {
    let because = item
        .maybe("parent.subscription_details.subscription")
        .map(|own| (own.to_owned(), item.owned("parent.subscription_details.subscription_item")));
    Line {
        amount: item.int("amount"),
        currency: item.owned("currency"),
        description: item.owned("description"),
        period: Period { start: item.int("period.start"), end: item.int("period.end") },
        quantity: item.int("quantity"),
        proration: item.flag("proration"),
        price: work.get(item.text("pricing.price_details.price")).cloned(),
        because,
        invoice_item: Some(item.owned("id")),
    }
}

/// Takes the waiting items onto an invoice.
pub(super) fn take(
    work: &mut Work<'_>,
    customer: &str,
    subscription: Option<&str>,
    invoice: &str,
) -> Vec<Line> {
    let items = waiting(work, customer, subscription);
    let mut lines = Vec::with_capacity(items.len());
    for mut item in items {
        lines.push(line(work, &item));
        item.put("invoice", invoice);
        work.put(&item);
    }
    lines
}
