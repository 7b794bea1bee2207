//! `/v1/events`, and the endpoints that hear of them.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of, page};
use super::builtin;
use super::json::Json;
use super::refusal::Refusal;
use super::show;
use super::version::Version;
use super::work::{Work, id};

const PARAMS: &[&str] =
    &["url", "enabled_events.#", "api_version", "description", "metadata.*", "disabled"];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::list("/v1/events", "list_events", &["type", "types.#", "delivery_success"], events),
    Endpoint::get("/v1/events/*", "get_event", |work, call| {
        let event = work.find("event", call.id, "id")?;
        Ok(shown(&event, call.version))
    }),
    Endpoint::post("/v1/webhook_endpoints", "create_webhook_endpoint", PARAMS, create),
    Endpoint::list("/v1/webhook_endpoints", "list_webhook_endpoints", &[], |work, call| {
        list_of(work, call, "webhook_endpoint", &[])
    }),
    Endpoint::get("/v1/webhook_endpoints/*", "get_webhook_endpoint", |work, call| {
        work.find("webhook_endpoint", call.id, "id")
    }),
    Endpoint::post("/v1/webhook_endpoints/*", "update_webhook_endpoint", PARAMS, update),
    Endpoint::delete("/v1/webhook_endpoints/*", "delete_webhook_endpoint", &[], |work, call| {
        work.find("webhook_endpoint", call.id, "id")?;
        work.remove(call.id);
        Ok(json!({ "id": call.id, "object": "webhook_endpoint", "deleted": true }))
    }),
];

fn shown(event: &Value, version: &Version) -> Value {
    show::event(event, version)
}

fn events(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let types = call.params.texts("types");
    let mut all = work.all("event");
    if let Some(wanted) = call.params.text("type") {
        all.retain(|event| fits(wanted, event.text("type")));
    }
    if !types.is_empty() {
        all.retain(|event| types.iter().any(|wanted| fits(wanted, event.text("type"))));
    }
    let mut page = page(call, "event", all)?;
    let data: Vec<Value> =
        page.all("data").iter().map(|event| shown(event, call.version)).collect();
    page.put("data", data);
    Ok(page)
}

/// A type, or a family of them: `invoice.*`.
fn fits(wanted: &str, kind: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == kind, |family| kind.starts_with(family))
}

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let url = call.params.required("url")?;
    if call.params.texts("enabled_events").is_empty() {
        return Err(Refusal::missing("enabled_events"));
    }
    let secret = id("whsec_", 32);
    let mut endpoint = builtin::webhook(&id("we_", 24), url, &secret, work.now);
    fill(call, &mut endpoint)?;
    work.put(&endpoint);
    // The one time that the secret is shown.
    endpoint.put("secret", secret);
    Ok(endpoint)
}

fn fill(call: &Call<'_>, endpoint: &mut Value) -> Result<(), Refusal> {
    let params = call.params;
    if let Some(url) = params.text("url") {
        let known = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !known {
            return Err(Refusal::invalid(
                "Invalid URL: An explicit scheme (such as https) must be \
                 provided.",
            )
            .code("url_invalid")
            .param("url"));
        }
        endpoint.put("url", url);
    }
    let events = params.texts("enabled_events");
    if !events.is_empty() {
        endpoint.put("enabled_events", events);
    }
    if let Some(version) = params.text("api_version") {
        endpoint.put("api_version", Version::read(version)?.as_str());
    }
    call.assign(endpoint, &["description"]);
    let metadata = call.metadata(endpoint.at("metadata"));
    endpoint.put("metadata", metadata);
    Ok(())
}

fn update(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut endpoint = work.find("webhook_endpoint", call.id, "id")?;
    if call.params.given("api_version") {
        return Err(Refusal::unknown("api_version"));
    }
    fill(call, &mut endpoint)?;
    if let Some(disabled) = call.params.flag("disabled")? {
        endpoint.put("status", if disabled { "disabled" } else { "enabled" });
    }
    work.put(&endpoint);
    Ok(endpoint)
}
