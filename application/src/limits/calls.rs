//! An account's calls on this replica: its block of them, and how it gets the next.

use super::{
    blocks::{Handed, Spent, TurnBlock, Wanted},
    tally::{Line, MONTH},
};
use crate::{
    caller::{Caller, Standing},
    desk::Desk,
    entitlements::Entitled,
    execute::Request,
    failure::Failure,
    log::Via,
};
use herald_kernel::{AccountId, Instant, LeaseId};
use herald_subscription::{Breakdown, Period};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Names in one block's breakdown; the rest is counted together.
const NAMES: usize = 150;
/// A block that was not used for so long goes back.
const IDLE: Duration = Duration::from_secs(30);
/// So long before its lease expires, a block goes back.
const IN_TIME: Duration = Duration::from_secs(2 * 60);
/// Whoever has none left is told so without asking again for so long: others may give some back.
const EMPTY: Duration = Duration::from_secs(1);

/// The blocks of this replica, one an account.
#[derive(Debug)]
pub(super) struct Calls {
    replica: Uuid,
    accounts: Mutex<HashMap<AccountId, Arc<Slot>>>,
}

/// An account's block, and the turn of whoever gets the next.
#[derive(Debug, Default)]
struct Slot {
    block: Mutex<Block>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct Block {
    lease: Option<(LeaseId, Period, Instant)>,
    /// What became of the block before, while that is not written down.
    unsettled: Option<Spent>,
    n: u32,
    used: u32,
    /// How much of the block is the month's: it is used before what is of packs.
    of_month: u32,
    names: BTreeMap<String, u64>,
    used_at: Option<Instant>,
    /// What all replicas have taken, when it was last known.
    taken: u64,
    /// What was left of packs then, beside this block.
    bought: u32,
    /// None are left, as was found out then.
    empty_since: Option<(Period, Instant)>,
}

/// What one call asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) account: AccountId,
    pub(super) entitled: &'a Entitled,
    pub(super) name: &'a str,
    pub(super) cost: u32,
    pub(super) now: Instant,
}

impl Ask<'_> {
    /// Is a block of this month the caller's? What the caller knows of the month may be over.
    fn is_in(&self, of: Period) -> bool {
        let known = self.entitled.period;
        of == known || (!known.contains(self.now) && of.contains(self.now))
    }
}

/// What one call gets: it passes, or not; and where the account stands.
type Got = (bool, Option<Line>);

impl Calls {
    pub(super) fn new(replica: Uuid) -> Self {
        Self { replica, accounts: Mutex::default() }
    }

    /// Takes calls from the account's block, and gets the next block when it is used up.
    pub(super) async fn take(&self, desk: &Arc<Desk>, ask: Ask<'_>) -> Result<Got, Failure> {
        let slot = Arc::clone(lock(&self.accounts).entry(ask.account).or_default());
        if let Some(got) = lock(&slot.block).take(&ask) {
            return Ok(got);
        }
        let turn = Arc::clone(&slot.turn).lock_owned().await;
        if let Some(got) = lock(&slot.block).take(&ask) {
            return Ok(got);
        }
        let lease = LeaseId::new(desk.ids.uuid());
        let wanted = Wanted { lease, replica: self.replica, cost: ask.cost };
        // A task of its own: a block that is handed out to a caller who hung up is there for others.
        let next = next(Arc::clone(desk), Arc::clone(&slot), ask.account, wanted);
        let joined = desk.commands.spawn(async move { (turn, next.await) }).await;
        let died = |error| Failure::Internal(format!("a turn of calls died: {error}"));
        let (_turn, ended) = joined.map_err(died)?;
        ended?;
        let mut block = lock(&slot.block);
        let nothing = (false, block.line(&ask));
        Ok(block.spend(&ask).unwrap_or(nothing))
    }

    /// Gives back what is not used: idle blocks, and `all` of them when the replica stops.
    pub(super) async fn settle(&self, desk: &Arc<Desk>, all: bool) {
        let slots: Vec<_> =
            lock(&self.accounts).iter().map(|(id, slot)| (*id, Arc::clone(slot))).collect();
        for (account, slot) in slots {
            let _turn = slot.turn.lock().await;
            let now = desk.clock.now();
            if !all && !lock(&slot.block).is_due(now) {
                continue;
            }
            let Some(spent) = lock(&slot.block).close() else { continue };
            if let Err(failure) = turn(desk, account, Some(spent.clone()), None).await {
                // It counts as used once its lease expires: too much for the account, never too
                // little for the others.
                tracing::warn!(%account, %failure, "a block of calls was not settled");
                lock(&slot.block).keep(Some(spent), &failure);
            }
        }
        // An entry without a block says nothing that the log does not.
        lock(&self.accounts)
            .retain(|_, slot| Arc::strong_count(slot) > 1 || lock(&slot.block).says_something());
    }
}

impl Block {
    /// Takes what is asked from the block; `None` when another block is needed.
    fn take(&mut self, ask: &Ask<'_>) -> Option<Got> {
        if self.lease.is_some_and(|(_, of, _)| ask.is_in(of))
            && let Some(got) = self.spend(ask)
        {
            return Some(got);
        }
        let (of, since) = self.empty_since?;
        let still = ask.is_in(of) && ask.now.since(since) < EMPTY && ask.now >= since;
        still.then(|| (false, self.line(ask)))
    }

    /// Takes what is asked, whichever month the block is of; `None` when it has not so much.
    fn spend(&mut self, ask: &Ask<'_>) -> Option<Got> {
        // What is used after the lease is over was counted as used before.
        let lasts = self.lease.is_some_and(|(_, _, until)| ask.now < until);
        if !lasts || self.n.saturating_sub(self.used) < ask.cost {
            return None;
        }
        self.used += ask.cost;
        self.used_at = Some(ask.now);
        self.count(ask);
        Some((true, self.line(ask)))
    }

    fn count(&mut self, ask: &Ask<'_>) {
        let known = self.names.len() < NAMES || self.names.contains_key(ask.name);
        let name = if known { ask.name } else { "others" };
        *self.names.entry(name.to_owned()).or_default() += u64::from(ask.cost);
    }

    /// Filed under the month that the log handed it out of: what a caller knows of it may be old.
    fn open(&mut self, lease: LeaseId, now: Instant, handed: Option<Handed>) {
        let Some(Handed { n, of_month, taken, bought, period, expires_at }) = handed else {
            return;
        };
        (self.taken, self.bought) = (taken, bought);
        if n == 0 {
            self.empty_since = Some((period, now));
            return;
        }
        self.empty_since = None;
        self.lease = Some((lease, period, expires_at));
        (self.n, self.of_month) = (n, of_month);
        self.used_at = Some(now);
    }

    /// Ends the block; what it holds is nobody's until it is settled.
    fn close(&mut self) -> Option<Spent> {
        let Some((lease, period, _)) = self.lease.take() else { return self.unsettled.take() };
        let (used, names) = (std::mem::take(&mut self.used), std::mem::take(&mut self.names));
        self.n = 0;
        Some(Spent {
            lease,
            period,
            used,
            of_month: self.of_month,
            breakdown: Breakdown::try_from(names).unwrap_or_default(),
        })
    }

    /// What storage did not take is told again with the next turn; what is refused never will be.
    fn keep(&mut self, spent: Option<Spent>, failure: &Failure) {
        if !matches!(failure, Failure::Refused { .. } | Failure::NotFound) {
            self.unsettled = spent;
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let idle = self.used_at.is_none_or(|at| now.since(at) >= IDLE);
        let over = self.lease.is_some_and(|(_, period, expires_at)| {
            idle || expires_at <= now.plus(IN_TIME) || !period.contains(now)
        });
        over || self.unsettled.is_some()
    }

    fn says_something(&self) -> bool {
        self.lease.is_some() || self.unsettled.is_some()
    }

    /// What is left of packs is left of the month as well: the month's quota grows by it.
    fn line(&self, ask: &Ask<'_>) -> Option<Line> {
        let month = u64::from(ask.entitled.entitlements.api_calls_per_month.limit()?);
        let period = ask.entitled.period;
        let own = u64::from(self.n.saturating_sub(self.used));
        let own_of_month = u64::from(self.of_month.saturating_sub(self.used)).min(own);
        let of_packs = u64::from(self.bought).saturating_add(own - own_of_month);
        let of_month = month.saturating_sub(self.taken).saturating_add(own_of_month).min(month);
        Some(Line {
            policy: MONTH,
            quota: month.saturating_add(of_packs),
            window: period.end().since(period.start()).as_secs(),
            remaining: of_month.saturating_add(of_packs),
            reset: period.end().since(ask.now).as_secs().max(1),
        })
    }
}

/// Settles the block that is used up, and opens the next.
async fn next(
    desk: Arc<Desk>,
    slot: Arc<Slot>,
    account: AccountId,
    wanted: Wanted,
) -> Result<(), Failure> {
    let spent = lock(&slot.block).close();
    match turn(&desk, account, spent.clone(), Some(wanted)).await {
        Ok(handed) => {
            lock(&slot.block).open(wanted.lease, desk.clock.now(), handed);
            Ok(())
        }
        Err(failure) => {
            lock(&slot.block).keep(spent, &failure);
            Err(failure)
        }
    }
}

async fn turn(
    desk: &Arc<Desk>,
    account: AccountId,
    spent: Option<Spent>,
    wanted: Option<Wanted>,
) -> Result<Option<Handed>, Failure> {
    let step = match (&wanted, &spent) {
        (Some(wanted), _) => format!("lease/{}", wanted.lease),
        (None, Some(spent)) => format!("settle/{}", spent.lease),
        (None, None) => return Ok(None),
    };
    let caller = Caller {
        account,
        standing: Standing::Job("calls".to_owned()),
        via: Via::Job,
        correlation: desk.ids.uuid(),
        causation: step.clone(),
    };
    let request = Request { idempotency_key: step, expected_version: None };
    Ok(desk.carry_out(&caller, request, TurnBlock { spent, wanted }).await?.answer)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
