//! What an event is about. Its object may be old by the time it is read, so nothing but names is
//! taken from it.

use herald_application::ports::{Hint, WebhookRefused};
use herald_kernel::Instant;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    api_version: Option<String>,
    /// Seconds in events with their object, text in thin ones.
    #[serde(default)]
    created: Value,
    #[serde(default)]
    data: Option<Data>,
    /// Thin events name their object and nothing more.
    #[serde(default)]
    related_object: Option<Value>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    object: Value,
}

/// Reads what a verified body is about. Kinds that nobody knows are read like the others.
pub fn read_hint(body: &[u8]) -> Result<Hint, WebhookRefused> {
    let event: Event = serde_json::from_slice(body).map_err(|_| WebhookRefused::Malformed)?;
    if !is_name(&event.id) || !is_name(&event.kind) {
        return Err(WebhookRefused::Malformed);
    }
    let whole = event.data.as_ref().map(|data| &data.object);
    let about = whole.or(event.related_object.as_ref());
    let object = about.and_then(|it| text(it, "id"));
    let key = about.and_then(customer).or_else(|| object.clone());
    Ok(Hint {
        key: key.unwrap_or_else(|| event.id.clone()),
        event_id: event.id,
        kind: event.kind,
        object,
        api_version: event.api_version,
        occurred_at: when(&event.created),
    })
}

/// Who pays: a customer is its own, everything else names one, by name or whole.
fn customer(object: &Value) -> Option<String> {
    let own = text(object, "id").filter(|id| id.starts_with("cus_"));
    let named = || text(object, "customer");
    let whole = || object.get("customer").and_then(|it| text(it, "id"));
    own.or_else(named).or_else(whole)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|text| is_name(text)).map(str::to_owned)
}

/// Stripe's own names are short and visible; others would spoil logs and keys.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn when(created: &Value) -> Option<Instant> {
    match created {
        Value::Number(seconds) => Instant::from_micros(seconds.as_i64()?.checked_mul(1_000_000)?),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
