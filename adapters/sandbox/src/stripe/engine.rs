//! What time brings: trials end, periods renew, cards are tried again, sessions expire.

use serde_json::{Value, json};

use super::json::Json;
use super::lifecycle::{self, INCOMPLETE_SECONDS, WARNING_SECONDS};
use super::serve::{Asked, transact};
use super::work::Work;
use super::{checkout, settle};
use crate::state::Memory;

/// The most steps that are taken in one go.
const STEPS: usize = 20_000;

/// When time will do something to an object, and by which clock.
pub(super) fn due(object: &Value) -> Option<(String, i64)> {
    let at = match object.text("object") {
        "subscription" => of_subscription(object),
        "invoice" => match object.text("status") {
            "draft" => object.maybe_int("automatically_finalizes_at"),
            "open" => object.maybe_int("next_payment_attempt"),
            _ => None,
        },
        "checkout.session" if object.text("status") == "open" => object.maybe_int("expires_at"),
        _ => None,
    };
    at.map(|at| (clock_of(object), at))
}

/// The test clock of an object; sessions do not show theirs.
fn clock_of(object: &Value) -> String {
    object.maybe("_clock").unwrap_or_else(|| object.text("test_clock")).to_owned()
}

fn of_subscription(object: &Value) -> Option<i64> {
    let end = Some(lifecycle::period(object).end);
    let own = match object.text("status") {
        "trialing" if !object.flag("_warned") => {
            object.maybe_int("trial_end").map(|end| end.saturating_sub(WARNING_SECONDS))
        }
        "trialing" | "active" | "past_due" | "unpaid" => end,
        "incomplete" => Some(object.int("created").saturating_add(INCOMPLETE_SECONDS)),
        "paused" => None,
        _ => return None,
    };
    [own, object.maybe_int("cancel_at"), object.maybe_int("pending_update.expires_at")]
        .into_iter()
        .flatten()
        .min()
}

/// Does everything that is due: by the sandbox's clock, and by test clocks that are advancing.
pub(crate) fn run(memory: &mut Memory) {
    let mut last = None;
    for _ in 0..STEPS {
        let Some((at, id)) = next(memory) else { return };
        if last.as_ref() == Some(&(at, id.clone())) {
            tracing::error!(%id, at, "time could not bring what is due");
            return;
        }
        let asked = Asked::by_time(at);
        let step = |work: &mut Work<'_>| Ok(step(work, &id));
        if let Err(error) = transact(memory, "time", &asked, step) {
            tracing::error!(%error, "the sandbox could not write down what time brought");
            return;
        }
        last = Some((at, id));
    }
}

fn next(memory: &Memory) -> Option<(i64, String)> {
    let store = &memory.world.stripe;
    let now = memory.now().div_euclid(1_000);
    let own = store.next_due("", now);
    own.or_else(|| {
        let mut clocks = store.all("test_helpers.test_clock");
        let clock = clocks.find(|clock| clock.text("status") == "advancing")?;
        let (id, target) = (clock.owned("id"), clock.int("_target"));
        Some(store.next_due(&id, target).unwrap_or((target, id)))
    })
}

fn step(work: &mut Work<'_>, id: &str) -> Value {
    let object = work.copy(id);
    let clock = clock_of(&object);
    if !clock.is_empty() {
        // A step that was overdue when its clock was set happens at the clock's own time.
        let mut clock = work.copy(&clock);
        work.now = work.now.max(clock.int("frozen_time"));
        clock.put("frozen_time", work.now);
        work.put(&clock);
    }
    match object.text("object") {
        "subscription" => subscription(work, object),
        "invoice" => settle::due(work, object),
        "checkout.session" => checkout::expire(work, object),
        _ => arrive(work, object),
    }
    let now = work.copy(id);
    json!({ "id": id, "object": now.at("object"), "status": now.at("status") })
}

fn subscription(work: &mut Work<'_>, mut object: Value) {
    let now = work.now;
    let reached = |at: Option<i64>| at.is_some_and(|at| at <= now);
    if reached(object.maybe_int("pending_update.expires_at")) {
        return lifecycle::drop_pending(work, object);
    }
    match object.text("status") {
        "incomplete" => lifecycle::expire(work, object),
        _ if reached(object.maybe_int("cancel_at")) => {
            lifecycle::cancel(work, object, "cancellation_requested");
        }
        "trialing" if !object.flag("_warned") => {
            object.put("_warned", true);
            work.born("customer.subscription.trial_will_end", &object);
        }
        "trialing" => lifecycle::end_trial(work, object),
        _ => lifecycle::renew(work, object),
    }
}

/// A test clock has reached its time.
fn arrive(work: &mut Work<'_>, mut clock: Value) {
    clock.put("frozen_time", clock.int("_target"));
    clock.put("status", "ready");
    work.born("test_helpers.test_clock.ready", &clock);
}
