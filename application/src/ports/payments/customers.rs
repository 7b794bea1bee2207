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
