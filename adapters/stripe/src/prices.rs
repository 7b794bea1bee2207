//! Prices go by their lookup key here, or by Stripe's id where they have none.

use crate::{
    Stripe,
    call::{Call, id},
    failure::unreadable,
    money,
    wire::{List, Price},
};
use herald_application::ports::payments::{PaymentFailure, PriceSeen};
use herald_subscription::{Interval, PriceRef};
use stripe_product::price::{ListPrice, RetrievePrice};

/// The owner of kept prices: no customer has this name.
const SHELF: &str = "catalogue";

impl Stripe {
    /// What `price` is called in requests.
    pub(crate) async fn price_id(&self, price: &PriceRef) -> Result<String, PaymentFailure> {
        if is_id(price) {
            return Ok(price.as_str().to_owned());
        }
        let found = self.look_up(price, true).await?;
        found.map(|it| it.id).ok_or_else(|| PaymentFailure::Refused {
            code: "resource_missing".to_owned(),
            param: Some("price".to_owned()),
            message: format!(
                "no active price has the lookup key {price}; run `herald stripe setup`"
            ),
        })
    }

    /// The price as Stripe has it. Kept for a while when `kept`, since lookup keys hardly move.
    pub(crate) async fn look_up(
        &self,
        price: &PriceRef,
        kept: bool,
    ) -> Result<Option<Price>, PaymentFailure> {
        if is_id(price) {
            let read = RetrievePrice::new(id(price.as_str())?);
            return match self.ask(Call::new("get_price", &read)).await {
                Ok(price) => Ok(Some(price)),
                Err(failure) if failure.is_missing() => Ok(None),
                Err(failure) => Err(failure),
            };
        }
        let read = ListPrice::new().lookup_keys(vec![price.as_str().to_owned()]).limit(1);
        let mut call = Call::new("find_price", &read.active(true));
        if kept {
            call = call.kept(SHELF, price.as_str());
        }
        let found: List<Price> = self.ask(call).await?;
        if found.data.is_empty() {
            // What is not there yet may be there in a moment.
            self.people.invalidate(SHELF, price.as_str());
        }
        Ok(found.data.into_iter().next())
    }

    /// What a price is called here.
    pub(crate) fn price_name(&self, price: &Price) -> Result<PriceRef, PaymentFailure> {
        let by_id: PriceRef = price.id.parse().map_err(|error| unreadable(&error))?;
        if self.settings.price_ids.contains(&by_id) {
            return Ok(by_id);
        }
        Ok(price.lookup_key.as_deref().and_then(|key| key.parse().ok()).unwrap_or(by_id))
    }

    pub(crate) fn price_seen(&self, price: &Price) -> Result<PriceSeen, PaymentFailure> {
        let once_each = |it: &&crate::wire::Recurring| it.interval_count.unwrap_or(1) == 1;
        let interval = price.recurring.as_ref().filter(once_each);
        let interval: Option<Interval> = interval.and_then(|it| it.interval.parse().ok());
        let amount = price.unit_amount.map(|minor| money(minor, &price.currency)).transpose()?;
        Ok(PriceSeen { price: self.price_name(price)?, active: price.active, amount, interval })
    }
}

/// Stripe's ids begin so; lookup keys are ours and do not.
fn is_id(price: &PriceRef) -> bool {
    ["price_", "plan_"].iter().any(|prefix| price.as_str().starts_with(prefix))
}
