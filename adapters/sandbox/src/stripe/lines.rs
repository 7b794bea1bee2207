//! The lines of an invoice: what is charged, for which time, because of what.

use serde_json::{Value, json};

use super::cycle::{self, Period};
use super::json::Json;
use super::meters;
use super::work::{Work, id};

/// One line before it is part of an invoice.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) period: Period,
    pub(super) quantity: i64,
    pub(super) proration: bool,
    pub(super) price: Option<Value>,
    /// Subscription and item.
    pub(super) because: Option<(String, String)>,
    pub(super) invoice_item: Option<String>,
}

impl Line {
    /// What a checkout session sells once, beside its subscription.
    pub(super) fn once(sold: &Value, now: i64) -> Self {
        Self {
            amount: sold.int("amount_subtotal"),
            currency: sold.owned("currency"),
            description: sold.owned("description"),
            period: Period { start: now, end: now },
            quantity: sold.int("quantity"),
            proration: false,
            price: Some(sold.at("price").clone()),
            because: None,
            invoice_item: None,
        }
    }

    /// A line as it stands on an invoice.
    pub(super) fn show(&self, invoice: &str) -> Value {
        let price = self.price.as_ref();
        let pricing = price.map(|price| {
            json!({
                "type": "price_details",
                "price_details": { "price": price.at("id"), "product": price.at("product") },
                "unit_amount_decimal": price.at("unit_amount_decimal"),
            })
        });
        let (subscription, item) = self.because.clone().unzip();
        let parent = match (&subscription, &self.invoice_item) {
            (_, Some(own)) => json!({
                "type": "invoice_item_details", "subscription_item_details": null,
                "invoice_item_details": {
                    "invoice_item": own, "proration": self.proration,
                    "proration_details": { "credited_items": null }, "subscription": subscription,
                },
            }),
            (Some(subscription), None) => json!({
                "type": "subscription_item_details", "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": null, "proration": self.proration,
                    "proration_details": { "credited_items": null },
                    "subscription": subscription, "subscription_item": item,
                },
            }),
            (None, None) => Value::Null,
        };
        json!({
            "id": id("il_", 24), "object": "line_item", "amount": self.amount,
            "currency": self.currency, "description": self.description, "discount_amounts": [],
            "discountable": !self.proration, "discounts": [], "invoice": invoice,
            "livemode": false, "metadata": {}, "parent": parent,
            "period": { "start": self.period.start, "end": self.period.end },
            "pretax_credit_amounts": [], "pricing": pricing, "quantity": self.quantity,
            "subscription": subscription, "subtotal": self.amount, "taxes": [],
            "_price": price.map(|price| price.at("id").clone()),
        })
    }
}

/// A full period of every item, or its trial, which costs nothing.
pub(super) fn full(
    work: &Work<'_>,
    subscription: &Value,
    period: Period,
    trial: bool,
) -> Vec<Line> {
    let items = subscription.all("items.data");
    items
        .iter()
        .filter(|item| item.text("price.recurring.usage_type") != "metered")
        .map(|item| {
            let (quantity, price) = (item.int("quantity"), item.at("price"));
            let amount = quantity.saturating_mul(price.int("unit_amount"));
            let name = named(work, price);
            let description = if trial {
                format!("Trial period for {name}")
            } else {
                let each = cycle::money(price.int("unit_amount"), price.text("currency"));
                let interval = price.text("recurring.interval");
                format!("{quantity} × {name} (at {each} / {interval})")
            };
            Line {
                amount: if trial { 0 } else { amount },
                description,
                period,
                ..bare(subscription, item)
            }
        })
        .collect()
}

/// What was used of the metered items in a period that is over.
pub(super) fn used(work: &Work<'_>, subscription: &Value, period: Period) -> Vec<Line> {
    let items = subscription.all("items.data").iter();
    items
        .filter(|item| item.text("price.recurring.usage_type") == "metered")
        .map(|item| {
            let price = item.at("price");
            let customer = subscription.text("customer");
            let used = meters::used(work, price.text("recurring.meter"), customer, period);
            let each = price.int("unit_amount");
            Line {
                amount: used.saturating_mul(each),
                quantity: used,
                description: format!("{used} × {}", named(work, price)),
                period,
                ..bare(subscription, item)
            }
        })
        .collect()
}

/// What a change costs for the rest of the period: unused time back, remaining time anew.
pub(super) fn prorated(
    work: &Work<'_>,
    subscription: &Value,
    new: &[Value],
    period: Period,
    at: i64,
) -> Vec<Line> {
    let old = subscription.all("items.data");
    let rest = Period { start: at, end: period.end };
    let same = |one: &Value, other: &Value| {
        one.text("id") == other.text("id")
            && one.text("price.id") == other.text("price.id")
            && one.int("quantity") == other.int("quantity")
    };
    let line = |item: &Value, sign: i64, what: &str| {
        let price = item.at("price");
        let whole = item.int("quantity").saturating_mul(price.int("unit_amount"));
        Line {
            amount: cycle::share(whole.saturating_mul(sign), period, at),
            description: format!("{what} on {} after {}", named(work, price), cycle::day(at)),
            period: rest,
            proration: true,
            ..bare(subscription, item)
        }
    };
    let licensed = |item: &&Value| item.text("price.recurring.usage_type") != "metered";
    let gone = old.iter().filter(licensed).filter(|item| !new.iter().any(|n| same(item, n)));
    let come = new.iter().filter(licensed).filter(|item| !old.iter().any(|o| same(item, o)));
    gone.map(|item| line(item, -1, "Unused time"))
        .chain(come.map(|item| line(item, 1, "Remaining time")))
        .collect()
}

fn bare(subscription: &Value, item: &Value) -> Line {
    Line {
        amount: 0,
        currency: subscription.owned("currency"),
        description: String::new(),
        period: Period { start: 0, end: 0 },
        quantity: item.int("quantity"),
        proration: false,
        price: Some(item.at("price").clone()),
        because: Some((subscription.owned("id"), item.owned("id"))),
        invoice_item: None,
    }
}

/// What a price's product is called.
pub(super) fn named(work: &Work<'_>, price: &Value) -> String {
    let product = work.get(price.text("product")).map(|product| product.owned("name"));
    product.unwrap_or_else(|| price.owned("id"))
}
