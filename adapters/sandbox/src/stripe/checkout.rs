//! `/v1/checkout/sessions`: what is to be bought, and on which terms.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of, merged, page};
use super::builtin;
use super::discounts;
use super::json::Json;
use super::params::Params;
use super::refusal::Refusal;
use super::subscriptions;
use super::tax;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/checkout/sessions",
        "create_checkout_session",
        &[
            "mode",
            "line_items.#.price",
            "line_items.#.quantity",
            "line_items.#.adjustable_quantity.*",
            "line_items.#.price_data.currency",
            "line_items.#.price_data.unit_amount",
            "line_items.#.price_data.product",
            "line_items.#.price_data.product_data.*",
            "line_items.#.price_data.recurring.*",
            "success_url",
            "cancel_url",
            "customer",
            "customer_email",
            "customer_creation",
            "customer_update.*",
            "client_reference_id",
            "metadata.*",
            "subscription_data.trial_period_days",
            "subscription_data.trial_end",
            "subscription_data.trial_settings.end_behavior.missing_payment_method",
            "subscription_data.metadata.*",
            "subscription_data.default_tax_rates.#",
            "line_items.#.tax_rates.#",
            "subscription_data.description",
            "payment_intent_data.metadata.*",
            "payment_intent_data.description",
            "payment_intent_data.setup_future_usage",
            "payment_method_collection",
            "payment_method_types.#",
            "allow_promotion_codes",
            "discounts.#.coupon",
            "discounts.#.promotion_code",
            "automatic_tax.enabled",
            "tax_id_collection.*",
            "billing_address_collection",
            "phone_number_collection.enabled",
            "locale",
            "expires_at",
            "invoice_creation.enabled",
            "saved_payment_method_options.**",
            "payment_method_options.**",
            "custom_text.**",
            "consent_collection.*",
            "currency",
            "submit_type",
        ],
        create,
    ),
    Endpoint::list(
        "/v1/checkout/sessions",
        "list_checkout_sessions",
        &["customer", "subscription", "payment_intent", "status"],
        |work, call| {
            let filters = ["customer", "subscription", "payment_intent", "status"];
            list_of(work, call, "checkout.session", &filters)
        },
    ),
    Endpoint::get("/v1/checkout/sessions/*", "get_checkout_session", |work, call| {
        work.find("checkout.session", call.id, "id")
    }),
    Endpoint::post(
        "/v1/checkout/sessions/*/expire",
        "expire_checkout_session",
        &[],
        |work, call| {
            let session = work.find("checkout.session", call.id, "id")?;
            if session.text("status") != "open" {
                return Err(Refusal::invalid(format!(
                    "Only Checkout Sessions with a status in [\"open\"] can be expired. This \
                     Checkout Session has a status of {}.",
                    session.text("status")
                )));
            }
            expire(work, session);
            Ok(work.copy(call.id))
        },
    ),
    Endpoint::list(
        "/v1/checkout/sessions/*/line_items",
        "list_checkout_line_items",
        &[],
        |work, call| {
            let session = work.find("checkout.session", call.id, "id")?;
            page(call, "item", session.all("_line_items").iter().collect())
        },
    ),
];

/// Nobody paid in time.
pub(super) fn expire(work: &mut Work<'_>, mut session: Value) {
    session.put("status", "expired");
    session.put("url", Value::Null);
    session.put("expires_at", session.int("expires_at").min(work.now));
    work.born("checkout.session.expired", &session);
}

/// One line: a price that exists, or one made for this session.
fn line(work: &mut Work<'_>, item: &Params, place: usize, mode: &str) -> Result<Value, Refusal> {
    let name = |part: &str| format!("line_items[{place}][{part}]");
    let price = match item.text("price") {
        Some(own) => work.find("price", own, &name("price"))?,
        None if item.given("price_data") => made(work, &item.under("price_data"))?,
        None => return Err(Refusal::missing(&name("price"))),
    };
    if !price.flag("active") {
        let message = "The price specified is inactive. This field only accepts active prices.";
        return Err(Refusal::invalid(message).param(&name("price")));
    }
    if mode == "payment" && price.has("recurring") {
        return Err(Refusal::invalid(
            "You specified `payment` mode but passed a recurring price. \
             Either switch to `subscription` mode or use only one-time prices.",
        )
        .param("line_items"));
    }
    let metered = price.text("recurring.usage_type") == "metered";
    let quantity = match item.int("quantity")? {
        Some(quantity) if quantity >= 0 => quantity,
        Some(_) => {
            return Err(Refusal::invalid("Invalid non-negative integer")
                .code("parameter_invalid_integer")
                .param(&name("quantity")));
        }
        None if metered => 1,
        None => return Err(Refusal::missing(&name("quantity"))),
    };
    let each = if metered { 0 } else { price.int("unit_amount") };
    let amount = each.saturating_mul(quantity);
    Ok(json!({
        "id": id("li_", 24), "object": "item", "amount_discount": 0, "amount_subtotal": amount,
        "amount_tax": 0, "amount_total": amount, "currency": price.at("currency"),
        "description": super::lines::named(work, &price), "price": price, "quantity": quantity,
    }))
}

fn made(work: &mut Work<'_>, data: &Params) -> Result<Value, Refusal> {
    let currency = data.required("currency")?.to_lowercase();
    let amount = data.int("unit_amount")?.ok_or_else(|| Refusal::missing("unit_amount"))?;
    let product = if let Some(own) = data.text("product") {
        work.find("product", own, "product")?
    } else {
        let name = data.required("product_data.name")?;
        let product = builtin::product(&id("prod_", 14), name, work.now);
        work.born("product.created", &product);
        product
    };
    let own = id("price_", 24);
    let mut price = builtin::price(&own, product.text("id"), &currency, amount, work.now);
    let known = ["day", "week", "month", "year"];
    if let Some(interval) = data.one_of("recurring.interval", &known)? {
        let count = data.int("recurring.interval_count")?.unwrap_or(1);
        price.put("recurring", builtin::recurring(interval, count, None));
        price.put("type", builtin::kind(true));
    }
    work.born("price.created", &price);
    Ok(price)
}

fn lines(work: &mut Work<'_>, params: &Params, mode: &str) -> Result<Vec<Value>, Refusal> {
    let mut lines = Vec::new();
    for (place, item) in params.items("line_items").iter().enumerate() {
        lines.push(line(work, item, place, mode)?);
    }
    if lines.is_empty() && mode != "setup" {
        return Err(Refusal::missing("line_items"));
    }
    let recurs = |line: &&Value| line.has("price.recurring");
    if mode == "subscription" && !lines.iter().any(|line| recurs(&line)) {
        return Err(Refusal::invalid(
            "You must provide at least one recurring price in \
             `subscription` mode when using prices.",
        )
        .param("line_items"));
    }
    subscriptions::agree(lines.iter().filter(recurs).map(|line| line.at("price")))?;
    Ok(lines)
}

fn moment(work: &Work<'_>, params: &Params) -> Result<i64, Refusal> {
    let day = work.now.saturating_add(86_400);
    let asked = params.int("expires_at")?.unwrap_or(day);
    if asked < work.now.saturating_add(1_800) || asked > day {
        let message = "The `expires_at` timestamp must be between 30 minutes and 24 hours after \
                       Checkout Session creation.";
        return Err(Refusal::invalid(message).param("expires_at"));
    }
    Ok(asked)
}

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    params.required("mode")?;
    let mode = params.one_of("mode", &["payment", "setup", "subscription"])?.unwrap_or_default();
    let success = params.required("success_url")?;
    let customer = params.text("customer");
    if let Some(customer) = customer {
        work.find("customer", customer, "customer")?;
        work.now = work.time_of(customer);
    }
    if customer.is_some() && params.given("customer_email") {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Refusal::invalid(message));
    }
    for (name, own) in [("subscription_data", "subscription"), ("payment_intent_data", "payment")] {
        if params.given(name) && mode != own {
            let message = format!("You can not pass `{name}` in `{mode}` mode.");
            return Err(Refusal::invalid(message).param(name));
        }
    }
    let lines = lines(work, params, mode)?;
    let terms = terms(work, params)?;
    let mut session = blank(work, mode, success, moment(work, params)?);
    session.put("customer", customer);
    session.put("metadata", call.metadata(&Value::Null));
    call.assign(
        &mut session,
        &[
            "cancel_url",
            "customer_email",
            "customer_creation",
            "client_reference_id",
            "locale",
            "submit_type",
            "billing_address_collection",
        ],
    );
    let known = ["always", "if_required"];
    let collects = params.one_of("payment_method_collection", &known)?;
    session.put("payment_method_collection", collects.or((mode != "payment").then_some("always")));
    session.put("allow_promotion_codes", params.flag("allow_promotion_codes")?);
    let taxes = params.flag("automatic_tax.enabled")?.unwrap_or_default();
    session.put("automatic_tax.enabled", taxes);
    session.put("automatic_tax.status", taxes.then_some("complete"));
    session.put("currency", lines.first().map(|line| line.at("currency").clone()));
    session.put("_line_items", lines);
    session.put("_terms", terms);
    session.put("_discount", discounts::asked(work, params)?);
    let country = customer.map(|own| work.copy(own).owned("address.country"));
    session.put("_country", country);
    session.put("_clock", customer.map(|own| work.copy(own).at("test_clock").clone()));
    price_up(work, &mut session);
    work.put(&session);
    Ok(session)
}

/// What the subscription or the payment will be made with.
fn terms(work: &Work<'_>, params: &Params) -> Result<Value, Refusal> {
    let of = params.under("subscription_data");
    subscriptions::trial_end(work, &of)?;
    Ok(json!({
        "trial_days": of.int("trial_period_days")?, "trial_end": of.int("trial_end")?,
        "missing": subscriptions::missing(&of)?,
        "metadata": merged(&of, "metadata", &Value::Null),
        "description": of.text("description"), "tax_rates": of.texts("default_tax_rates"),
        "payment_metadata": merged(&params.under("payment_intent_data"), "metadata", &Value::Null),
        "payment_description": params.text("payment_intent_data.description"),
        "keeps_card": params.given("payment_intent_data.setup_future_usage"),
    }))
}

/// Sums the session up, less its discount and with its tax; a trial costs nothing today.
pub(super) fn price_up(work: &Work<'_>, session: &mut Value) {
    let trial = session.has("_terms.trial_days") || session.has("_terms.trial_end");
    let sum = |of: fn(&&Value) -> bool| -> i64 {
        let lines = session.all("_line_items").iter().filter(of);
        lines.map(|line| line.int("amount_subtotal")).sum()
    };
    let subtotal = if trial { sum(|line| !line.has("price.recurring")) } else { sum(|_| true) };
    let coupon = work.copy(session.text("_discount.coupon"));
    let off = if coupon.is_null() { 0 } else { discounts::off(&coupon, subtotal) };
    session.put("amount_subtotal", subtotal);
    let net = subtotal.saturating_sub(off);
    let taxes = session.flag("automatic_tax.enabled");
    let tax = if taxes { tax::on(net, session.text("_country")) } else { 0 };
    session.put("amount_total", net.saturating_add(tax));
    session.put("total_details.amount_discount", off);
    session.put("total_details.amount_tax", tax);
}

fn blank(work: &Work<'_>, mode: &str, success: &str, expires: i64) -> Value {
    let own = id("cs_test_", 58);
    let url = format!("{}/stripe/c/pay/{own}", work.base);
    json!({
        "id": own, "object": "checkout.session", "adaptive_pricing": null,
        "after_expiration": null, "allow_promotion_codes": null, "amount_subtotal": null,
        "amount_total": null,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null, "cancel_url": null, "client_reference_id": null,
        "client_secret": null, "collected_information": null, "consent": null,
        "consent_collection": null, "created": work.now, "currency": null,
        "currency_conversion": null, "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null
        },
        "customer": null, "customer_creation": null, "customer_details": null,
        "customer_email": null, "discounts": [], "expires_at": expires, "invoice": null,
        "invoice_creation": null, "livemode": false, "locale": null, "metadata": {},
        "mode": mode, "origin_context": null, "payment_intent": null, "payment_link": null,
        "payment_method_collection": null, "payment_method_configuration_details": null,
        "payment_method_options": {}, "payment_method_types": ["card"],
        "payment_status": "unpaid", "permissions": null,
        "phone_number_collection": { "enabled": false }, "recovered_from": null,
        "saved_payment_method_options": null, "setup_intent": null,
        "shipping_address_collection": null, "shipping_cost": null, "shipping_options": [],
        "status": "open", "submit_type": null, "subscription": null, "success_url": success,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted", "url": url, "wallet_options": null,
    })
}
