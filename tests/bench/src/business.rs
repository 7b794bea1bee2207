//! The work that every contestant does: businesses that describe themselves again and again.

use anyhow::{Result, anyhow};
use herald_account::{
    Account, AccountCommand, AccountEvent, BusinessProfile, Context, Goal, Identity, Opening,
};
use herald_kernel::{AccountId, Decider as _, Instant, MemberId, Text, Zone};
use herald_terms::Entitlements;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};
use uuid::Uuid;

/// The contestants' aggregate behind `cqrs-es`, the same as our own.
pub(crate) type Aggregate = herald_application::bridge::Stream<Account>;

/// Accounts that nobody has used yet, with ids as scattered as real ones.
pub(crate) fn fresh_accounts(count: u32) -> Vec<AccountId> {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    let draw = |_| {
        let number = DRAWN.fetch_add(1, Ordering::Relaxed);
        AccountId::new(Uuid::new_v5(&Uuid::nil(), &number.to_be_bytes()))
    };
    (0..count).map(draw).collect()
}

/// Now.
pub(crate) fn now() -> Instant {
    Instant::new(SystemTime::now().into())
}

/// Under what a command is decided.
pub(crate) fn context() -> Context {
    Context { now: now(), entitlements: Entitlements::embedded() }
}

/// The account's first owner.
pub(crate) fn owner(account: AccountId) -> MemberId {
    MemberId::derived(account.uuid(), "owner")
}

/// The person who signs in as the owner.
pub(crate) fn subject(account: AccountId) -> String {
    format!("owner-of-{account}")
}

/// Opens the account.
pub(crate) fn open(account: AccountId) -> Result<AccountCommand> {
    Ok(AccountCommand::Open(Opening {
        account,
        owner: owner(account),
        identity: Identity::try_new("local", subject(account))?,
        name: text("Ada Beispiel")?,
        email: None,
        zone: Zone::utc(),
        business: text("Ada's bakery")?,
    }))
}

/// What the business says about itself the `number`th time: half a kilobyte of JSON.
pub(crate) fn profile(number: u64) -> Result<BusinessProfile> {
    let goals = ["more regulars on weekdays", "orders for parties", "two apprentices until May"];
    Ok(BusinessProfile {
        name: text("Ada's bakery")?,
        sells: text(
            "Bread of long-fermented dough, cakes to order, and breakfast at eight tables, \
             from local flour; closed on Mondays, open on Sundays until noon.",
        )?,
        audience: text("People who live or work within ten minutes on foot, and their guests.")?,
        tone: text(&format!("Warm, short, never loud; edition {number}"))?,
        goals: goals.into_iter().map(text::<300>).collect::<Result<Vec<Goal>>>()?,
        website: None,
    })
}

/// Describes the business.
pub(crate) fn update(number: u64) -> Result<AccountCommand> {
    Ok(AccountCommand::UpdateBusinessProfile { profile: profile(number)? })
}

/// What follows from `count` descriptions, decided one after the other.
pub(crate) fn decide_many(state: &mut Account, count: u64) -> Result<Vec<AccountEvent>> {
    let mut events = Vec::new();
    for number in 0..count {
        for event in state.decide(update(number)?, &context())? {
            state.evolve(&event);
            events.push(event);
        }
    }
    Ok(events)
}

fn text<const MAX: usize>(text: &str) -> Result<Text<MAX>> {
    Text::try_from(text).map_err(|error| anyhow!("{text}: {error}"))
}
