//! The account of somebody whom a directory knows and who takes part in none: opened once, whoever
//! says first that they are there, a webhook or an import.

use super::applier::{address, name};
use crate::{
    caller::{Caller, Person, Standing},
    commands::account::{OpenAccount, new_account_id},
    desk::Desk,
    execute::Request,
    failure::Failure,
    log::Via,
    ports::DirectoryUser,
};
use herald_kernel::{AccountId, JobId, Zone};
use std::sync::Arc;

/// The account that is opened for a person of the directory that calls itself `directory`.
pub(crate) fn account_for(directory: &str, person: &Person) -> AccountId {
    new_account_id(person, &key(directory))
}

/// Opens it, unless it was opened before.
pub(crate) async fn open_account(
    desk: &Arc<Desk>,
    directory: &str,
    (person, user): (&Person, &DirectoryUser),
    via: Via,
    causation: String,
) -> Result<AccountId, Failure> {
    let account = account_for(directory, person);
    let correlation = JobId::derived(account.uuid(), &causation).uuid();
    let standing = Standing::Person(person.clone());
    let caller = Caller { account, standing, via, correlation, causation };
    let named = name(user).or_else(|| "New member".try_into().ok());
    let (Some(name), Ok(business)) = (named, "My business".try_into()) else {
        return Err(Failure::Internal("an account needs names".into()));
    };
    let open = OpenAccount { business, name, email: address(user), zone: Zone::utc() };
    let request = Request { idempotency_key: key(directory), expected_version: None };
    match desk.carry_out(&caller, request, open).await {
        // The account of this person exists; they are only called something else by now.
        Ok(_) | Err(Failure::IdempotencyKeyReused) => Ok(account),
        Err(failure) => Err(failure),
    }
}

fn key(directory: &str) -> String {
    format!("directory/{directory}")
}
