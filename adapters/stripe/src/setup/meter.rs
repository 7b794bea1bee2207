//! Meters.

use super::Run;
use crate::{
    call::Call,
    meters::{HOW_MUCH, WHO},
    wire::List,
};
use herald_application::ports::payments::{PaymentFailure, WantedMeter};
use serde::Deserialize;
use stripe_billing::{
    BillingMeterStatus,
    billing_meter::{
        CreateBillingMeter, CreateBillingMeterCustomerMapping,
        CreateBillingMeterCustomerMappingType, CreateBillingMeterDefaultAggregation,
        CreateBillingMeterDefaultAggregationFormula, CreateBillingMeterValueSettings,
        ListBillingMeter,
    },
};

#[derive(Debug, Deserialize)]
struct Meter {
    event_name: String,
    #[serde(default)]
    default_aggregation: Option<Aggregation>,
}

#[derive(Debug, Deserialize)]
struct Aggregation {
    formula: String,
}

impl Run<'_> {
    pub(super) async fn meter(&mut self, wanted: &WantedMeter) -> Result<(), PaymentFailure> {
        let list = ListBillingMeter::new().status(BillingMeterStatus::Active).limit(100);
        let there: List<Meter> = self.stripe.ask(Call::new("list_meters", &list)).await?;
        let Some(there) = there.data.into_iter().find(|it| it.event_name == wanted.event) else {
            let Some(key) = self.missing("meter", &wanted.event) else { return Ok(()) };
            let call = Call::new("create_meter", &create(wanted)).keyed(&key);
            return self.stripe.ask::<Meter>(call).await.map(drop);
        };
        let formula = there.default_aggregation.map_or_else(String::new, |it| it.formula);
        if formula != "sum" {
            // Stripe does not let it be changed.
            let differ = ("sum".to_owned(), formula);
            self.differs("meter", &wanted.event, "aggregation", differ, false);
        }
        Ok(())
    }
}

fn create(wanted: &WantedMeter) -> CreateBillingMeter {
    let sum = CreateBillingMeterDefaultAggregationFormula::Sum;
    let by_id = CreateBillingMeterCustomerMappingType::ById;
    CreateBillingMeter::new(
        CreateBillingMeterDefaultAggregation::new(sum),
        wanted.name.as_str(),
        wanted.event.as_str(),
    )
    .customer_mapping(CreateBillingMeterCustomerMapping::new(WHO, by_id))
    .value_settings(CreateBillingMeterValueSettings::new(HOW_MUCH))
}
