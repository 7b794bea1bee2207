//! Blocks of calls: handed out by the log, used up without asking again, settled.
//!
//! A block is leased in an event before its first call passes, so that over all replicas exactly as
//! many calls pass as there are. What a crash leaves unsettled counts as used once the lease expires.
//! The month's calls come first; once none are left, blocks are of the packs that were bought.

use crate::{
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
    metering::{bought, decide_credits},
};
use async_trait::async_trait;
use herald_kernel::{Instant, LeaseId};
use herald_subscription::{
    Breakdown, Counter, CreditKind, Credits, CreditsCommand, Overage, Period, Usage, UsageCommand,
    UsageContext, usage_id,
};
use herald_terms::Quota;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// A block that nobody settles counts as used after this.
pub(crate) const LEASE: Duration = Duration::from_secs(10 * 60);
/// A block of what has no limit, or goes on beyond it: large enough to be rare in the log.
const FREELY: u32 = 500;

/// What became of a block.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Spent {
    pub(super) lease: LeaseId,
    pub(super) period: Period,
    pub(super) used: u32,
    /// How much of it was the month's. It was used first.
    pub(super) of_month: u32,
    pub(super) breakdown: Breakdown,
}

/// A block that is wanted.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Wanted {
    pub(super) lease: LeaseId,
    pub(super) replica: Uuid,
    /// At least so much.
    pub(super) cost: u32,
}

/// Settle a block, and hand out the next.
#[derive(Debug, Serialize)]
pub(super) struct TurnBlock {
    pub(super) spent: Option<Spent>,
    pub(super) wanted: Option<Wanted>,
}

/// A block that was handed out, or how things stand when none was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Handed {
    /// How much; 0 when there is not enough left.
    pub(super) n: u32,
    /// How much of it is the month's.
    pub(super) of_month: u32,
    /// What all have taken of the month, this block included.
    pub(super) taken: u64,
    /// What is left of packs beside this block.
    pub(super) bought: u32,
    /// The month that it counts in, as the log has it.
    pub(super) period: Period,
    pub(super) expires_at: Instant,
}

#[async_trait]
impl UseCase for TurnBlock {
    const WHO: Who = Who::Jobs("turnBlock");
    type Answer = Option<Handed>;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Option<Handed>, Failure> {
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        let context = UsageContext {
            now: work.now,
            counter: Counter::ApiCalls,
            period: entitled.period,
            quota: entitled.entitlements.api_calls_per_month,
            overage: entitled.overage,
        };
        let mut credits = bought(work, CreditKind::ApiCalls).await?;
        let mut usage = None;
        if let Some(spent) = &self.spent {
            let before = UsageContext { period: spent.period, ..context.clone() };
            let mut spent_of = load(work, &spent.period).await?;
            settle(work, spent, &mut spent_of, &mut credits, &before).await?;
            usage = Some(spent_of).filter(|_| spent.period == context.period);
        }
        let Some(wanted) = self.wanted else { return Ok(None) };
        let usage = match usage {
            Some(usage) => usage,
            None => load(work, &context.period).await?,
        };
        hand_out(work, usage, credits, wanted, &context).await.map(Some)
    }

    fn replayed(&self, _: Naming) -> Option<Handed> {
        None
    }
}

async fn load(work: &Work<'_>, period: &Period) -> Result<Loaded<Usage>, Failure> {
    let id = usage_id(work.account(), Counter::ApiCalls, period);
    work.load_any::<Usage>(id.uuid()).await
}

/// The month's part counts first. What of a pack is settled too late was counted as used meanwhile.
async fn settle(
    work: &mut Work<'_>,
    spent: &Spent,
    usage: &mut Loaded<Usage>,
    credits: &mut Loaded<Credits>,
    context: &UsageContext,
) -> Result<(), Failure> {
    let Spent { lease, used, of_month, .. } = *spent;
    let mut breakdown = spent.breakdown.clone();
    let now = used.min(of_month);
    if of_month > 0 {
        let breakdown = std::mem::take(&mut breakdown);
        work.decide(usage, UsageCommand::Settle { lease, used: now, breakdown }, context).await?;
    }
    let id = lease.uuid();
    let drawn = used.saturating_sub(now).min(credits.state.held_by(id));
    if credits.state.held_by(id) > 0 {
        let end = match drawn {
            0 => CreditsCommand::Release { id },
            used => CreditsCommand::Commit { id, used },
        };
        decide_credits(work, credits, end).await?;
    }
    if drawn > 0 {
        work.decide(usage, UsageCommand::Draw { id, n: drawn, breakdown }, context).await?;
    }
    Ok(())
}

async fn hand_out(
    work: &mut Work<'_>,
    mut usage: Loaded<Usage>,
    mut credits: Loaded<Credits>,
    wanted: Wanted,
    context: &UsageContext,
) -> Result<Handed, Failure> {
    let Wanted { lease, replica, cost } = wanted;
    let balance = credits.state.balance(work.now);
    let (mut of_month, of_packs) = share(&usage.state, balance, cost, context);
    let mut expires_at = work.now.plus(LEASE);
    if of_packs > 0 {
        let reserve = CreditsCommand::Reserve { id: lease.uuid(), n: of_packs };
        decide_credits(work, &mut credits, reserve).await?;
        let over = credits.state.held_until(lease.uuid());
        expires_at = over.map_or(expires_at, |over| over.min(expires_at));
    }
    if of_month > 0 {
        let command = UsageCommand::Lease { lease, replica, n: of_month, expires_at };
        match work.decide(&mut usage, command, context).await {
            Ok(()) => {}
            // What was settled in the same append is written all the same.
            Err(Failure::Refused { code: "QUOTA_EXCEEDED", .. }) => of_month = 0,
            Err(failure) => return Err(failure),
        }
    }
    let bought = credits.state.balance(work.now);
    let n = of_month.saturating_add(of_packs);
    let (taken, period) = (usage.state.taken(), context.period);
    Ok(Handed { n, of_month, taken, bought, period, expires_at })
}

/// How much the next block has of the month, and how much of packs. A twentieth of what is left of
/// the one that is drawn on, but never less than is needed at once; one call that is worth more than
/// the month has left is made up of both.
fn share(usage: &Usage, balance: u32, cost: u32, context: &UsageContext) -> (u32, u32) {
    let Quota::Limited(limit) = context.quota else { return (FREELY.max(cost), 0) };
    let block = |left: u32| (left / 20).max(cost).max(1);
    let left = limit.saturating_sub(u32::try_from(usage.taken()).unwrap_or(u32::MAX));
    if left >= cost.max(1) {
        return (block(left), 0);
    }
    let missing = cost.saturating_sub(left);
    match context.overage {
        _ if balance >= missing && balance > 0 => {
            (left, if left > 0 { missing } else { block(balance).min(balance) })
        }
        Overage::Meter => (FREELY.max(cost), 0),
        Overage::Block => (cost.max(1), 0),
    }
}
