//! Who pays.

use crate::{
    ACCOUNT, Stripe,
    call::{Call, id},
    named, notes,
    wire::{Customer, List},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    CustomerDetails, Customers, IdempotencyKey, PaymentFailure,
};
use herald_kernel::{AccountId, Personal};
use herald_subscription::CustomerRef;
use stripe_core::customer::{CreateCustomer, SearchCustomer, UpdateCustomer};

#[async_trait]
impl Customers for Stripe {
    async fn create(
        &self,
        key: &IdempotencyKey,
        account: AccountId,
        details: &CustomerDetails,
    ) -> Result<CustomerRef, PaymentFailure> {
        let mut create = CreateCustomer::new().metadata(notes([(ACCOUNT, account.to_string())]));
        if let Some(email) = known(details.email.as_ref()) {
            create = create.email(email);
        }
        if let Some(name) = known(details.name.as_ref()) {
            create = create.name(name);
        }
        if let Some(language) = &details.language {
            create = create.preferred_locales(vec![language.clone()]);
        }
        let made: Customer = self.ask(Call::new("create_customer", &create).keyed(key)).await?;
        named(&made.id)
    }

    async fn update(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        details: &CustomerDetails,
    ) -> Result<(), PaymentFailure> {
        let mut update = UpdateCustomer::new(id(customer.as_str())?);
        if let Some(email) = known(details.email.as_ref()) {
            update = update.email(email);
        }
        if let Some(name) = known(details.name.as_ref()) {
            update = update.name(name);
        }
        if let Some(language) = &details.language {
            update = update.preferred_locales(vec![language.clone()]);
        }
        let _: Customer = self.ask(Call::new("update_customer", &update).keyed(key)).await?;
        self.invalidate(customer);
        Ok(())
    }

    async fn find(&self, account: AccountId) -> Result<Option<CustomerRef>, PaymentFailure> {
        // An account's id has letters, digits and `_` only: nothing in it ends the quotes.
        let search = SearchCustomer::new(format!("metadata['{ACCOUNT}']:'{account}'")).limit(1);
        let found: List<Customer> = self.ask(Call::new("find_customer", &search)).await?;
        let living = found.data.into_iter().find(|customer| !customer.deleted);
        living.map(|customer| named(&customer.id)).transpose()
    }
}

fn known(value: Option<&Personal<String>>) -> Option<&str> {
    value.and_then(Personal::known).map(String::as_str)
}
