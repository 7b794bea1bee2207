//! Tiers and packs, and what they cost.

use super::{Run, found};
use crate::{
    call::{Call, id},
    their_currency,
    wire::Price,
};
use herald_application::ports::payments::{PaymentFailure, WantedPrice, WantedProduct};
use herald_subscription::Interval;
use serde::Deserialize;
use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval},
    product::{CreateProduct, RetrieveProduct, UpdateProduct},
};
use stripe_shared::PriceTaxBehavior;

#[derive(Debug, Deserialize)]
struct Product {
    #[serde(default)]
    name: String,
    #[serde(default)]
    active: Option<bool>,
}

impl Run<'_> {
    pub(super) async fn product(&mut self, wanted: &WantedProduct) -> Result<(), PaymentFailure> {
        let stripe = self.stripe;
        let read = RetrieveProduct::new(id(&wanted.id)?);
        let there: Option<Product> = found(stripe.ask(Call::new("get_product", &read)).await)?;
        match there {
            None => {
                if let Some(key) = self.missing("product", &wanted.id) {
                    let create = CreateProduct::new(wanted.name.as_str()).id(wanted.id.as_str());
                    let call = Call::new("create_product", &create).keyed(&key);
                    let _: Product = stripe.ask(call).await?;
                }
            }
            Some(there) => self.mend_product(wanted, &there).await?,
        }
        for price in &wanted.prices {
            self.price(wanted, price).await?;
        }
        Ok(())
    }

    async fn mend_product(
        &mut self,
        wanted: &WantedProduct,
        there: &Product,
    ) -> Result<(), PaymentFailure> {
        let update = UpdateProduct::new(id(&wanted.id)?);
        if there.name != wanted.name {
            let differ = (wanted.name.clone(), there.name.clone());
            if let Some(key) = self.differs("product", &wanted.id, "name", differ, true) {
                let update = update.clone().name(wanted.name.as_str());
                let call = Call::new("update_product", &update).keyed(&key);
                let _: Product = self.stripe.ask(call).await?;
            }
        }
        if there.active == Some(false) {
            let differ = ("true".to_owned(), "false".to_owned());
            if let Some(key) = self.differs("product", &wanted.id, "active", differ, true) {
                let call = Call::new("update_product", &update.active(true)).keyed(&key);
                let _: Product = self.stripe.ask(call).await?;
            }
        }
        Ok(())
    }

    async fn price(
        &mut self,
        product: &WantedProduct,
        wanted: &WantedPrice,
    ) -> Result<(), PaymentFailure> {
        let name = wanted.price.as_str();
        let Some(there) = self.stripe.look_up(&wanted.price, false).await? else {
            let Some(key) = self.missing("price", name) else { return Ok(()) };
            return self.make_price(product, wanted, &key).await;
        };
        let there = self.stripe.price_seen(&there)?;
        let amount = there.amount.map_or_else(|| "none".to_owned(), shown);
        let differ = (shown(wanted.amount), amount);
        if differ.0 != differ.1 {
            self.differs("price", name, "amount", differ, false);
        }
        let word = |it: Option<Interval>| it.map_or("once", Interval::as_str).to_owned();
        let differ = (word(wanted.interval), word(there.interval));
        if differ.0 != differ.1 {
            self.differs("price", name, "interval", differ, false);
        }
        Ok(())
    }

    async fn make_price(
        &self,
        product: &WantedProduct,
        wanted: &WantedPrice,
        key: &herald_application::ports::payments::IdempotencyKey,
    ) -> Result<(), PaymentFailure> {
        let mut create = CreatePrice::new(their_currency(wanted.amount.currency))
            .product(product.id.as_str())
            .unit_amount(wanted.amount.minor)
            .lookup_key(wanted.price.as_str())
            .tax_behavior(PriceTaxBehavior::Exclusive);
        if let Some(interval) = wanted.interval {
            create = create.recurring(CreatePriceRecurring::new(match interval {
                Interval::Month => CreatePriceRecurringInterval::Month,
                Interval::Year => CreatePriceRecurringInterval::Year,
            }));
        }
        let call = Call::new("create_price", &create).keyed(key);
        self.stripe.ask::<Price>(call).await.map(drop)
    }
}

fn shown(amount: herald_kernel::Money) -> String {
    format!("{} {}", amount.minor, amount.currency)
}
