//! Honest answers to "are you well?".

use super::App;
use crate::compose::House;
use axum::{
    Json,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use herald_account::Action;
use herald_application::{progress, reading::require};
use herald_door::Visitor;
use herald_rest::Answer;
use serde_json::json;
use std::time::Duration;

/// A loop that has not come round for this long is dead.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// More events than this between log and views is not ready.
const LAG: i64 = 10_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// 200 when work gets done; 503 with every reason otherwise.
pub(super) async fn ready(State(app): State<App>) -> Response {
    let examined = tokio::time::timeout(PATIENCE, examine(&app.house)).await;
    let reasons = examined.unwrap_or_else(|_| vec!["storage does not answer".to_owned()]);
    let mode = app.house.config.mode().as_str();
    if reasons.is_empty() {
        return Json(json!({ "status": "ready", "mode": mode })).into_response();
    }
    let body = json!({ "status": "not ready", "mode": mode, "reasons": reasons });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

async fn examine(house: &House) -> Vec<String> {
    let mut reasons = Vec::new();
    let desk = &house.desk;
    let head = match desk.stores.log.head().await {
        Ok(head) => head,
        Err(error) => {
            tracing::warn!(%error, "readiness: storage does not answer");
            return vec!["storage does not answer".to_owned()];
        }
    };
    if house.config.roles.worker {
        let pulse = &house.worker.pulse;
        let now = desk.clock.now();
        let loops = [("projection loop", pulse.projected_at()), ("job loop", pulse.worked_at())];
        for (name, beat) in loops {
            if beat.is_some_and(|beat| now.since(beat) > HEARTBEAT) {
                reasons.push(format!("the {name} has not come round for {HEARTBEAT:?}"));
            }
        }
    }
    match desk.stores.projections.checkpoints().await {
        Ok(checkpoints) => {
            for view in progress::unbuilt(&checkpoints) {
                reasons.push(format!("the view {view} is being built"));
            }
            for c in progress::counted(&checkpoints) {
                if c.error.is_some() {
                    reasons.push(format!(
                        "the projection {} stopped at {}",
                        c.projection, c.ordinal.0
                    ));
                } else if head.stored - c.ordinal.0 > LAG {
                    let behind = head.stored - c.ordinal.0;
                    reasons
                        .push(format!("the projection {} is {behind} events behind", c.projection));
                }
            }
        }
        Err(_) => reasons.push("storage does not answer".to_owned()),
    }
    reasons
}

/// Every provider, asked side by side and not more often than every ten seconds. For operators, and
/// for whom GraphQL's `providers` answers: each ask costs a call.
pub(super) async fn providers(State(app): State<App>, head: Parts) -> Answer<Response> {
    let desk = &app.house.desk;
    if !head.extensions.get::<Visitor>().is_some_and(|visitor| visitor.operator) {
        require(&herald_rest::caller(desk, &head).await?, Action::ReadProviderHealth)?;
    }
    let (_, found) = app.checkup.run(desk.clock.now()).await;
    Ok(Json(found).into_response())
}
