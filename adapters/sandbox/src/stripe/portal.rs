//! `/v1/billing_portal`: sessions in which a customer helps itself.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::builtin;
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

const CONFIGURATION: &str = "billing_portal.configuration";

const PARAMS: &[&str] = &[
    "active",
    "name",
    "default_return_url",
    "metadata.*",
    "business_profile.*",
    "features.customer_update.**",
    "features.invoice_history.enabled",
    "features.payment_method_update.enabled",
    "features.subscription_cancel.**",
    "features.subscription_update.**",
    "login_page.enabled",
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/billing_portal/sessions",
        "create_portal_session",
        &["customer", "return_url", "configuration", "locale", "flow_data.**"],
        open,
    ),
    Endpoint::post(
        "/v1/billing_portal/configurations",
        "create_portal_configuration",
        PARAMS,
        |work, call| {
            let configuration = builtin::portal(&id("bpc_", 24), false, work.now);
            configure(work, call, configuration)
        },
    ),
    Endpoint::list(
        "/v1/billing_portal/configurations",
        "list_portal_configurations",
        &["active", "is_default"],
        |work, call| list_of(work, call, CONFIGURATION, &["active", "is_default"]),
    ),
    Endpoint::get(
        "/v1/billing_portal/configurations/*",
        "get_portal_configuration",
        |work, call| work.find(CONFIGURATION, call.id, "id"),
    ),
    Endpoint::post(
        "/v1/billing_portal/configurations/*",
        "update_portal_configuration",
        PARAMS,
        |work, call| {
            let configuration = work.find(CONFIGURATION, call.id, "id")?;
            configure(work, call, configuration)
        },
    ),
];

fn open(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let customer = params.required("customer")?;
    work.find("customer", customer, "customer")?;
    let configuration = params.text("configuration").unwrap_or("bpc_herald");
    let configuration = work.find(CONFIGURATION, configuration, "configuration")?;
    let own = id("bps_", 24);
    let back = params.text("return_url").or_else(|| configuration.maybe("default_return_url"));
    let flow = params.members("flow_data").map(|flow| {
        let mut flow = Value::Object(flow.clone());
        for name in [
            "after_completion",
            "subscription_cancel",
            "subscription_update",
            "subscription_update_confirm",
        ] {
            if !flow.has(name) {
                flow.put(name, Value::Null);
            }
        }
        flow
    });
    let session = json!({
        "url": format!("{}/stripe/p/session/{own}", work.base), "id": own,
        "object": "billing_portal.session", "configuration": configuration.at("id"),
        "created": work.now, "customer": customer, "flow": flow, "livemode": false,
        "locale": params.text("locale"), "on_behalf_of": null, "return_url": back,
    });
    work.born("billing_portal.session.created", &session);
    Ok(session)
}

fn configure(
    work: &mut Work<'_>,
    call: &Call<'_>,
    mut configuration: Value,
) -> Result<Value, Refusal> {
    let params = call.params;
    call.assign(
        &mut configuration,
        &[
            "name",
            "default_return_url",
            "business_profile.headline",
            "business_profile.privacy_policy_url",
            "business_profile.terms_of_service_url",
            "features.subscription_cancel.mode",
            "features.subscription_update.proration_behavior",
            "features.subscription_update.products",
            "features.subscription_update.default_allowed_updates",
        ],
    );
    for name in [
        "customer_update",
        "invoice_history",
        "payment_method_update",
        "subscription_cancel",
        "subscription_update",
    ] {
        let name = format!("features.{name}.enabled");
        if let Some(on) = params.flag(&name)? {
            configuration.put(&name, on);
        }
    }
    if let Some(active) = params.flag("active")? {
        configuration.put("active", active);
    }
    let metadata = call.metadata(configuration.at("metadata"));
    configuration.put("metadata", metadata);
    configuration.put("updated", work.now);
    work.put(&configuration);
    Ok(configuration)
}
