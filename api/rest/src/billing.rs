//! What an account pays for, and what it used.

use crate::{
    Rest,
    asking::{Asking, Input},
    problem::{Answer, Problem},
};
use axum::{Json, extract::State, http::StatusCode};
use herald_account::Action;
use herald_application::{
    billing::{Page, await_checkout, await_portal, return_to::ReturnTo, tax::TaxPlace},
    caller::Caller,
    commands::subscription::{OpenPortal, StartCheckout},
    entitlements::{self, Entitled},
    failure::Failure,
    metering,
    reading::require,
    views::subscriptions::{self, SubscriptionDoc},
};
use herald_kernel::Currency;
use herald_subscription::{Counter, Interval, MirrorSubscription, Usage, usage_id};
use herald_terms::{Quota, Tier};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// What `POST /billing/checkout` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checkout {
    /// `starter`, `professional`, or an alias.
    tier: String,
    /// `month` or `year`; `month` when absent.
    interval: Option<String>,
    /// `USD` when absent.
    currency: Option<Currency>,
    /// Where the payer is, by two letters: needed where taxes stand in a table of our own.
    country: Option<String>,
    /// The VAT number of a business.
    vat_id: Option<String>,
    success_url: Option<Url>,
    cancel_url: Option<Url>,
}

/// What `POST /billing/portal` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Portal {
    return_url: Option<Url>,
}

pub(crate) async fn status(State(rest): State<Rest>, asking: Asking) -> Answer<Json<Value>> {
    Ok(Json(standing(&rest, &asking.caller).await?))
}

/// The tier, what it allows, what waits and what was refused, as they are now.
pub(crate) async fn standing(rest: &Rest, caller: &Caller) -> Answer<Value> {
    let (view, id) = (subscriptions::NAME, caller.account.to_string());
    let seen = rest.desk.document::<SubscriptionDoc>(caller, Action::ReadSubscription, view, &id);
    let seen = seen.await?;
    let entitled = entitlements::of_account(&rest.desk, caller.account).await?;
    let change = seen.as_ref().and_then(|it| it.subscription.change());
    let paid_until = seen.as_ref().and_then(|it| it.subscription.change_paid_until());
    let problem = seen.as_ref().and_then(|it| it.refused.as_ref());
    let live = seen.as_ref().and_then(|it| it.subscription.live());
    let it = &entitled.entitlements;
    Ok(json!({
        "tier": it.tier, "tier_version": it.tier_version,
        "access": entitled.access, "period_start": entitled.period.start(),
        "period_end": entitled.period.end(),
        "ends_at": live.and_then(MirrorSubscription::ends_at),
        "change": change.map(|it| json!({
            "tier": it.to.tier, "tier_version": it.to.version, "effective_at": it.effective_at,
            "awaits_payment_until": paid_until,
        })),
        "problem": problem.map(|it| json!({ "what": it.what, "code": it.code, "at": it.at })),
        "limits": {
            "posts_per_month": it.posts_per_month.limit(),
            "networks": it.networks.limit(),
            "connections": it.connections.limit(),
            "seats": it.seats.limit(),
            "api_keys": it.api_keys.limit(),
            "api_calls_per_month": it.api_calls_per_month.limit(),
            "ai_credits_per_month": it.ai_credits_per_month.limit(),
        },
    }))
}

pub(crate) async fn checkout(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<Checkout>,
) -> Answer<(StatusCode, Json<Value>)> {
    let interval = asked.interval.as_deref().unwrap_or("month").parse::<Interval>();
    let start = StartCheckout {
        tier: Tier::named(asked.tier),
        interval: interval.map_err(|error| Problem::invalid("interval", error.to_string()))?,
        currency: asked.currency.map_or_else(dollars, Ok)?,
        place: TaxPlace { country: asked.country, vat_id: asked.vat_id },
        return_to: ReturnTo { success: asked.success_url, cancel: asked.cancel_url },
    };
    let started = asking.carry_through(&rest, start).await;
    let named = |problem: Problem| {
        problem.renaming("successUrl", "success_url").renaming("cancelUrl", "cancel_url")
    };
    let checkout = started.map_err(named)?;
    page(await_checkout(&rest.desk, &asking.caller, checkout).await?)
}

pub(crate) async fn portal(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<Portal>,
) -> Answer<(StatusCode, Json<Value>)> {
    let return_to = ReturnTo { success: asked.return_url, cancel: None };
    let opened = asking.carry_through(&rest, OpenPortal { return_to }).await;
    let portal = opened.map_err(|problem| problem.renaming("successUrl", "return_url"))?;
    page(await_portal(&rest.desk, &asking.caller, portal).await?)
}

fn dollars() -> Answer<Currency> {
    let problem =
        |error: herald_kernel::InvalidCurrency| Problem::from(Failure::Internal(error.to_string()));
    "USD".parse().map_err(problem)
}

/// The page's address; 202 while the provider still opens it: ask again with the same key.
fn page(page: Page) -> Answer<(StatusCode, Json<Value>)> {
    match page {
        Page::Open { url, expires_at } => {
            Ok((StatusCode::CREATED, Json(json!({ "url": url, "expires_at": expires_at }))))
        }
        Page::Pending => Ok((StatusCode::ACCEPTED, Json(json!({ "url": null })))),
        Page::Failed { code } => {
            let detail = format!("the payment provider opened no page: {code}");
            Err(Problem::new(StatusCode::BAD_GATEWAY, "PAYMENT_REFUSED", detail))
        }
        Page::Gone => {
            let detail =
                "this page has been completed or has expired; ask for a new one under a new key";
            Err(Problem::new(StatusCode::CONFLICT, "INVALID_STATE", detail))
        }
    }
}

pub(crate) async fn usage(State(rest): State<Rest>, asking: Asking) -> Answer<Json<Value>> {
    require(&asking.caller, Action::ReadUsage)?;
    let entitled = entitlements::of_account(&rest.desk, asking.caller.account).await?;
    let mut counters = Vec::new();
    for (counter, quota) in quotas(&entitled) {
        counters.push(counted(&rest, &asking, &entitled, counter, quota).await?);
    }
    Ok(Json(json!({
        "period_start": entitled.period.start(), "resets_at": entitled.period.end(),
        "counters": counters,
    })))
}

const fn quotas(entitled: &Entitled) -> [(Counter, Quota); 3] {
    let it = &entitled.entitlements;
    [
        (Counter::Posts, it.posts_per_month),
        (Counter::ApiCalls, it.api_calls_per_month),
        (Counter::AiCredits, it.ai_credits_per_month),
    ]
}

async fn counted(
    rest: &Rest,
    asking: &Asking,
    entitled: &Entitled,
    counter: Counter,
    quota: Quota,
) -> Answer<Value> {
    let account = asking.caller.account;
    let id = usage_id(account, counter, &entitled.period).uuid();
    let left = metering::left_of_packs(&rest.desk, account, counter).await?;
    let usage = rest.desk.journal.load::<Usage>(id).await.map_err(Failure::from)?.state;
    Ok(json!({
        "counter": counter.as_str(), "limit": quota.limit(), "used": usage.used(),
        "held": usage.held(), "used_of_packs": usage.drawn(), "left_of_packs": left,
        "breakdown": usage.breakdown(),
    }))
}
