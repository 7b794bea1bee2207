//! Changes at the provider: another tier, the end, going on.

use super::{JobFailure, Next, Run, payments};
use crate::{
    commands::subscription::{
        OnSubscription, RecordCancellation, RecordPlanChange, RecordResumption, catalogue,
    },
    failure::Failure,
    jobs::tell,
    ports::payments::{CancelWhen, PlanChange, Proration, ResumeFrom},
};
use herald_kernel::{CommandId, Instant};
use herald_subscription::{
    CancelAt, Catalogue, MirrorStatus, MirrorSubscription, PriceRef, SubscriptionRef,
};
use std::time::Duration;

/// With so little of the period left, a lower price is not prorated.
const NEARLY_OVER: Duration = Duration::from_secs(2 * 3600);

/// How a change is billed: what costs more is paid at once and begins once it is; what costs less
/// begins with the next bill. Where that bill was written already, the difference is credited.
pub(crate) fn terms(
    catalogue: &Catalogue,
    shown: &MirrorSubscription,
    to: &PriceRef,
    now: Instant,
) -> (Proration, bool) {
    let present = shown
        .items
        .iter()
        .find_map(|item| catalogue.by_price(&item.price).map(|version| (item.interval, version)));
    let wanted = catalogue.by_price(to);
    let interval = wanted.and_then(|version| {
        let name = catalogue.name_of(to)?;
        version.prices.iter().find(|it| it.price == *name).map(|it| it.interval)
    });
    let up = match (present, wanted, interval) {
        (Some((from, has)), Some(gets), Some(to)) => {
            let longer = has.key.tier == gets.key.tier && to.months() >= from.months();
            longer || catalogue.stands_above(&gets.key.tier, &has.key.tier)
        }
        (_, _, _) => true,
    };
    // Beyond the period's end the next bill is written, although no look has shown it yet.
    let over = shown.period_end <= now;
    match shown.period_end.since(now) {
        _ if up => (Proration::BillNow, true),
        left if !over && left <= NEARLY_OVER => (Proration::None, false),
        _ => (Proration::BillNow, false),
    }
}

impl Run<'_> {
    pub(super) async fn change_plan(&self, change: CommandId) -> Result<Next, JobFailure> {
        let state = self.state().await?;
        let wanted = state.change().filter(|it| it.id == change && it.effective_at.is_none());
        let (Some(wanted), Some(live)) = (wanted, state.live()) else { return Ok(Next::Done) };
        let catalogue = catalogue(self.desk)?;
        let now = self.desk.clock.now();
        let (proration, only_when_paid) = terms(catalogue, live, &wanted.price, now);
        let to = PlanChange {
            subscription: live.id.clone(),
            price: catalogue.id_of(&wanted.price).clone(),
            proration,
            only_when_paid,
            as_of: None,
        };
        let payments = payments(self.desk)?;
        let answer = payments.subscriptions.change_plan(&Self::key(change), &to).await;
        let rejected = self.settled(answer)?.err();
        let step = format!("change/{change}");
        let record = OnSubscription(RecordPlanChange { change, rejected });
        tell(self.desk, self.job, step, record).await?;
        self.look().await?;
        Ok(Next::Done)
    }

    pub(super) async fn cancel(
        &self,
        subscription: &SubscriptionRef,
        when: CancelAt,
        because: CommandId,
    ) -> Result<Next, JobFailure> {
        let when = match when {
            CancelAt::PeriodEnd => CancelWhen::AtPeriodEnd,
            CancelAt::Now => CancelWhen::Now,
        };
        let payments = payments(self.desk)?;
        let key = Self::key(because);
        let answer = payments.subscriptions.cancel(&key, subscription, when).await;
        let rejected = self.settled(answer)?.err();
        let record = OnSubscription(RecordCancellation { rejected });
        tell(self.desk, self.job, format!("cancel/{because}"), record).await?;
        self.look().await?;
        Ok(Next::Done)
    }

    pub(super) async fn resume(
        &self,
        subscription: &SubscriptionRef,
        because: CommandId,
    ) -> Result<Next, JobFailure> {
        let state = self.state().await?;
        let paused = state.live().is_some_and(|it| it.status == MirrorStatus::Paused);
        let from = if paused { ResumeFrom::Pause } else { ResumeFrom::ScheduledEnd };
        let payments = payments(self.desk)?;
        let key = Self::key(because);
        let answer = payments.subscriptions.resume(&key, subscription, from).await;
        let rejected = self.settled(answer)?.err();
        let record = OnSubscription(RecordResumption { rejected });
        tell(self.desk, self.job, format!("resume/{because}"), record).await?;
        self.look().await?;
        Ok(Next::Done)
    }

    pub(super) async fn end_trial(
        &self,
        subscription: &SubscriptionRef,
        because: CommandId,
    ) -> Result<Next, JobFailure> {
        let payments = payments(self.desk)?;
        let key = Self::key(because);
        let ended = payments.subscriptions.end_trial(&key, subscription).await;
        if let Err(code) = self.settled(ended)? {
            // Nobody waits for it, and the account has no use of the trial either way.
            let why = format!("a refused trial of {subscription} goes on: {code}");
            return Err(Failure::Internal(why).into());
        }
        self.look().await?;
        Ok(Next::Done)
    }
}
