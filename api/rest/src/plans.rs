//! Content plans: seen, written by the models, approved as read, made into posts.

use crate::{
    Rest,
    address::{Path, Query},
    asking::{Asking, Input},
    problem::{Answer, Problem},
    reading::{Listed, Wanted, list as page},
};
use axum::{Json, extract::State, http::StatusCode};
use herald_account::Action;
use herald_application::{
    commands::plan::{ApproveContentPlan, GenerateContentPlan, MaterializeContentPlan, OnPlan},
    views::plans::{NAME, PlanDoc},
};
use herald_kernel::{ContentHash, Instant, PlanId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What `POST /plans/{plan}/approve` takes: what was read, so that nothing else is approved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    revision: u32,
    content_hash: String,
}

/// What `POST /plans/{plan}/materialize` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Materialize {
    /// Are the posts to be scheduled? They are when this is absent.
    schedule: Option<bool>,
}

/// A plan as people see it.
#[derive(Debug, Serialize)]
pub(crate) struct PlanSeen {
    id: PlanId,
    status: &'static str,
    /// The plan as the log's fold has it: brief, items, approval.
    plan: Value,
    created_at: Instant,
    updated_at: Instant,
}

impl PlanSeen {
    fn of(doc: &PlanDoc) -> Self {
        Self {
            id: doc.id,
            status: doc.plan.status().as_str(),
            plan: serde_json::to_value(&doc.plan).unwrap_or_default(),
            created_at: doc.created_at,
            updated_at: doc.updated_at,
        }
    }
}

pub(crate) async fn list(
    State(rest): State<Rest>,
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Listed<PlanSeen>>> {
    Ok(Json(page((&rest, &asking), (Action::ReadPlans, NAME), wanted, PlanSeen::of).await?))
}

pub(crate) async fn get(
    State(rest): State<Rest>,
    asking: Asking,
    Path(plan): Path,
) -> Answer<Json<PlanSeen>> {
    Ok(Json(read(&rest, &asking, id(&plan)?).await?))
}

/// The models write in the background: 202, and the plan tells when it is done.
pub(crate) async fn generate(
    State(rest): State<Rest>,
    asking: Asking,
    Path(plan): Path,
) -> Answer<(StatusCode, Json<PlanSeen>)> {
    let plan = id(&plan)?;
    asking.carry_through(&rest, GenerateContentPlan { plan }).await?;
    Ok((StatusCode::ACCEPTED, Json(read(&rest, &asking, plan).await?)))
}

pub(crate) async fn approve(
    State(rest): State<Rest>,
    asking: Asking,
    Path(plan): Path,
    Input(approval): Input<Approval>,
) -> Answer<Json<PlanSeen>> {
    let plan = id(&plan)?;
    let content_hash = ContentHash::new(approval.content_hash);
    let approve = ApproveContentPlan { plan, revision: approval.revision, content_hash };
    asking.carry_through(&rest, OnPlan(approve)).await?;
    Ok(Json(read(&rest, &asking, plan).await?))
}

pub(crate) async fn materialize(
    State(rest): State<Rest>,
    asking: Asking,
    Path(plan): Path,
    Input(wish): Input<Materialize>,
) -> Answer<Json<PlanSeen>> {
    let plan = id(&plan)?;
    let schedule = wish.schedule.unwrap_or(true);
    asking.carry_through(&rest, MaterializeContentPlan { plan, schedule }).await?;
    Ok(Json(read(&rest, &asking, plan).await?))
}

fn id(plan: &str) -> Answer<PlanId> {
    plan.parse().map_err(|_| Problem::not_found())
}

async fn read(rest: &Rest, asking: &Asking, plan: PlanId) -> Answer<PlanSeen> {
    let (caller, id) = (&asking.caller, plan.to_string());
    let found: Option<PlanDoc> = rest.desk.document(caller, Action::ReadPlans, NAME, &id).await?;
    found.as_ref().map(PlanSeen::of).ok_or_else(Problem::not_found)
}
