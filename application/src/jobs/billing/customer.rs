//! The account, as the payment provider knows it: one customer, however often it is asked for.

use super::{JobFailure, Run, payments};
use crate::{
    commands::subscription::{IntendCustomer, LinkCustomer, OnSubscription},
    failure::Failure,
    jobs::tell,
    ports::payments::{CustomerDetails, IdempotencyKey, KeyConflict, PaymentFailure},
    reading::read_document,
    views::accounts::{self, AccountDoc, MemberStatus},
};
use herald_account::Role;
use herald_kernel::{CommandId, Instant};
use herald_subscription::CustomerRef;

impl Run<'_> {
    /// The account's customer, made now if there is none; or why the provider made none.
    pub(super) async fn customer(&self) -> Result<Result<CustomerRef, PaymentFailure>, JobFailure> {
        if let Some(known) = self.state().await?.customer() {
            return Ok(Ok(known.clone()));
        }
        tell(self.desk, self.job, "customer/intended", OnSubscription(IntendCustomer)).await?;
        let since = self.state().await?.customer_intended_at();
        let customer = match self.made(since).await {
            Ok(customer) => customer,
            Err(failure) => return Ok(Err(failure)),
        };
        let step = format!("customer/{customer}");
        let link = LinkCustomer { customer: customer.clone() };
        tell(self.desk, self.job, step, OnSubscription(link)).await?;
        Ok(Ok(customer))
    }

    async fn made(&self, since: Option<Instant>) -> Result<CustomerRef, PaymentFailure> {
        let (account, payments) = (self.job.account, payments(self.desk)?);
        if self.is_old(since)
            && let Some(found) = payments.customers.find(account).await?
        {
            return Ok(found);
        }
        let key = IdempotencyKey::of(CommandId::derived(account.uuid(), "customer"));
        let details = self.details().await.unwrap_or_default();
        match payments.customers.create(&key, account, &details).await {
            // The same wish with other details: somebody was renamed between two tries.
            Err(PaymentFailure::IdempotencyConflict(KeyConflict::OtherParameters)) => {
                if let Some(found) = payments.customers.find(account).await? {
                    return Ok(found);
                }
                let bare = CustomerDetails::default();
                payments.customers.create(&key.part("bare"), account, &bare).await
            }
            answer => answer,
        }
    }

    /// Bills go to the first owner.
    async fn details(&self) -> Result<CustomerDetails, Failure> {
        let account = self.job.account;
        let (views, version) =
            (&self.desk.stores.views, self.desk.progress.version(accounts::NAME));
        let row = views.get(accounts::NAME, version, account, &account.to_string()).await?;
        let Some(row) = row else { return Ok(CustomerDetails::default()) };
        let doc: AccountDoc = read_document(&row)?;
        let owns =
            |it: &&accounts::MemberDoc| it.role == Role::Owner && it.state == MemberStatus::Active;
        let owner = doc.members.iter().find(owns);
        Ok(CustomerDetails {
            email: owner.and_then(|it| it.email.clone()).map(Into::into),
            name: doc.business.map(Into::into),
            language: None,
        })
    }
}
