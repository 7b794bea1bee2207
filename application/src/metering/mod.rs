//! What an account uses, counted in the append of what uses it.
//!
//! **Invariant:** whatever counts is counted in the same append as its cause, so that neither is
//! there without the other, and of several who want the last place exactly one gets it.

#[cfg(test)]
mod tests;

use crate::{
    desk::Desk,
    entitlements::{self, Entitled},
    execute::Work,
    failure::Failure,
    log::Loaded,
    settings::Billing,
};
use herald_kernel::{AccountId, PostId, RunId};
use herald_subscription::{
    Access, Breakdown, Counter, CreditKind, Credits, CreditsCommand, CreditsContext, Usage,
    UsageCommand, UsageContext, credits_id, usage_id,
};
use herald_terms::{Feature, Quota};
use std::time::Duration;

/// How long credits stay set aside for a run that says nothing more.
pub(crate) const RUN_AT_MOST: Duration = Duration::from_secs(6 * 3600);

/// One counter of the account, as it stands in one period, with what limits it.
pub(crate) struct Meter {
    usage: Loaded<Usage>,
    context: UsageContext,
}

impl Meter {
    /// How many places are taken.
    pub(crate) fn taken(&self) -> u32 {
        u32::try_from(self.usage.state.taken()).unwrap_or(u32::MAX)
    }

    async fn decide(&mut self, work: &mut Work<'_>, command: UsageCommand) -> Result<(), Failure> {
        work.decide(&mut self.usage, command, &self.context).await
    }
}

/// The account's counter in the period of `entitled`; `None` where nobody pays.
pub(crate) async fn meter(
    work: &Work<'_>,
    entitled: &Entitled,
    counter: Counter,
    quota: Quota,
) -> Result<Option<Meter>, Failure> {
    if work.desk.settings.billing == Billing::Off {
        return Ok(None);
    }
    let id = usage_id(work.account(), counter, &entitled.period);
    let usage = work.load_any::<Usage>(id.uuid()).await?;
    let (period, overage) = (entitled.period, entitled.overage);
    let context = UsageContext { now: work.now, counter, period, quota, overage };
    Ok(Some(Meter { usage, context }))
}

/// Counts a post, once and for ever.
pub(crate) async fn count_post(
    work: &mut Work<'_>,
    meter: Option<&mut Meter>,
    post: PostId,
) -> Result<(), Failure> {
    match meter {
        Some(meter) => meter.decide(work, UsageCommand::Count { unit: post.uuid() }).await,
        None => Ok(()),
    }
}

/// Sets credits aside for a run of the models: the month's first, then what was bought.
pub(crate) async fn reserve_run(work: &mut Work<'_>, run: RunId, n: u32) -> Result<(), Failure> {
    let entitled = entitlements::of_account(work.desk, work.account()).await?;
    let quota = entitled.entitlements.ai_credits_per_month;
    let Some(mut meter) = meter(work, &entitled, Counter::AiCredits, quota).await? else {
        return Ok(());
    };
    let left = quota.left(meter.taken()).unwrap_or(u32::MAX);
    let mut credits = bought(work, CreditKind::AiCredits).await?;
    let from_credits = credits.state.balance(work.now).min(n.saturating_sub(left));
    let from_month = n.saturating_sub(from_credits);
    if from_month > 0 {
        let expires_at = work.now.plus(RUN_AT_MOST);
        let reserve = UsageCommand::Reserve { run, n: from_month, expires_at };
        meter.decide(work, reserve).await.map_err(|failure| entitled.cite(failure))?;
    }
    if from_credits > 0 {
        let reserve = CreditsCommand::Reserve { id: run.uuid(), n: from_credits };
        decide_credits(work, &mut credits, reserve).await?;
    }
    Ok(())
}

/// How a run ended, for whoever pays for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// It brought so many texts.
    Commit {
        /// The run.
        run: RunId,
        /// How many.
        used: u32,
    },
    /// It brought nothing.
    Release {
        /// The run.
        run: RunId,
    },
}

/// Settles what was set aside for a run. What was never set aside, or fell back meanwhile, is
/// charged to nobody.
pub(crate) async fn settle_run(work: &mut Work<'_>, charge: Charge) -> Result<(), Failure> {
    let (run, mut used) = match charge {
        Charge::Commit { run, used } => (run, used),
        Charge::Release { run } => (run, 0),
    };
    let mut paid = meter_of_run(work, run).await?;
    if let Some((meter, held)) = &mut paid {
        let now = used.min(*held);
        used -= now;
        meter.decide(work, spend(run, now)).await?;
    }
    let mut credits = bought(work, CreditKind::AiCredits).await?;
    let (id, held) = (run.uuid(), credits.state.held_by(run.uuid()));
    let used = used.min(held);
    if held > 0 {
        let command = match used {
            0 => CreditsCommand::Release { id },
            used => CreditsCommand::Commit { id, used },
        };
        decide_credits(work, &mut credits, command).await?;
    }
    if used > 0 {
        let meter = match paid {
            Some((meter, _)) => Some(meter),
            None => present_meter(work).await?,
        };
        if let Some(mut meter) = meter {
            let draw = UsageCommand::Draw { id, n: used, breakdown: Breakdown::default() };
            meter.decide(work, draw).await?;
        }
    }
    Ok(())
}

async fn present_meter(work: &Work<'_>) -> Result<Option<Meter>, Failure> {
    let entitled = entitlements::of_account(work.desk, work.account()).await?;
    let quota = entitled.entitlements.ai_credits_per_month;
    meter(work, &entitled, Counter::AiCredits, quota).await
}

/// Where credits are set aside for a run, and how many: in this period, or in the one before when
/// the run began before midnight.
async fn meter_of_run(work: &Work<'_>, run: RunId) -> Result<Option<(Meter, u32)>, Failure> {
    for at in [work.now, work.now.minus(RUN_AT_MOST)] {
        let entitled = entitlements::of_account_at(work.desk, work.account(), at).await?;
        let quota = entitled.entitlements.ai_credits_per_month;
        let Some(meter) = meter(work, &entitled, Counter::AiCredits, quota).await? else {
            return Ok(None);
        };
        let held = meter.usage.state.held_by(run, work.now);
        if held > 0 {
            return Ok(Some((meter, held)));
        }
    }
    Ok(None)
}

const fn spend(run: RunId, used: u32) -> UsageCommand {
    match used {
        0 => UsageCommand::Release { run },
        used => UsageCommand::Commit { run, used },
    }
}

/// How much is left of the packs that can be used beside a month's quota.
pub async fn left_of_packs(
    desk: &Desk,
    account: AccountId,
    counter: Counter,
) -> Result<u32, Failure> {
    let kind = match counter {
        Counter::ApiCalls => CreditKind::ApiCalls,
        Counter::AiCredits => CreditKind::AiCredits,
        Counter::Posts => return Ok(0),
    };
    let credits = desk.journal.load::<Credits>(credits_id(account, kind).uuid()).await?.state;
    Ok(credits.balance(desk.clock.now()))
}

/// What the account bought of a kind.
pub(crate) async fn bought(work: &Work<'_>, kind: CreditKind) -> Result<Loaded<Credits>, Failure> {
    work.load_any::<Credits>(credits_id(work.account(), kind).uuid()).await
}

/// Does something with what the account bought.
pub(crate) async fn decide_credits(
    work: &mut Work<'_>,
    credits: &mut Loaded<Credits>,
    command: CreditsCommand,
) -> Result<(), Failure> {
    work.decide(credits, command, &CreditsContext { now: work.now }).await
}

impl Entitled {
    /// Refuses what an account may not do that owes a payment: publish, schedule, generate.
    pub(crate) fn must_allow_work(&self) -> Result<(), Failure> {
        if self.access.allows_work() {
            return Ok(());
        }
        let Access::Restricted { reason } = self.access else { return Ok(()) };
        let refused = Failure::Refused {
            code: "SUBSCRIPTION_REQUIRED",
            message: format!(
                "the account is restricted ({}); an owner or biller can pay through `openPortal`",
                reason.as_str()
            ),
            path: None,
            retryable: false,
        };
        Err(self.cite(refused))
    }

    /// Refuses what the tier has not.
    pub fn must_include(&self, feature: Feature) -> Result<(), Failure> {
        if self.entitlements.features.has(feature) {
            return Ok(());
        }
        Err(self.cite(Failure::Refused {
            code: "FEATURE_NOT_INCLUDED",
            message: format!(
                "the tier does not include {feature}; an owner, admin or biller can take one that \
                 does through `startCheckout` or `changePlan`"
            ),
            path: None,
            retryable: true,
        }))
    }

    /// The same refusal, saying by which tier version and which event of the subscription.
    pub(crate) fn cite(&self, failure: Failure) -> Failure {
        let (Failure::Refused { code, message, path, retryable }, Some(basis)) =
            (failure.clone(), &self.basis)
        else {
            return failure;
        };
        let limits = [
            "LIMIT_REACHED",
            "QUOTA_EXCEEDED",
            "CREDITS_EXHAUSTED",
            "SUBSCRIPTION_REQUIRED",
            "MEMBER_RESTS",
            "FEATURE_NOT_INCLUDED",
        ];
        if !limits.contains(&code) {
            return failure;
        }
        let message =
            format!("{message} (tier {}, subscription event {})", basis.tier, basis.sequence);
        Failure::Refused { code, message, path, retryable }
    }
}
