//! `/v1/products` and `/v1/prices`.

use serde_json::Value;

use super::api::{Call, Endpoint, list_of, page};
use super::builtin;
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/products",
        "create_product",
        &["id", "name", "description", "active", "metadata.*", "unit_label", "tax_code", "url"],
        create_product,
    ),
    Endpoint::list("/v1/products", "list_products", &["active"], |work, call| {
        list_of(work, call, "product", &["active"])
    }),
    Endpoint::get("/v1/products/*", "get_product", |work, call| {
        work.find("product", call.id, "id")
    }),
    Endpoint::post(
        "/v1/products/*",
        "update_product",
        &["name", "description", "active", "metadata.*", "default_price"],
        |work, call| {
            let mut product = work.find("product", call.id, "id")?;
            call.assign(&mut product, &["name", "description", "default_price"]);
            finish(work, call, product, "product.updated")
        },
    ),
    Endpoint::post(
        "/v1/prices",
        "create_price",
        &[
            "currency",
            "product",
            "product_data.name",
            "product_data.metadata.*",
            "unit_amount",
            "lookup_key",
            "transfer_lookup_key",
            "nickname",
            "active",
            "metadata.*",
            "recurring.interval",
            "recurring.interval_count",
            "recurring.usage_type",
            "recurring.meter",
            "tax_behavior",
            "billing_scheme",
        ],
        create_price,
    ),
    Endpoint::list(
        "/v1/prices",
        "list_prices",
        &["active", "currency", "product", "type", "lookup_keys.#"],
        list_prices,
    ),
    Endpoint::get("/v1/prices/*", "get_price", |work, call| work.find("price", call.id, "id")),
    Endpoint::post(
        "/v1/prices/*",
        "update_price",
        &["active", "nickname", "metadata.*", "lookup_key", "transfer_lookup_key"],
        |work, call| {
            let mut price = work.find("price", call.id, "id")?;
            lookup_key(work, call, call.id)?;
            call.assign(&mut price, &["nickname", "lookup_key"]);
            finish(work, call, price, "price.updated")
        },
    ),
];

fn finish(
    work: &mut Work<'_>,
    call: &Call<'_>,
    mut object: Value,
    kind: &str,
) -> Result<Value, Refusal> {
    let metadata = call.metadata(object.at("metadata"));
    object.put("metadata", metadata);
    if let Some(active) = call.params.flag("active")? {
        object.put("active", active);
    }
    if object.has("updated") {
        object.put("updated", work.now);
    }
    work.changed(kind, &object);
    Ok(object)
}

fn create_product(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.params.required("name")?;
    let own = call.params.text("id").map_or_else(|| id("prod_", 14), str::to_owned);
    if work.get(&own).is_some() {
        return Err(Refusal::invalid(format!("Product already exists: {own}"))
            .code("resource_already_exists")
            .param("id"));
    }
    let mut product = builtin::product(&own, name, work.now);
    call.assign(&mut product, &["description", "unit_label", "tax_code", "url"]);
    product.put("metadata", call.metadata(&Value::Null));
    product.put("active", call.params.flag("active")?.unwrap_or(true));
    work.born("product.created", &product);
    Ok(product)
}

/// A lookup key belongs to one price; it moves only when that is asked for.
fn lookup_key(work: &mut Work<'_>, call: &Call<'_>, own: &str) -> Result<(), Refusal> {
    let Some(key) = call.params.text("lookup_key") else { return Ok(()) };
    let taken = |price: &&&Value| price.text("lookup_key") == key && price.text("id") != own;
    let Some(mut other) = work.all("price").iter().find(taken).map(|other| (*other).clone()) else {
        return Ok(());
    };
    if call.params.flag("transfer_lookup_key")? != Some(true) {
        return Err(Refusal::invalid(format!(
            "A price (`{}`) already uses that lookup key.",
            other.text("id")
        ))
        .param("lookup_key"));
    }
    other.put("lookup_key", Value::Null);
    work.changed("price.updated", &other);
    Ok(())
}

fn create_price(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let currency = params.required("currency")?.to_lowercase();
    let amount = params.int("unit_amount")?.ok_or_else(|| Refusal::missing("unit_amount"))?;
    if amount < 0 {
        return Err(Refusal::invalid("Invalid non-negative integer")
            .code("parameter_invalid_integer")
            .param("unit_amount"));
    }
    let product = match (params.text("product"), params.text("product_data.name")) {
        (Some(product), _) => work.find("product", product, "product")?,
        (None, Some(name)) => {
            let product = builtin::product(&id("prod_", 14), name, work.now);
            work.born("product.created", &product);
            product
        }
        (None, None) => return Err(Refusal::missing("product")),
    };
    let own = id("price_", 24);
    lookup_key(work, call, &own)?;
    let mut price = builtin::price(&own, product.text("id"), &currency, amount, work.now);
    call.assign(&mut price, &["lookup_key", "nickname", "tax_behavior"]);
    price.put("metadata", call.metadata(&Value::Null));
    price.put("active", params.flag("active")?.unwrap_or(true));
    let known = ["day", "week", "month", "year"];
    if params.given("recurring") {
        params.required("recurring.interval")?;
    }
    if let Some(interval) = params.one_of("recurring.interval", &known)? {
        let meter = params.text("recurring.meter");
        if let Some(meter) = meter {
            work.find("billing.meter", meter, "recurring[meter]")?;
        }
        let count = params.int("recurring.interval_count")?.unwrap_or(1);
        price.put("recurring", builtin::recurring(interval, count, meter));
        price.put("type", builtin::kind(true));
    }
    work.born("price.created", &price);
    Ok(price)
}

fn list_prices(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let keys = params.texts("lookup_keys");
    if keys.len() > 10 {
        let message = "You may only specify up to 10 lookup_keys.";
        return Err(Refusal::invalid(message).param("lookup_keys"));
    }
    let mut all = work.all("price");
    if params.given("lookup_keys") {
        all.retain(|price| keys.iter().any(|key| key == price.text("lookup_key")));
    }
    for name in ["currency", "product", "type"] {
        if let Some(wanted) = params.text(name) {
            all.retain(|price| price.text(name) == wanted);
        }
    }
    if let Some(active) = params.flag("active")? {
        all.retain(|price| price.flag("active") == active);
    }
    page(call, "price", all)
}
