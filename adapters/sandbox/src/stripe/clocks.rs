//! `/v1/test_helpers/test_clocks`: time of its own for some customers.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

const KIND: &str = "test_helpers.test_clock";

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/test_helpers/test_clocks",
        "create_test_clock",
        &["frozen_time", "name"],
        create,
    ),
    Endpoint::list("/v1/test_helpers/test_clocks", "list_test_clocks", &[], |work, call| {
        list_of(work, call, KIND, &[])
    }),
    Endpoint::get("/v1/test_helpers/test_clocks/*", "get_test_clock", |work, call| {
        work.find(KIND, call.id, "id")
    }),
    Endpoint::post(
        "/v1/test_helpers/test_clocks/*/advance",
        "advance_test_clock",
        &["frozen_time"],
        advance,
    ),
    Endpoint::delete("/v1/test_helpers/test_clocks/*", "delete_test_clock", &[], delete),
];

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let frozen = call.params.int("frozen_time")?.ok_or_else(|| Refusal::missing("frozen_time"))?;
    let clock = json!({
        "id": id("clock_", 24), "object": KIND, "created": work.now,
        "deletes_after": work.now.saturating_add(30 * 86_400), "frozen_time": frozen,
        "livemode": false, "name": call.params.text("name"), "status": "ready",
        "status_details": {},
    });
    work.born("test_helpers.test_clock.created", &clock);
    Ok(clock)
}

/// Sets the clock going; what lies between happens before the next request is answered.
fn advance(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut clock = work.find(KIND, call.id, "id")?;
    let target = call.params.int("frozen_time")?.ok_or_else(|| Refusal::missing("frozen_time"))?;
    if target <= clock.int("frozen_time") {
        let message = "The frozen time must be after the clock's current frozen time.";
        return Err(Refusal::invalid(message).param("frozen_time"));
    }
    clock.put("status", "advancing");
    clock.put("_target", target);
    clock.put("status_details", json!({ "advancing": { "target_frozen_time": target } }));
    work.born("test_helpers.test_clock.advancing", &clock);
    Ok(clock)
}

/// A clock takes its customers and all that is theirs with it.
fn delete(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    work.find(KIND, call.id, "id")?;
    let mut gone = Vec::new();
    for kind in ["customer", "subscription", "invoice"] {
        let all = work.all(kind);
        let mine = all.into_iter().filter(|object| object.text("test_clock") == call.id);
        gone.extend(mine.map(|object| object.owned("id")));
    }
    for own in gone {
        work.remove(&own);
    }
    work.remove(call.id);
    Ok(json!({ "id": call.id, "object": KIND, "deleted": true }))
}
