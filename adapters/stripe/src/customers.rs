//! Who pays.

use crate::{
    ACCOUNT, Stripe,
    call::{Call, id},
    named, notes,
    wire::{Customer, List},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    CustomerDetails, CustomerPage, CustomerSeen, Customers, IdempotencyKey, PaymentFailure,
};
use herald_kernel::{AccountId, Personal};
use herald_subscription::CustomerRef;
use stripe_core::customer::{CreateCustomer, ListCustomer, SearchCustomer, UpdateCustomer};

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

    async fn list(&self, after: Option<&CustomerRef>) -> Result<CustomerPage, PaymentFailure> {
        let mut list = ListCustomer::new().limit(100);
        if let Some(after) = after {
            list = list.starting_after(after.as_str());
        }
        let page: List<Customer> = self.ask(Call::new("list_customers", &list)).await?;
        let more = page.has_more;
        let seen: Result<Vec<_>, _> = page.data.iter().map(seen).collect();
        let customers = seen?;
        let next = customers.last().filter(|_| more).map(|last| last.customer.clone());
        Ok(CustomerPage { customers, next })
    }
}

/// A customer and whose they are. A note that is none of ours says nothing.
fn seen(customer: &Customer) -> Result<CustomerSeen, PaymentFailure> {
    let account = customer.metadata.get(ACCOUNT).and_then(|note| note.parse().ok());
    Ok(CustomerSeen { customer: named(&customer.id)?, account })
}

fn known(value: Option<&Personal<String>>) -> Option<&str> {
    value.and_then(Personal::known).map(String::as_str)
}
