//! What was used, told to the payment provider: intended before it is told, noted after.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_subscription::{Counter, Overage, Period, Usage, UsageCommand as Command, UsageContext};
use herald_terms::Quota;
use serde::Serialize;
use uuid::Uuid;

/// Have the payment provider told what of a counter it was not told yet.
#[derive(Debug, Serialize)]
pub struct IntendReport {
    /// The counter's stream.
    pub usage: Uuid,
}

/// Note how telling it ended.
#[derive(Debug, Serialize)]
pub struct RecordReport {
    /// The counter's stream.
    pub usage: Uuid,
    /// What was used until the report's end.
    pub upto: u64,
    /// Did the provider say that it took it down?
    pub seen: bool,
}

#[async_trait]
impl UseCase for IntendReport {
    const WHO: Who = Who::Jobs("intendUsageReport");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.usage)
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        tell(work, self.usage, Command::IntendReport).await
    }

    fn replayed(&self, _: Naming) {}
}

#[async_trait]
impl UseCase for RecordReport {
    const WHO: Who = Who::Jobs("recordUsageReport");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.usage)
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let command = Command::RecordReport { upto: self.upto, seen: self.seen };
        tell(work, self.usage, command).await
    }

    fn replayed(&self, _: Naming) {}
}

async fn tell(work: &mut Work<'_>, usage: Uuid, command: Command) -> Result<(), Failure> {
    let mut usage = work.load::<Usage>(usage).await?;
    // To tell of what was used asks for no quota, so none can refuse it.
    let context = UsageContext {
        now: work.now,
        counter: Counter::ApiCalls,
        period: Period::calendar_month(work.now),
        quota: Quota::Unlimited,
        overage: Overage::default(),
    };
    work.decide(&mut usage, command, &context).await
}
