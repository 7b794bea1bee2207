//! Cards and other ways to pay that a customer has left with the provider.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_subscription::{CardSeen, CustomerRef, MethodRef};

/// Reads and changes a customer's ways to pay. Reads may come from a cache, as those of bills.
#[async_trait]
pub trait PaymentMethods: Send + Sync {
    /// Every way to pay that `customer` left.
    async fn list(&self, customer: &CustomerRef) -> Result<Vec<PaymentMethod>, PaymentFailure>;

    /// Gives a way to pay, which the payer made on the provider's page, to `customer`.
    async fn attach(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<PaymentMethod, PaymentFailure>;

    /// Charges `method` from now on.
    async fn make_default(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<(), PaymentFailure>;

    /// Forgets a way to pay.
    async fn detach(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<(), PaymentFailure>;
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethod {
    /// Its name.
    pub id: MethodRef,
    /// Such as `card` or `sepa_debit`.
    pub kind: String,
    /// The card, if it is one.
    pub card: Option<CardSeen>,
    /// Is it the one that is charged?
    pub is_default: bool,
}
