//! What must exist at Stripe before anybody can pay: looked for, compared, and made.
//!
//! Nothing is deleted and no price is changed. Products go by ids of our own, prices by lookup keys,
//! meters by the name of their events, the webhook by its address: so repeating finds what was made.

mod meter;
mod portal;
mod product;
mod webhook;

pub use webhook::EVENTS;

use crate::Stripe;
use async_trait::async_trait;
use herald_application::ports::payments::{
    Difference, IdempotencyKey, PaymentCatalogue, PaymentFailure, PriceSeen, Setup, SetupDone,
};
use herald_subscription::PriceRef;
use serde::de::DeserializeOwned;

/// A run of the set-up: with a key it also makes and mends.
pub(crate) struct Run<'a> {
    stripe: &'a Stripe,
    key: Option<&'a IdempotencyKey>,
    done: SetupDone,
}

#[async_trait]
impl PaymentCatalogue for Stripe {
    async fn plan(&self, wanted: &Setup) -> Result<Vec<Difference>, PaymentFailure> {
        Ok(Run { stripe: self, key: None, done: SetupDone::default() }
            .through(wanted)
            .await?
            .differences)
    }

    async fn apply(
        &self,
        key: &IdempotencyKey,
        wanted: &Setup,
    ) -> Result<SetupDone, PaymentFailure> {
        Run { stripe: self, key: Some(key), done: SetupDone::default() }.through(wanted).await
    }

    async fn price(&self, price: &PriceRef) -> Result<Option<PriceSeen>, PaymentFailure> {
        let found = self.look_up(price, false).await?;
        found.map(|it| self.price_seen(&it)).transpose()
    }
}

impl Run<'_> {
    async fn through(mut self, wanted: &Setup) -> Result<SetupDone, PaymentFailure> {
        for product in &wanted.products {
            self.product(product).await?;
        }
        for meter in &wanted.meters {
            self.meter(meter).await?;
        }
        if let Some(portal) = &wanted.portal {
            self.portal(portal).await?;
        }
        if let Some(webhook) = &wanted.webhook {
            self.webhook(webhook).await?;
        }
        Ok(self.done)
    }

    /// Notes that something is missing and says with which key to make it, if it is to be made.
    fn missing(&mut self, thing: &'static str, name: &str) -> Option<IdempotencyKey> {
        self.done.differences.push(Difference::Missing { thing, name: name.to_owned() });
        self.key.map(|key| key.part(&part(thing, name)))
    }

    /// Notes a difference and says with which key to mend it, if that can and should be done.
    fn differs(
        &mut self,
        thing: &'static str,
        name: &str,
        field: &'static str,
        (wanted, found): (String, String),
        mendable: bool,
    ) -> Option<IdempotencyKey> {
        let name = name.to_owned();
        let mended = part(field, &name);
        let difference = Difference::Differs { thing, name, field, wanted, found, mendable };
        self.done.differences.push(difference);
        self.key.filter(|_| mendable).map(|key| key.part(&mended))
    }
}

/// Part of an idempotency key: 255 characters in all, and addresses may be longer.
fn part(word: &str, name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).take(120).collect();
    format!("{word}/{kept}")
}

/// `None` for what Stripe does not know.
fn found<T: DeserializeOwned>(
    answer: Result<T, PaymentFailure>,
) -> Result<Option<T>, PaymentFailure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure),
    }
}
