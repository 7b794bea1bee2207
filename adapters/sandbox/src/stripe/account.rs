//! The account itself, and calculations of taxes outside of bills, which here are always nothing.

use serde_json::{Value, json};

use super::api::{Call, Endpoint};
use super::json::{Json, list};
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/v1/account", "get_account", |_, _| Ok(account())),
    Endpoint::post(
        "/v1/tax/calculations",
        "calculate_tax",
        &[
            "currency",
            "customer",
            "customer_details.**",
            "line_items.#.amount",
            "line_items.#.reference",
            "line_items.#.quantity",
            "line_items.#.tax_behavior",
            "line_items.#.tax_code",
            "line_items.#.product",
        ],
        calculate,
    ),
];

fn account() -> Value {
    json!({
        "id": "acct_herald_sandbox", "object": "account",
        "business_profile": { "mcc": null, "name": "Herald sandbox", "url": null },
        "business_type": "company",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true, "controller": { "type": "account" }, "country": "US",
        "created": 1_700_000_000, "default_currency": "usd", "details_submitted": true,
        "email": "owner@sandbox.example", "metadata": {}, "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": "Herald sandbox", "timezone": "Etc/UTC" } },
        "type": "standard",
    })
}

fn calculate(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let currency = call.params.required("currency")?;
    let mut lines = Vec::new();
    let mut total = 0_i64;
    for item in call.params.items("line_items") {
        let amount =
            item.int("amount")?.ok_or_else(|| Refusal::missing("line_items[0][amount]"))?;
        total = total.saturating_add(amount);
        lines.push(json!({
            "id": id("tax_li_", 14), "object": "tax.calculation_line_item", "amount": amount,
            "amount_tax": 0, "livemode": false, "metadata": {}, "product": null,
            "quantity": item.int("quantity")?.unwrap_or(1),
            "reference": item.text("reference"), "tax_behavior": "exclusive",
            "tax_breakdown": [], "tax_code": "txcd_10000000",
        }));
    }
    if lines.is_empty() {
        return Err(Refusal::missing("line_items"));
    }
    let own = id("taxcalc_", 14);
    let url = format!("/v1/tax/calculations/{own}/line_items");
    let mut calculation = json!({
        "id": own, "object": "tax.calculation", "amount_total": total, "currency": currency,
        "customer": call.params.text("customer"),
        "customer_details": call.params.value("customer_details"),
        "expires_at": work.now.saturating_add(90 * 86_400), "livemode": false,
        "ship_from_details": null, "shipping_cost": null, "tax_amount_exclusive": 0,
        "tax_amount_inclusive": 0, "tax_breakdown": [], "tax_date": work.now,
    });
    calculation.put("line_items", list(&url, lines));
    work.put(&calculation);
    Ok(calculation)
}
