//! Customers of the payment provider: each is tied to the account that it is noted to be of, and what
//! it pays for is taken in as a webhook's look would.

use super::{CAUSE, ImportFailure, people::noted_customers};
use crate::{
    billing::{account_of, payments, subscription},
    caller::{Caller, Standing},
    commands::subscription::{LinkCustomer, ObserveSnapshot, OnSubscription},
    desk::Desk,
    execute::{Request, UseCase},
    failure::Failure,
    inbox::Applied,
    log::Via,
    sign_in::memberships,
};
use herald_account::{Account, Role};
use herald_kernel::{AccountId, JobId};
use herald_subscription::{CustomerRef, MirrorStatus, Snapshot, SubscriptionRef};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A customer, and whose they are noted to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The provider's name for them.
    pub customer: CustomerRef,
    noted: BTreeSet<AccountId>,
    /// Another customer is noted to be of the same account.
    contested: bool,
}

/// What came of one customer.
#[derive(Debug, Clone, PartialEq)]
pub enum CustomerOutcome {
    /// It is the account's now, with what it pays for.
    TakenOver(AccountId, Option<(SubscriptionRef, MirrorStatus)>),
    /// It would be.
    WouldTakeOver(AccountId, Option<(SubscriptionRef, MirrorStatus)>),
    /// It was the account's before, and pays for what was known; nothing changed.
    AlreadyThere(AccountId),
    /// It is of no account here, or it cannot be said of which; the reason is for people.
    Unmatched(&'static str),
    /// It could not be done.
    Failed(ImportFailure),
}

/// Every customer of the payment provider. Only reads.
///
/// A note at the provider's own customer counts; without one, a directory's note beside the name of
/// an account's owner.
pub async fn customers(desk: &Desk) -> Result<Vec<Listed>, ImportFailure> {
    let payments = payments(desk)?;
    let mut by_person = BTreeMap::<CustomerRef, BTreeSet<AccountId>>::new();
    for directory in desk.business.directories.values() {
        for (person, customer) in noted_customers(directory.as_ref()).await? {
            let Ok(customer) = customer.parse() else { continue };
            let owned = memberships(desk, &person).await?.into_iter();
            let owned = owned.filter(|it| it.role == Role::Owner).map(|it| it.account);
            by_person.entry(customer).or_default().extend(owned);
        }
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = payments.customers.list(after.as_ref()).await?;
        for seen in page.customers {
            let noted = match seen.account {
                Some(account) => BTreeSet::from([account]),
                None => by_person.remove(&seen.customer).unwrap_or_default(),
            };
            all.push(Listed { customer: seen.customer, noted, contested: false });
        }
        match page.next {
            None => break,
            next => after = next,
        }
    }
    let mut claims = BTreeMap::<AccountId, u32>::new();
    for account in all.iter().flat_map(|it| &it.noted) {
        *claims.entry(*account).or_default() += 1;
    }
    for listed in &mut all {
        listed.contested = listed.noted.iter().any(|it| claims.get(it).is_some_and(|n| *n > 1));
    }
    Ok(all)
}

/// Takes over one customer; on a dry run, only says what would happen.
pub async fn take_over(desk: &Arc<Desk>, listed: &Listed, dry_run: bool) -> CustomerOutcome {
    let matched = matched(desk, listed).await;
    let outcome = match matched {
        Ok(Ok(account)) => observed(desk, account, &listed.customer, dry_run).await,
        Ok(Err(reason)) => Ok(CustomerOutcome::Unmatched(reason)),
        Err(failure) => Err(failure),
    };
    outcome.unwrap_or_else(CustomerOutcome::Failed)
}

/// Whose customer it is, or why nobody can say.
async fn matched(
    desk: &Desk,
    listed: &Listed,
) -> Result<Result<AccountId, &'static str>, ImportFailure> {
    let linked = account_of(desk, &listed.customer, None).await.map_err(unread)?;
    if let Some(account) = linked {
        return Ok(Ok(account));
    }
    let mut noted = listed.noted.iter();
    let (account, another) = (noted.next().copied(), noted.next());
    let Some(account) = account else { return Ok(Err("it is noted to be of no account")) };
    if another.is_some() {
        return Ok(Err("it is noted to be of several accounts"));
    }
    if desk.journal.load::<Account>(account.uuid()).await.map_err(Failure::from)?.version == 0 {
        return Ok(Err("the account that it is noted to be of is not here"));
    }
    Ok(match subscription(desk, account).await?.customer() {
        Some(known) if *known == listed.customer => Ok(account),
        Some(_) => Err("its account pays as another customer"),
        None if listed.contested => Err("another customer is noted to be of the same account"),
        None => Ok(account),
    })
}

fn unread(applied: Applied) -> ImportFailure {
    let text = match applied {
        Applied::Retry(text) | Applied::GiveUp(text) | Applied::Ignored(text) => text,
        Applied::Done => "nobody can say whose it is".to_owned(),
    };
    Failure::Internal(text).into()
}

async fn observed(
    desk: &Arc<Desk>,
    account: AccountId,
    customer: &CustomerRef,
    dry_run: bool,
) -> Result<CustomerOutcome, ImportFailure> {
    // Before asking: what changes meanwhile is newer than the answer.
    let fetched_at = desk.clock.now();
    let snapshot = payments(desk)?.subscriptions.snapshot(customer).await?;
    let known = subscription(desk, account).await?;
    if known.customer() == Some(customer) && known.mirror() == Some(&snapshot) {
        return Ok(CustomerOutcome::AlreadyThere(account));
    }
    let pays_for = pays_for(&snapshot);
    if dry_run {
        return Ok(CustomerOutcome::WouldTakeOver(account, pays_for));
    }
    let link = OnSubscription(LinkCustomer { customer: customer.clone() });
    tell(desk, account, format!("import/{customer}"), link).await?;
    let step = format!("import/{customer}/{}", fetched_at.micros());
    tell(desk, account, step, ObserveSnapshot { snapshot, fetched_at }).await?;
    Ok(CustomerOutcome::TakenOver(account, pays_for))
}

fn pays_for(snapshot: &Snapshot) -> Option<(SubscriptionRef, MirrorStatus)> {
    snapshot.subscription.as_ref().map(|it| (it.id.clone(), it.status))
}

async fn tell<U: UseCase>(
    desk: &Arc<Desk>,
    account: AccountId,
    idempotency_key: String,
    use_case: U,
) -> Result<(), Failure> {
    let job = JobId::derived(account.uuid(), CAUSE);
    let (standing, correlation) = (Standing::Job(CAUSE.to_owned()), job.uuid());
    let causation = CAUSE.to_owned();
    let caller = Caller { account, standing, via: Via::Cli, correlation, causation };
    let request = Request { idempotency_key, expected_version: None };
    desk.carry_out(&caller, request, use_case).await.map(drop)
}
