//! Who pays.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::{AccountId, Personal};
use herald_subscription::CustomerRef;

/// Keeps payers at the provider: one per account.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Makes a customer for `account`.
    async fn create(
        &self,
        key: &IdempotencyKey,
        account: AccountId,
        details: &CustomerDetails,
    ) -> Result<CustomerRef, PaymentFailure>;

    /// Writes the details that are given, and leaves the others as they are.
    async fn update(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        details: &CustomerDetails,
    ) -> Result<(), PaymentFailure>;

    /// The customer that was made for `account`, if there is one. The provider's search lags by
    /// about a minute: for imports and repairs, not for what was just done.
    async fn find(&self, account: AccountId) -> Result<Option<CustomerRef>, PaymentFailure>;

    /// A page of customers, for importing them; `after` is the page before's `next`.
    async fn list(&self, after: Option<&CustomerRef>) -> Result<CustomerPage, PaymentFailure>;
}

/// Some of the customers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerPage {
    /// Who they are.
    pub customers: Vec<CustomerSeen>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<CustomerRef>,
}

/// A payer, as a list shows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerSeen {
    /// Their name at the provider.
    pub customer: CustomerRef,
    /// The account that we noted when we made them.
    pub account: Option<AccountId>,
}

/// What the provider is told about a payer. What is `None` or forgotten is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerDetails {
    /// Where bills go.
    pub email: Option<Personal<String>>,
    /// The name on bills.
    pub name: Option<Personal<String>>,
    /// The language of bills and pages, such as `de`.
    pub language: Option<String>,
}
