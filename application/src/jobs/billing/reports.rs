//! What was used, told to the payment provider's meters, each part once.
//!
//! A part has a name of its own, which is in the log before it is told. Whatever is repeated after a
//! crash or silence is told under that name, and the provider counts a name once. It remembers names
//! for a day: what is still unknown then is told no more, so that nobody is charged twice.

use super::{JobFailure, Next, Run, payments};
use crate::{
    billing::meter_of,
    commands::subscription::{IntendReport, RecordReport},
    entitlements,
    jobs::tell,
    ports::payments::{IdempotencyKey, PaymentFailure, UsageReport},
};
use herald_kernel::{CommandId, Instant};
use herald_subscription::{Counter, CustomerRef, OpenReport, Usage, usage_id};
use std::time::Duration;
use uuid::Uuid;

const SECOND: Duration = Duration::from_secs(1);
/// What the provider says of a name that it has counted.
const COUNTED: &str = "duplicate_meter_event";

impl Run<'_> {
    pub(super) async fn report_usage(
        &self,
        usage: Uuid,
        counter: Counter,
    ) -> Result<Next, JobFailure> {
        // Whoever was never a customer is on no bill.
        let Some(customer) = self.state().await?.customer().cloned() else { return Ok(Next::Done) };
        let Some(meter) = meter_of(counter) else { return Ok(Next::Done) };
        if let Some(left_open) = self.open_report(usage).await? {
            self.tell_part((usage, counter), meter, &customer, left_open).await?;
        }
        let step = format!("report/{}", self.desk.ids.uuid());
        tell(self.desk, self.job, step, IntendReport { usage }).await?;
        if let Some(next) = self.open_report(usage).await? {
            self.tell_part((usage, counter), meter, &customer, next).await?;
        }
        Ok(Next::Done)
    }

    async fn open_report(&self, usage: Uuid) -> Result<Option<OpenReport>, JobFailure> {
        let loaded = self.desk.journal.load::<Usage>(usage).await;
        Ok(loaded.map_err(crate::failure::Failure::from)?.state.report())
    }

    /// What is told after its month is over is told as of that month's last second: it belongs on
    /// that month's bill.
    async fn within_its_month(
        &self,
        usage: Uuid,
        counter: Counter,
        at: Instant,
    ) -> Result<Instant, JobFailure> {
        let (desk, account) = (self.desk, self.job.account);
        let mut asked = at;
        for _ in 0..2 {
            let month = entitlements::of_account_at(desk, account, asked).await?.period;
            if usage_id(account, counter, &month).uuid() == usage {
                return Ok(at.min(month.end().minus(SECOND)));
            }
            asked = month.start().minus(SECOND);
        }
        Ok(at)
    }

    async fn tell_part(
        &self,
        (usage, counter): (Uuid, Counter),
        meter: &str,
        customer: &CustomerRef,
        part: OpenReport,
    ) -> Result<(), JobFailure> {
        let name = format!("{usage}:{}", part.upto);
        let seen = self.desk.clock.now().since(part.at) < IdempotencyKey::REPEATABLE;
        if seen {
            let key = IdempotencyKey::of(CommandId::derived(usage, &format!("report/{name}")));
            let report = UsageReport {
                customer: customer.clone(),
                meter: meter.to_owned(),
                value: part.value(),
                identifier: name.clone(),
                at: self.within_its_month(usage, counter, part.at).await?,
            };
            match payments(self.desk)?.meters.report(&key, &report).await {
                Ok(()) => {}
                Err(PaymentFailure::Refused { code, .. }) if code == COUNTED => {}
                Err(failure) => return Err(failure.into()),
            }
        } else {
            let value = part.value();
            tracing::error!(%usage, value, "use was perhaps never reported; it is told no more");
        }
        let record = RecordReport { usage, upto: part.upto, seen };
        tell(self.desk, self.job, format!("reported/{name}"), record).await?;
        Ok(())
    }
}
