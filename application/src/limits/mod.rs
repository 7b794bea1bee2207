//! How much is too much: bursts in memory, a month's calls by the log, strangers by their address.
//!
//! **Invariant:** exactly as many calls pass over all replicas as the month and the packs that were
//! bought have, whatever crashes; bursts are protection, and each replica watches its share of them.

mod blocks;
mod calls;
mod gcra;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use blocks::LEASE;
pub use gcra::{Buckets, Level, Rate};
pub use tally::{BURST, Exceeded, Line, MONTH, Tally};

use crate::{
    caller::Standing,
    desk::Desk,
    entitlements::Entitled,
    failure::Failure,
    keys::{self, Pass},
    ports::Ids,
    settings::Billing,
};
use calls::{Ask, Calls};
use herald_kernel::{AccountId, ApiKeyId, IdentityId};
use herald_terms::Quota;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// How often blocks that nobody uses are looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// Sign-in links and codes that are mailed to one mailbox.
const LINKS_OF_A_MAILBOX: Rate = Rate { calls: 5, window: Duration::from_secs(15 * 60) };

/// Tries with one name from one place, each kind by itself. A sixth comes before the provider locks a
/// known person out.
const TRIES_FROM_A_PLACE: Rate = Rate { calls: 5, window: Duration::from_secs(5 * 60) };

/// Tries with one name from wherever it never signed in, all places together: wide enough that one
/// stranger does not keep others out, and narrow enough that a thousand addresses find no password.
const TRIES_OF_A_NAME: Rate = Rate { calls: 20, window: Duration::from_secs(5 * 60) };

/// Looking up who goes by a name: failures are noted once a minute.
const LOOK_UPS_OF_A_NAME: Rate = Rate::per_minute(1);

/// What is tried with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tried {
    /// A password.
    Password,
    /// An answer to what is asked after it.
    Challenge,
    /// A code that was mailed.
    Code,
    /// To find out who goes by the name, after one of the others failed.
    LookUp,
}

/// From where something is tried with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// An address from which nothing is known of the name; none where it cannot be told.
    Address(Option<IpAddr>),
    /// A device with which the name signed in before.
    Device(Uuid),
}

/// What an operator may set about limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowances {
    /// Over how many replicas calls are spread: each allows its share of a burst.
    pub replicas: u32,
    /// Calls with one key in a minute, whatever the tier.
    pub key: u32,
    /// Requests of one signed-in person in a minute.
    pub session: u32,
    /// GraphQL requests in a minute from one address by nobody in particular.
    pub nobody: u32,
    /// Sign-in links, registrations and sign-ins in a minute from one address.
    pub sign_in: u32,
    /// Callbacks of consent pages in a minute from one address.
    pub callback: u32,
    /// Webhooks in a minute from one address.
    pub webhook: u32,
}

impl Default for Allowances {
    fn default() -> Self {
        Self {
            replicas: 1,
            key: 600,
            session: 1_200,
            nobody: 300,
            sign_in: 30,
            callback: 60,
            webhook: 6_000,
        }
    }
}

/// What strangers knock at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entrance {
    /// GraphQL without a credential, or with a bad one.
    Nobody,
    /// Sign-in links, registration, signing in.
    SignIn,
    /// Where consent pages send people back to.
    Callback,
    /// Where providers call.
    Webhook,
}

/// Who called how much lately.
#[derive(Debug)]
pub struct Limits {
    allowances: Allowances,
    keys: Buckets<ApiKeyId>,
    accounts: Buckets<AccountId>,
    people: Buckets<IdentityId>,
    strangers: Buckets<(Entrance, IpAddr)>,
    mailboxes: Buckets<Uuid>,
    tries: Buckets<(Tried, Uuid, Option<Place>)>,
    calls: Calls,
}

/// Why a call does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It is one too many.
    Exceeded(Exceeded),
    /// It cannot be found out now.
    Failed(Failure),
}

impl Limits {
    /// Nobody has called yet.
    #[must_use]
    pub fn new(allowances: Allowances, ids: &dyn Ids) -> Self {
        Self {
            allowances,
            keys: Buckets::default(),
            accounts: Buckets::default(),
            people: Buckets::default(),
            strangers: Buckets::default(),
            mailboxes: Buckets::default(),
            tries: Buckets::default(),
            calls: Calls::new(ids.uuid()),
        }
    }

    fn rate(&self, per_minute: u32) -> Rate {
        Rate::per_minute(per_minute).share(self.allowances.replicas)
    }
}

/// A call with a key: within its own burst, its account's, and what is left of the month. `name`
/// says for the breakdown what is called, `cost` how many calls it is worth.
pub async fn charge_key(
    desk: &Arc<Desk>,
    pass: &Pass,
    name: &str,
    cost: u32,
) -> Result<Tally, Stopped> {
    let charged = charge(desk, pass, name, cost).await;
    if charged.is_ok() {
        keys::note(desk, pass);
    }
    let outcome = match &charged {
        Ok(_) => "passed",
        Err(Stopped::Exceeded(it)) if it.violated.contains(&MONTH) => "quota_exceeded",
        Err(Stopped::Exceeded(_)) => "rate_limited",
        Err(Stopped::Failed(_)) => "failed",
    };
    // Tiers are those of the catalogue, so the label has few values.
    let tier = pass.entitled.entitlements.tier.to_string();
    metrics::counter!(
        "herald_limited_calls_total", "by" => "key", "tier" => tier, "outcome" => outcome
    )
    .increment(1);
    charged
}

async fn charge(desk: &Arc<Desk>, pass: &Pass, name: &str, cost: u32) -> Result<Tally, Stopped> {
    let mut tally = Tally(vec![burst(desk, pass, cost)?]);
    let (entitled, now) = (&*pass.entitled, desk.clock.now());
    if !is_counted(desk, pass, entitled) {
        return Ok(tally);
    }
    let account = pass.account;
    let name = format!("{}/{}", pass.key, name.chars().take(80).collect::<String>());
    let ask = Ask { account, entitled, name: &name, cost, now };
    let (passes, line) = desk.limits.calls.take(desk, ask).await.map_err(Stopped::Failed)?;
    tally.0.extend(line);
    if passes {
        return Ok(tally);
    }
    let retry_after = line.map_or(1, |line| line.reset);
    Err(Stopped::Exceeded(Exceeded { tally, violated: vec![MONTH], retry_after }))
}

/// Services pay for nothing, and where nobody pays nothing is counted.
fn is_counted(desk: &Desk, pass: &Pass, entitled: &Entitled) -> bool {
    let billed = desk.settings.billing != Billing::Off && entitled.basis.is_some();
    billed && !matches!(pass.standing, Standing::Service(_))
}

/// The tighter of the key's bucket and its account's; the headers tell of that one.
fn burst(desk: &Desk, pass: &Pass, cost: u32) -> Result<Line, Stopped> {
    let (limits, now) = (&desk.limits, desk.clock.now());
    let own = limits.rate(limits.allowances.key);
    let mut line = checked(own, limits.keys.pour(pass.key, own, now, cost))?;
    if let Quota::Limited(tier) = pass.entitled.entitlements.burst_per_minute {
        let all = limits.rate(tier);
        let level = limits.accounts.pour(pass.account, all, now, cost);
        let account = checked(all, level)?;
        if account.remaining < line.remaining || account.quota <= line.quota {
            line = account;
        }
    }
    Ok(line)
}

/// A request of a signed-in person.
pub fn charge_person(desk: &Desk, person: IdentityId) -> Result<Tally, Stopped> {
    let limits = &desk.limits;
    let rate = limits.rate(limits.allowances.session);
    let level = limits.people.pour(person, rate, desk.clock.now(), 1);
    Ok(Tally(vec![checked(rate, level)?]))
}

/// A request of somebody of whom nothing but the address is known.
pub fn charge_stranger(desk: &Desk, entrance: Entrance, source: IpAddr) -> Result<Tally, Stopped> {
    let (limits, set) = (&desk.limits, desk.limits.allowances);
    let rate = limits.rate(match entrance {
        Entrance::Nobody => set.nobody,
        Entrance::SignIn => set.sign_in,
        Entrance::Callback => set.callback,
        Entrance::Webhook => set.webhook,
    });
    let level = limits.strangers.pour((entrance, neighbourhood(source)), rate, desk.clock.now(), 1);
    Ok(Tally(vec![checked(rate, level)?]))
}

/// A try with a name, whether or not anybody is known by it: within what its place may, and within
/// what all strangers may together. A device that the name signed in with is no stranger, so whatever
/// strangers do, it goes on.
pub fn charge_try(desk: &Desk, what: Tried, name: Uuid, place: Place) -> Result<(), Stopped> {
    let own = match place {
        Place::Address(source) => Place::Address(source.map(neighbourhood)),
        Place::Device(_) => place,
    };
    pour_try(desk, (what, name, Some(own)), TRIES_FROM_A_PLACE)?;
    match place {
        Place::Address(_) => pour_try(desk, (what, name, None), TRIES_OF_A_NAME),
        Place::Device(_) => Ok(()),
    }
}

/// Finding out who goes by a name.
pub fn charge_look_up(desk: &Desk, name: Uuid) -> Result<(), Stopped> {
    pour_try(desk, (Tried::LookUp, name, None), LOOK_UPS_OF_A_NAME)
}

fn pour_try(desk: &Desk, key: (Tried, Uuid, Option<Place>), rate: Rate) -> Result<(), Stopped> {
    let rate = rate.share(desk.limits.allowances.replicas);
    let level = desk.limits.tries.pour(key, rate, desk.clock.now(), 1);
    checked(rate, level).map(|_| ())
}

/// A sign-in link or a code for a mailbox, whoever asks for it: strangers must not fill it.
pub fn charge_mailbox(desk: &Desk, mailbox: Uuid) -> Result<(), Stopped> {
    let rate = LINKS_OF_A_MAILBOX.share(desk.limits.allowances.replicas);
    let level = desk.limits.mailboxes.pour(mailbox, rate, desk.clock.now(), 1);
    checked(rate, level).map(|_| ())
}

/// The address that counts: whoever has one IPv6 address has 2^64 of them.
#[must_use]
pub fn neighbourhood(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

fn checked(rate: Rate, level: Level) -> Result<Line, Stopped> {
    let line = Line::burst(rate, level);
    if level.passes {
        return Ok(line);
    }
    let retry_after = level.retry_in.max(1);
    let tally = Tally(vec![line]);
    Err(Stopped::Exceeded(Exceeded { tally, violated: vec![BURST], retry_after }))
}

/// Starts to give unused blocks back, now and then, and all of them when the replica stops.
pub(crate) fn start(desk: &Arc<Desk>, stop: &CancellationToken, running: &TaskTracker) {
    let (desk, stop) = (Arc::clone(desk), stop.clone());
    running.spawn(async move {
        while tokio::time::timeout(SWEEP, stop.cancelled()).await.is_err() {
            desk.limits.calls.settle(&desk, false).await;
        }
        settle_all(&desk).await;
    });
}

/// Gives every block of this replica back.
pub async fn settle_all(desk: &Arc<Desk>) {
    desk.limits.calls.settle(desk, true).await;
}
