//! What was used.

use crate::{Stripe, call::Call, notes, seconds};
use async_trait::async_trait;
use herald_application::ports::payments::{IdempotencyKey, Meters, PaymentFailure, UsageReport};
use serde::de::IgnoredAny;
use stripe_billing::billing_meter_event::CreateBillingMeterEvent;

/// The parts of a report that a meter reads.
pub(crate) const WHO: &str = "stripe_customer_id";
pub(crate) const HOW_MUCH: &str = "value";

#[async_trait]
impl Meters for Stripe {
    async fn report(
        &self,
        key: &IdempotencyKey,
        report: &UsageReport,
    ) -> Result<(), PaymentFailure> {
        let payload =
            notes([(WHO, report.customer.to_string()), (HOW_MUCH, report.value.to_string())]);
        let create = CreateBillingMeterEvent::new(report.meter.as_str(), payload)
            .identifier(report.identifier.as_str())
            .timestamp(seconds(report.at));
        let _: IgnoredAny = self.ask(Call::new("report_usage", &create).keyed(key)).await?;
        Ok(())
    }
}
