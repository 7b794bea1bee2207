//! Opening an account: whoever signed in without one becomes the owner of a new one.

use crate::{
    Rest,
    asking::{Input, Newcomer, created},
    problem::{Answer, Problem},
};
use axum::{Json, extract::State, http::StatusCode};
use herald_account::{AccountName, Email, PersonName};
use herald_application::{
    caller::{Caller, Standing},
    commands::account::{OpenAccount, new_account_id},
    execute::Request,
    log::Via,
};
use herald_kernel::Zone;
use serde::Deserialize;
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
