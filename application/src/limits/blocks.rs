//! Blocks of a month's calls: handed out by the log, used up without asking again, settled.
//!
//! A block is leased in an event before its first call passes, so that over all replicas exactly as
//! many calls pass as there are. What a crash leaves unsettled counts as used once the lease expires.

use crate::{
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
};
use async_trait::async_trait;
use herald_kernel::{Instant, LeaseId};
use herald_subscription::{
    Breakdown, Counter, Overage, Period, Quota, Usage, UsageCommand, UsageContext, usage_id,
};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// A block that nobody settles counts as used after this.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// A block of what has no limit, or goes on beyond it: large enough to be rare in the log.
const FREELY: u32 = 500;

/// What became of a block.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Spent {
    pub(super) lease: LeaseId,
    pub(super) period: Period,
    pub(super) used: u32,
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
    /// What all have taken, this block included.
    pub(super) taken: u64,
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
        let mut usage = None;
        if let Some(spent) = &self.spent {
            let before = UsageContext { period: spent.period, ..context.clone() };
            let mut spent_of = load(work, &spent.period).await?;
            let Spent { lease, used, breakdown, .. } = spent.clone();
            let settle = UsageCommand::Settle { lease, used, breakdown };
            work.decide(&mut spent_of, settle, &before).await?;
            usage = Some(spent_of).filter(|_| spent.period == context.period);
        }
        let Some(wanted) = self.wanted else { return Ok(None) };
        let usage = match usage {
            Some(usage) => usage,
            None => load(work, &context.period).await?,
        };
        hand_out(work, usage, wanted, &context).await.map(Some)
    }

    fn replayed(&self, _: Naming) -> Option<Handed> {
        None
    }
}

async fn load(work: &Work<'_>, period: &Period) -> Result<Loaded<Usage>, Failure> {
    let id = usage_id(work.account(), Counter::ApiCalls, period);
    work.load_any::<Usage>(id.uuid()).await
}

async fn hand_out(
    work: &mut Work<'_>,
    mut usage: Loaded<Usage>,
    wanted: Wanted,
    context: &UsageContext,
) -> Result<Handed, Failure> {
    let (n, expires_at) = (size(&usage.state, wanted.cost, context), work.now.plus(LEASE));
    let Wanted { lease, replica, .. } = wanted;
    let command = UsageCommand::Lease { lease, replica, n, expires_at };
    let handed = match work.decide(&mut usage, command, context).await {
        Ok(()) => n,
        // What was settled in the same append is written all the same.
        Err(Failure::Refused { code: "QUOTA_EXCEEDED", .. }) => 0,
        Err(failure) => return Err(failure),
    };
    Ok(Handed { n: handed, taken: usage.state.taken(), expires_at })
}

/// A twentieth of what is left, but never less than is needed at once.
fn size(usage: &Usage, cost: u32, context: &UsageContext) -> u32 {
    let taken = u32::try_from(usage.taken()).unwrap_or(u32::MAX);
    let share = match (context.quota, context.overage) {
        (Quota::Unlimited, _) => FREELY,
        (Quota::Limited(limit), overage) => match (limit.saturating_sub(taken), overage) {
            (0, Overage::Meter) => FREELY,
            (left, Overage::Block | Overage::Meter) => left / 20,
        },
    };
    share.max(cost).max(1)
}
