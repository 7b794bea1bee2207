//! Another tier, the end of a subscription, and going on after all.

use crate::{
    Rest,
    address::Query,
    asking::{Asking, Input},
    billing::standing,
    problem::{Answer, Problem},
};
use axum::{Json, extract::State};
use herald_application::{
    billing,
    commands::subscription::{
        CancelSubscription, ChangePlan, OnSubscription, ResumeSubscription, SubscriptionUse,
        WithdrawPlanChange,
    },
};
use herald_kernel::Money;
use herald_subscription::{CancelAt, Interval};
use herald_terms::Tier;
use serde::Deserialize;
use serde_json::{Value, json};

/// What `GET /billing/preview` and `POST /billing/change` take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// `starter`, `professional`, or an alias.
    tier: String,
    /// `month` or `year`; `month` when absent.
    interval: Option<String>,
}

impl Change {
    fn read(self) -> Answer<(Tier, Interval)> {
        let interval = self.interval.as_deref().unwrap_or("month").parse::<Interval>();
        let interval = interval.map_err(|error| Problem::invalid("interval", error.to_string()))?;
        Ok((Tier::named(self.tier), interval))
    }
}

/// What `POST /billing/cancel` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    /// `period_end`, or `now`; `period_end` when absent.
    at: Option<CancelAt>,
}

/// What a change would cost now. Changes nothing.
pub(crate) async fn preview(
    State(rest): State<Rest>,
    asking: Asking,
    Query(asked): Query<Change>,
) -> Answer<Json<Value>> {
    let (tier, interval) = asked.read()?;
    let preview = billing::preview_change(&rest.desk, &asking.caller, &tier, interval).await?;
    let lines = preview.lines.iter().map(|line| {
        json!({
            "description": line.description, "amount": amount(line.amount),
            "proration": line.proration,
        })
    });
    Ok(Json(json!({
        "due": amount(preview.due), "subtotal": amount(preview.subtotal),
        "tax": amount(preview.tax), "lines": lines.collect::<Vec<_>>(),
    })))
}

pub(crate) async fn change(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<Change>,
) -> Answer<Json<Value>> {
    let (tier, interval) = asked.read()?;
    tell(&rest, &asking, ChangePlan { tier, interval }).await
}

pub(crate) async fn withdraw(State(rest): State<Rest>, asking: Asking) -> Answer<Json<Value>> {
    tell(&rest, &asking, WithdrawPlanChange).await
}

pub(crate) async fn cancel(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<Cancel>,
) -> Answer<Json<Value>> {
    let at = asked.at.unwrap_or(CancelAt::PeriodEnd);
    tell(&rest, &asking, CancelSubscription { at }).await
}

pub(crate) async fn resume(State(rest): State<Rest>, asking: Asking) -> Answer<Json<Value>> {
    tell(&rest, &asking, ResumeSubscription).await
}

/// Carries the command out, and answers where the account stands after it. What the provider makes
/// of it shows later, in the same form: `GET /billing/status`.
async fn tell<C: SubscriptionUse>(rest: &Rest, asking: &Asking, command: C) -> Answer<Json<Value>> {
    asking.carry_through(rest, OnSubscription(command)).await?;
    Ok(Json(standing(rest, &asking.caller).await?))
}

pub(crate) fn amount(money: Money) -> Value {
    json!({ "minor": money.minor, "currency": money.currency })
}
