//! Who operates the installation, and as whom they act.

use super::{LOCAL_ISSUER, LocalNames};
use crate::{
    caller::{Caller, Person, Standing},
    desk::Desk,
    failure::Failure,
    log::Via,
    settings::Mode,
};
use herald_account::Account;
use herald_kernel::AccountId;
use uuid::Uuid;

/// Does `person` operate this installation? Whom the settings name does, signed in by that very
/// identity; in the sandbox, where nothing is real, its resident does as well.
#[must_use]
pub fn operates(desk: &Desk, person: &Person) -> bool {
    let named = |(issuer, subject): &(String, String)| {
        *issuer == person.issuer && *subject == person.subject
    };
    let lives_here = || {
        let resident = LocalNames::of_resident(desk);
        person.issuer == LOCAL_ISSUER && resident.contain(&person.subject)
    };
    desk.settings.operators.iter().any(named)
        || (desk.settings.mode == Mode::Sandbox && lives_here())
}

/// An operator who is about to do something in `account`; without a person, at the command line.
/// What they do is in the account's log.
pub async fn operator(
    desk: &Desk,
    person: Option<Person>,
    account: AccountId,
    request: Uuid,
) -> Result<Caller, Failure> {
    if desk.journal.load::<Account>(account.uuid()).await?.version == 0 {
        return Err(Failure::NotFound);
    }
    let (via, causation) = match &person {
        Some(_) => (Via::Graphql, format!("request:{request}")),
        None => (Via::Cli, "cli:operator".to_owned()),
    };
    let standing = Standing::Operator(person);
    Ok(Caller { account, standing, via, correlation: request, causation })
}
