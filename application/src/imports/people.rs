//! People whom a directory knows: everybody takes part in an account afterwards.

use super::{CAUSE, ImportFailure};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    identity::{account_for, open_account},
    log::Via,
    ports::{DirectoryUser, UserDirectory},
    sign_in::memberships,
};
use herald_account::Account;
use herald_kernel::AccountId;
use std::sync::Arc;

/// What came of some of the people.
#[derive(Debug, Clone, PartialEq)]
pub struct PeoplePage {
    /// Each by the directory's name for them.
    pub people: Vec<(String, PersonOutcome)>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

/// What came of one person.
#[derive(Debug, Clone, PartialEq)]
pub enum PersonOutcome {
    /// They have an account now.
    Opened(AccountId),
    /// They would have one.
    WouldOpen(AccountId),
    /// They took part in this one before; nothing changed.
    AlreadyThere(AccountId),
    /// The directory does not let them sign in: they are left out.
    MayNotSignIn,
    /// It could not be done.
    Failed(Failure),
}

/// Takes over a page of people; on a dry run, only says what would happen.
pub async fn people(
    desk: &Arc<Desk>,
    name: &str,
    after: Option<&str>,
    dry_run: bool,
) -> Result<PeoplePage, ImportFailure> {
    let directory = desk.business.directories.get(name).ok_or(ImportFailure::NoDirectory)?;
    let page = directory.list(after).await?;
    // Asked of all before anything is opened: what is opened here, the views learn later.
    let mut seen = Vec::with_capacity(page.users.len());
    for user in page.users {
        let person = Person::of(directory.issuer(), &user.subject);
        let known = known(desk, name, &person).await;
        seen.push((person, user, known));
    }
    let mut people = Vec::with_capacity(seen.len());
    for (person, user, known) in seen {
        let outcome = match known {
            Ok(Some(account)) => PersonOutcome::AlreadyThere(account),
            Ok(None) => arrive(desk, name, (&person, &user), dry_run).await,
            Err(failure) => PersonOutcome::Failed(failure),
        };
        people.push((user.subject, outcome));
    }
    Ok(PeoplePage { people, next: page.next })
}

/// Where the person takes part; or the account that was opened for them once, whoever has it now.
async fn known(desk: &Desk, name: &str, person: &Person) -> Result<Option<AccountId>, Failure> {
    if let Some(membership) = memberships(desk, person).await?.first() {
        return Ok(Some(membership.account));
    }
    let own = account_for(name, person);
    let opened = desk.journal.load::<Account>(own.uuid()).await?.version > 0;
    Ok(opened.then_some(own))
}

async fn arrive(
    desk: &Arc<Desk>,
    name: &str,
    (person, user): (&Person, &DirectoryUser),
    dry_run: bool,
) -> PersonOutcome {
    if !user.enabled {
        return PersonOutcome::MayNotSignIn;
    }
    if dry_run {
        return PersonOutcome::WouldOpen(account_for(name, person));
    }
    match open_account(desk, name, (person, user), Via::Cli, CAUSE.to_owned()).await {
        Ok(account) => PersonOutcome::Opened(account),
        Err(failure) => PersonOutcome::Failed(failure),
    }
}

/// Everybody of a directory for whom it notes a payment customer.
pub(super) async fn noted_customers(
    directory: &dyn UserDirectory,
) -> Result<Vec<(Person, String)>, ImportFailure> {
    let (mut noted, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = directory.list(after.as_deref()).await?;
        for user in page.users {
            if let Some(customer) = user.note.stripe_customer {
                noted.push((Person::of(directory.issuer(), &user.subject), customer));
            }
        }
        match page.next {
            None => return Ok(noted),
            next => after = next,
        }
    }
}
