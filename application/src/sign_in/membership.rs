//! In which accounts a person takes part, and on whose behalf a request acts.
//!
//! **Invariant:** the account's own stream says whether the person takes part in it and in which role;
//! a view only leads there when no account is named. So whoever was removed is out with the event,
//! whether or not any projection moves, and whoever opened an account acts in it at once.

use crate::{
    caller::{Caller, Person, Standing},
    desk::Desk,
    entitlements,
    failure::Failure,
    log::Via,
    ports::Ordinal,
    reading::read_document,
    views::accounts::{MEMBERSHIPS, MembershipDoc},
};
use herald_account::{Account, Role};
use herald_kernel::{AccountId, MemberId};
use std::time::Duration;
use uuid::Uuid;

/// More accounts than one person takes part in.
const AT_MOST: u32 = 100;

/// One account in which a person takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The account.
    pub account: AccountId,
    /// Who the person is there.
    pub member: MemberId,
    /// What they may do there.
    pub role: Role,
    /// Do they rest there, for want of a seat?
    pub rests: bool,
    /// What the business is called; `None` when that was forgotten.
    pub business: Option<String>,
}

/// Why a signed-in person cannot act in an account yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplaced {
    /// They take part in none.
    #[error("you take part in no account; open one with `openAccount` or accept an invitation")]
    NoAccount,
    /// They take part in several and named none.
    #[error("you take part in several accounts; name one in the header `herald-account`")]
    SeveralAccounts(Vec<AccountId>),
    /// They do not take part in the account that they named, or there is none of this id.
    #[error("you do not take part in the account that the header `herald-account` names")]
    NotAMember,
    /// It could not be found out.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The accounts in which `person` takes part, oldest first.
///
/// Whoever seems to take part in none may have opened an account a moment ago: then this waits,
/// within the bound for reads, until the views have caught up, and looks again.
pub async fn memberships(desk: &Desk, person: &Person) -> Result<Vec<Membership>, Failure> {
    let found = look(desk, person).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    catch_up(desk).await?;
    look(desk, person).await
}

/// On whose behalf a request of `person` acts: in the account that it names, or in the only one.
pub async fn caller(
    desk: &Desk,
    person: &Person,
    named: Option<AccountId>,
    via: Via,
    correlation: Uuid,
) -> Result<Caller, Unplaced> {
    let account = match named {
        Some(account) => account,
        None => the_one(desk, person).await?,
    };
    let known = desk.journal.confirmed::<Account>(account.uuid()).await.map_err(Failure::from)?;
    let member = known.state.member_by_identity(person.identity);
    let Some(member) = member.filter(|_| !known.state.is_deleted()) else {
        return Err(if named.is_some() { Unplaced::NotAMember } else { Unplaced::NoAccount });
    };
    if member.rests() {
        return Err(Unplaced::Failed(resting(desk, account).await?));
    }
    let (member, role) = (member.id(), member.role());
    let standing = Standing::Member { member, role, person: person.clone() };
    let causation = format!("request:{correlation}");
    Ok(Caller { account, standing, via, correlation, causation })
}

/// The account that is meant where none is named.
async fn the_one(desk: &Desk, person: &Person) -> Result<AccountId, Unplaced> {
    let found = memberships(desk, person).await?;
    match only(&found) {
        Some(one) => Ok(one.account),
        None if found.is_empty() => Err(Unplaced::NoAccount),
        None => Err(Unplaced::SeveralAccounts(found.iter().map(|one| one.account).collect())),
    }
}

/// The one account that can be meant where none is named: one in which the person has a seat goes
/// before those in which they rest.
fn only(found: &[Membership]) -> Option<&Membership> {
    let mut seated = found.iter().filter(|one| !one.rests);
    match (seated.next(), seated.next()) {
        (Some(one), None) => Some(one),
        (Some(_), Some(_)) => None,
        (None, _) => found.first().filter(|_| found.len() == 1),
    }
}

/// The refusal of somebody for whom the tier has no seat.
async fn resting(desk: &Desk, account: AccountId) -> Result<Failure, Failure> {
    let refused = Failure::Refused {
        code: "MEMBER_RESTS",
        message:
            "the account's tier has no seat for you at present; an owner, admin or biller can \
                  pay for more seats through `changePlan` or keep yours through `chooseKeepers`"
                .to_owned(),
        path: None,
        retryable: true,
    };
    Ok(entitlements::of_account(desk, account).await?.cite(refused))
}

pub(super) async fn look(desk: &Desk, person: &Person) -> Result<Vec<Membership>, Failure> {
    let version = desk.progress.version(MEMBERSHIPS);
    let identity = [person.identity.to_string()];
    let rows =
        desk.stores.views.list_unscoped(MEMBERSHIPS, version, &identity, None, AT_MOST).await?;
    let read = rows.iter().map(|row| {
        let MembershipDoc { account, member, role, rests, business, .. } = read_document(row)?;
        Ok(Membership { account, member, role, rests, business })
    });
    read.collect()
}

/// Waits until the views cover everything that is stored now, but no longer than a read may wait.
async fn catch_up(desk: &Desk) -> Result<(), Failure> {
    let stored = Ordinal(desk.stores.log.head().await?.stored);
    let covered = async {
        let mut progress = desk.progress.watch();
        while desk.refresh_progress().await? < stored {
            let poll = Duration::from_millis(25);
            let _woken = tokio::time::timeout(poll, progress.changed()).await;
        }
        Ok(())
    };
    // Late views are no reason to refuse: the answer is then what they know.
    tokio::time::timeout(desk.settings.waits.read, covered).await.unwrap_or(Ok(()))
}
