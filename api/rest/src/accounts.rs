//! The account: opened by whoever signed in without one, shown, and its own rules changed.

use crate::{
    Rest,
    asking::{Asking, Input, Newcomer, created},
    problem::{Answer, Problem},
};
use axum::{Json, extract::State, http::StatusCode};
use herald_account::{AccountName, Action, Email, PersonName};
use herald_application::{
    caller::{Caller, Standing},
    commands::account::{ChangePolicy, ChangeTimeZone, OpenAccount, new_account_id},
    execute::Request,
    log::Via,
    views::accounts::{AccountDoc, NAME},
};
use herald_kernel::{AccountId, Instant, Zone};
use herald_terms::ApprovalPolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What `POST /accounts` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// What the business is called.
    business: String,
    /// What its owner is called.
    name: String,
    /// Where the owner is reached.
    email: Option<String>,
    /// The zone in which its times are meant; `UTC` when absent.
    zone: Option<String>,
}

/// What `POST /account/policy` takes. What is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPolicy {
    /// `optional`, `required`, `four_eyes`.
    approval: Option<String>,
    late_grace_minutes: Option<u32>,
    posts_per_day: Option<u32>,
}

/// What `POST /account/zone` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewZone {
    zone: String,
}

/// An account as its people see it.
#[derive(Debug, Serialize)]
pub(crate) struct AccountSeen {
    account: AccountId,
    business: Option<String>,
    status: &'static str,
    zone: Zone,
    policy: PolicySeen,
    opened_at: Instant,
}

/// The rules that an account sets for its own posts.
#[derive(Debug, Serialize)]
pub(crate) struct PolicySeen {
    approval: &'static str,
    late_grace_minutes: u32,
    posts_per_day: u32,
}

impl AccountSeen {
    fn of(doc: AccountDoc) -> Self {
        let policy = PolicySeen {
            approval: doc.policy.approval.as_str(),
            late_grace_minutes: doc.policy.late_grace_minutes,
            posts_per_day: doc.policy.posts_per_day,
        };
        Self {
            account: doc.id,
            business: doc.business,
            status: doc.status.as_str(),
            zone: doc.zone,
            policy,
            opened_at: doc.opened_at,
        }
    }
}

impl NewAccount {
    fn read(self) -> Answer<OpenAccount> {
        let invalid = |field: &'static str| {
            move |error: &dyn std::fmt::Display| Problem::invalid(field, error.to_string())
        };
        Ok(OpenAccount {
            business: AccountName::try_from(self.business)
                .map_err(|error| invalid("business")(&error))?,
            name: PersonName::try_from(self.name).map_err(|error| invalid("name")(&error))?,
            email: self
                .email
                .map(Email::try_from)
                .transpose()
                .map_err(|error| invalid("email")(&error))?,
            zone: match self.zone {
                Some(zone) => zone.parse::<Zone>().map_err(|error| invalid("zone")(&error))?,
                None => Zone::utc(),
            },
        })
    }
}

pub(crate) async fn open(
    State(rest): State<Rest>,
    newcomer: Newcomer,
    Input(asked): Input<NewAccount>,
) -> Answer<(StatusCode, Json<Value>)> {
    let open = asked.read()?;
    let Newcomer { person, key, request } = newcomer;
    let account = new_account_id(&person, &key);
    let caller = Caller {
        account,
        standing: Standing::Person(person),
        via: Via::Rest,
        correlation: request,
        causation: format!("request:{request}"),
    };
    let request = Request { idempotency_key: key, expected_version: None };
    let receipt = rest.desk.carry_out(&caller, request, open).await?;
    if let Some(token) = receipt.token {
        rest.desk.await_token(token).await?;
    }
    Ok(created(json!({ "account": account, "member": receipt.answer.owner, "role": "owner" })))
}

pub(crate) async fn show(State(rest): State<Rest>, asking: Asking) -> Answer<Json<AccountSeen>> {
    Ok(Json(read(&rest, &asking).await?))
}

pub(crate) async fn change_policy(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<NewPolicy>,
) -> Answer<Json<AccountSeen>> {
    let approval = asked.approval.map(|name| name.parse::<ApprovalPolicy>());
    let approval =
        approval.transpose().map_err(|error| Problem::invalid("approval", error.to_string()))?;
    let NewPolicy { late_grace_minutes, posts_per_day, .. } = asked;
    let change = ChangePolicy { approval, late_grace_minutes, posts_per_day };
    asking.carry_through(&rest, change).await.map_err(|problem| {
        problem
            .renaming("policy.lateGraceMinutes", "late_grace_minutes")
            .renaming("policy.postsPerDay", "posts_per_day")
    })?;
    Ok(Json(read(&rest, &asking).await?))
}

pub(crate) async fn change_zone(
    State(rest): State<Rest>,
    asking: Asking,
    Input(asked): Input<NewZone>,
) -> Answer<Json<AccountSeen>> {
    let zone = asked.zone.parse::<Zone>();
    let zone = zone.map_err(|error| Problem::invalid("zone", error.to_string()))?;
    asking.carry_through(&rest, ChangeTimeZone { zone }).await?;
    Ok(Json(read(&rest, &asking).await?))
}

async fn read(rest: &Rest, asking: &Asking) -> Answer<AccountSeen> {
    let (caller, id) = (&asking.caller, asking.caller.account.to_string());
    let found = rest.desk.document(caller, Action::ReadAccount, NAME, &id).await?;
    found.map(AccountSeen::of).ok_or_else(Problem::not_found)
}
