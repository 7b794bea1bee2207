//! Metered use: meters, their events and summaries.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of, page};
use super::cycle::Period;
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/billing/meters",
        "create_meter",
        &[
            "display_name",
            "event_name",
            "default_aggregation.formula",
            "customer_mapping.*",
            "value_settings.event_payload_key",
            "event_time_window",
        ],
        create,
    ),
    Endpoint::list("/v1/billing/meters", "list_meters", &["status"], |work, call| {
        list_of(work, call, "billing.meter", &["status"])
    }),
    Endpoint::get("/v1/billing/meters/*", "get_meter", |work, call| {
        work.find("billing.meter", call.id, "id")
    }),
    Endpoint::list(
        "/v1/billing/meters/*/event_summaries",
        "list_event_summaries",
        &["customer", "start_time", "end_time", "value_grouping_window"],
        summaries,
    ),
    Endpoint::post(
        "/v1/billing/meter_events",
        "create_meter_event",
        &["event_name", "payload.*", "identifier", "timestamp"],
        record,
    ),
];

/// An event may be this old and this far ahead, in seconds.
const OLDEST: i64 = 35 * 86_400;
const AHEAD: i64 = 300;

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let (name, event) = (params.required("display_name")?, params.required("event_name")?);
    params.required("default_aggregation.formula")?;
    let formula = params.one_of("default_aggregation.formula", &["sum", "count", "last"])?;
    let taken = |meter: &&Value| meter.text("event_name") == event;
    if work.all("billing.meter").into_iter().any(|meter| taken(&meter)) {
        let message = format!("An active meter with event name {event} already exists.");
        return Err(Refusal::invalid(message).param("event_name"));
    }
    let value_key = params.text("value_settings.event_payload_key").unwrap_or("value");
    let who = params.text("customer_mapping.event_payload_key").unwrap_or("stripe_customer_id");
    let meter = json!({
        "id": id("mtr_test_", 32), "object": "billing.meter", "created": work.now,
        "customer_mapping": { "event_payload_key": who, "type": "by_id" },
        "default_aggregation": { "formula": formula }, "display_name": name,
        "event_name": event, "event_time_window": null, "livemode": false, "status": "active",
        "status_transitions": { "deactivated_at": null }, "updated": work.now,
        "value_settings": { "event_payload_key": value_key },
    });
    work.born("billing.meter.created", &meter);
    Ok(meter)
}

/// Takes an event once per identifier.
fn record(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let name = params.required("event_name")?;
    let identifier = params.text("identifier").map_or_else(|| id("", 32), str::to_owned);
    let all = work.all("billing.meter");
    let meter = all.into_iter().find(|meter| meter.text("event_name") == name).cloned();
    let meter = meter.ok_or_else(|| {
        Refusal::invalid(format!("No active meter found for event name: {name}"))
            .code("resource_missing")
            .param("event_name")
    })?;
    let key = |path: &str| format!("payload.{}", meter.text(path));
    let customer = params.required(&key("customer_mapping.event_payload_key"))?;
    work.find("customer", customer, "payload[stripe_customer_id]")?;
    let value = params.required(&key("value_settings.event_payload_key"))?;
    let whole = value.parse::<i64>().ok().filter(|value| *value >= 0).ok_or_else(|| {
        Refusal::invalid(format!("Invalid value in payload: {value}")).param("payload[value]")
    })?;
    let now = work.time_of(customer);
    let at = params.int("timestamp")?.unwrap_or(now);
    if at < now.saturating_sub(OLDEST) || at > now.saturating_add(AHEAD) {
        let message = "The timestamp must be within the past 35 calendar days or up to 5 minutes \
                       in the future.";
        return Err(Refusal::invalid(message).code("timestamp_out_of_range").param("timestamp"));
    }
    let own = format!("mtre_{}_{identifier}", meter.text("id"));
    if work.get(&own).is_some() {
        return Err(Refusal::invalid(format!(
            "An event already exists with identifier {identifier}."
        ))
        .code("duplicate_meter_event")
        .param("identifier"));
    }
    let event = json!({
        "id": own, "object": "billing.meter_event", "created": work.now, "event_name": name,
        "identifier": identifier, "livemode": false, "payload": params.value("payload"),
        "timestamp": at, "_meter": meter.at("id"), "_customer": customer, "_value": whole,
    });
    work.put(&event);
    let mut shown = event;
    if let Some(members) = shown.as_object_mut() {
        members.remove("id");
    }
    Ok(shown)
}

/// What a customer used of a meter in a period.
pub(super) fn used(work: &Work<'_>, meter: &str, customer: &str, period: Period) -> i64 {
    let formula = work.copy(meter).owned("default_aggregation.formula");
    let all = work.all("billing.meter_event");
    let fits = |event: &&&Value| {
        let at = event.int("timestamp");
        event.text("_meter") == meter
            && event.text("_customer") == customer
            && (period.start..period.end).contains(&at)
    };
    let mut values = all.iter().filter(fits);
    match formula.as_str() {
        "count" => i64::try_from(values.count()).unwrap_or(i64::MAX),
        "last" => values.max_by_key(|event| event.int("timestamp")).map_or(0, |e| e.int("_value")),
        _ => values.by_ref().map(|event| event.int("_value")).sum(),
    }
}

fn summaries(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let meter = work.find("billing.meter", call.id, "id")?;
    let customer = params.required("customer")?;
    let moment = |name: &str| -> Result<i64, Refusal> {
        params.int(name)?.ok_or_else(|| Refusal::missing(name))
    };
    let whole = Period { start: moment("start_time")?, end: moment("end_time")? };
    if whole.start % 60 != 0 || whole.end % 60 != 0 || whole.end <= whole.start {
        let message = "start_time and end_time must be aligned with minute boundaries, and \
                       end_time must come after start_time.";
        return Err(Refusal::invalid(message).param("start_time"));
    }
    let window = match params.one_of("value_grouping_window", &["hour", "day"])? {
        Some("hour") => 3_600,
        Some(_) => 86_400,
        None => whole.end.saturating_sub(whole.start),
    };
    let mut found = Vec::new();
    let mut start = whole.start;
    while start < whole.end && found.len() < 2_000 {
        let end = start.saturating_add(window).min(whole.end);
        let value = used(work, meter.text("id"), customer, Period { start, end });
        if value > 0 {
            found.push(json!({
                "id": format!("mtrusg_test_{start}_{end}"),
                "object": "billing.meter_event_summary", "aggregated_value": value,
                "end_time": end, "livemode": false, "meter": meter.at("id"),
                "start_time": start,
            }));
        }
        start = end;
    }
    page(call, "billing.meter_event_summary", found.iter().rev().collect())
}
