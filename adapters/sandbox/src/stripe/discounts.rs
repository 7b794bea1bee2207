//! Coupons and promotion codes, and what they take off an invoice.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::json::Json;
use super::params::Params;
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/coupons",
        "create_coupon",
        &[
            "id",
            "name",
            "percent_off",
            "amount_off",
            "currency",
            "duration",
            "duration_in_months",
            "max_redemptions",
            "redeem_by",
            "metadata.*",
        ],
        create_coupon,
    ),
    Endpoint::list("/v1/coupons", "list_coupons", &[], |work, call| {
        list_of(work, call, "coupon", &[])
    }),
    Endpoint::get("/v1/coupons/*", "get_coupon", |work, call| work.find("coupon", call.id, "id")),
    Endpoint::post(
        "/v1/promotion_codes",
        "create_promotion_code",
        &[
            "promotion.coupon",
            "promotion.type",
            "coupon",
            "code",
            "active",
            "customer",
            "expires_at",
            "max_redemptions",
            "metadata.*",
        ],
        create_code,
    ),
    Endpoint::list(
        "/v1/promotion_codes",
        "list_promotion_codes",
        &["code", "active", "customer"],
        |work, call| list_of(work, call, "promotion_code", &["code", "active", "customer"]),
    ),
    Endpoint::get("/v1/promotion_codes/*", "get_promotion_code", |work, call| {
        work.find("promotion_code", call.id, "id")
    }),
];

fn create_coupon(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let percent = params.text("percent_off").and_then(|text| text.parse::<f64>().ok());
    let amount = params.int("amount_off")?;
    if percent.is_some() == amount.is_some() {
        return Err(Refusal::invalid("You must pass either percent_off or amount_off."));
    }
    if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        return Err(
            Refusal::invalid("Invalid percent_off: must be between 0 and 100").param("percent_off")
        );
    }
    if amount.is_some() {
        params.required("currency")?;
    }
    let own = params.text("id").map_or_else(|| id("", 8), str::to_owned);
    if work.get(&own).is_some() {
        return Err(Refusal::invalid("Coupon already exists.").code("resource_already_exists"));
    }
    let duration = params.one_of("duration", &["once", "repeating", "forever"])?.unwrap_or("once");
    let coupon = json!({
        "id": own, "object": "coupon", "amount_off": amount, "created": work.now,
        "currency": params.text("currency"), "duration": duration,
        "duration_in_months": params.int("duration_in_months")?, "livemode": false,
        "max_redemptions": params.int("max_redemptions")?,
        "metadata": call.metadata(&Value::Null), "name": params.text("name"),
        "percent_off": percent, "redeem_by": params.int("redeem_by")?, "times_redeemed": 0,
        "valid": true,
    });
    work.born("coupon.created", &coupon);
    Ok(coupon)
}

fn create_code(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let coupon = params.text("promotion.coupon").or_else(|| params.text("coupon"));
    let coupon = coupon.ok_or_else(|| Refusal::missing("promotion[coupon]"))?;
    work.find("coupon", coupon, "promotion[coupon]")?;
    let code = params.text("code").map_or_else(|| id("", 8).to_uppercase(), str::to_owned);
    let promotion = json!({
        "id": id("promo_", 24), "object": "promotion_code",
        "active": params.flag("active")?.unwrap_or(true), "code": code, "created": work.now,
        "customer": params.text("customer"), "expires_at": params.int("expires_at")?,
        "livemode": false, "max_redemptions": params.int("max_redemptions")?,
        "metadata": call.metadata(&Value::Null),
        "promotion": { "coupon": coupon, "type": "coupon" },
        "restrictions": {
            "first_time_transaction": false, "minimum_amount": null,
            "minimum_amount_currency": null
        },
        "times_redeemed": 0,
    });
    work.born("promotion_code.created", &promotion);
    Ok(promotion)
}

/// The coupon, and the code if it came by one, that `discounts[0]` names.
pub(super) fn asked(work: &Work<'_>, params: &Params) -> Result<Option<Value>, Refusal> {
    let Some(first) = params.items("discounts").into_iter().next() else { return Ok(None) };
    if let Some(coupon) = first.text("coupon") {
        work.find("coupon", coupon, "discounts[0][coupon]")?;
        return Ok(Some(json!({ "coupon": coupon, "promotion_code": null })));
    }
    let Some(code) = first.text("promotion_code") else { return Ok(None) };
    let promotion = work.find("promotion_code", code, "discounts[0][promotion_code]")?;
    usable(work, &promotion)?;
    let coupon = promotion.at("promotion.coupon");
    Ok(Some(json!({ "coupon": coupon, "promotion_code": code })))
}

/// Refuses a code that is switched off or over.
pub(super) fn usable(work: &Work<'_>, promotion: &Value) -> Result<(), Refusal> {
    let over = promotion.maybe_int("expires_at").is_some_and(|at| at <= work.now);
    if promotion.flag("active") && !over {
        return Ok(());
    }
    Err(Refusal::invalid("This promotion code is expired.").code("coupon_expired"))
}

/// A discount of a subscription; answers its id.
pub(super) fn grant(work: &mut Work<'_>, asked: &Value, customer: &str, to: &str) -> String {
    let mut coupon = work.copy(asked.text("coupon"));
    coupon.put("times_redeemed", coupon.int("times_redeemed").saturating_add(1));
    work.put(&coupon);
    let months = coupon.int("duration_in_months").saturating_mul(30 * 86_400);
    let end = (coupon.text("duration") == "repeating").then(|| work.now.saturating_add(months));
    let own = id("di_", 24);
    let discount = json!({
        "id": own, "object": "discount", "checkout_session": null, "customer": customer,
        "end": end, "invoice": null, "invoice_item": null,
        "promotion_code": asked.at("promotion_code"),
        "source": { "coupon": asked.at("coupon"), "type": "coupon" }, "start": work.now,
        "subscription": to, "subscription_item": null,
    });
    work.born("customer.discount.created", &discount);
    own
}

/// What a coupon takes off an amount.
pub(super) fn off(coupon: &Value, amount: i64) -> i64 {
    if amount <= 0 {
        return 0;
    }
    if let Some(fixed) = coupon.maybe_int("amount_off") {
        return fixed.min(amount);
    }
    // Percent have at most two places behind the point.
    let hundredths = coupon.at("percent_off").to_string();
    let (whole, part) = hundredths.split_once('.').unwrap_or((&hundredths, ""));
    let part = format!("{part:0<2}");
    let part: i64 = part.get(..2).and_then(|part| part.parse().ok()).unwrap_or_default();
    let whole: i64 = whole.parse().unwrap_or_default();
    let rate = whole.saturating_mul(100).saturating_add(part);
    amount.saturating_mul(rate).saturating_add(5_000) / 10_000
}

/// Lays the discounts of a subscription on an invoice.
pub(super) fn lay_on(work: &Work<'_>, invoice: &mut Value, subscription: &Value) {
    let mut left: i64 = invoice.all("lines.data").iter().map(|line| line.int("amount")).sum();
    let (mut ids, mut amounts) = (Vec::new(), Vec::new());
    for own in subscription.all("discounts").iter().filter_map(Value::as_str) {
        let discount = work.copy(own);
        let over = discount.maybe_int("end").is_some_and(|end| end <= work.now);
        if over || discount.flag("_used") {
            continue;
        }
        let taken = off(&work.copy(discount.text("source.coupon")), left);
        left = left.saturating_sub(taken);
        ids.push(own.to_owned());
        amounts.push(json!({ "amount": taken, "discount": own }));
    }
    invoice.put("discounts", ids);
    invoice.put("total_discount_amounts", amounts);
}

/// A coupon that holds once is spent with its first invoice.
pub(super) fn spend(work: &mut Work<'_>, invoice: &Value) {
    for own in invoice.all("discounts").iter().filter_map(Value::as_str) {
        let mut discount = work.copy(own);
        let once = work.copy(discount.text("source.coupon")).text("duration") == "once";
        if once && !discount.is_null() {
            discount.put("_used", true);
            work.put(&discount);
        }
    }
}
