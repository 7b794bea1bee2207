//! Money that moves once: a payment without a checkout, and giving money back.

use super::{IdempotencyKey, MethodRef, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::{AccountId, Money};
use herald_subscription::{CustomerRef, PaymentRef};
use secrecy::SecretString;

/// Charges once and gives back.
#[async_trait]
pub trait Purchases: Send + Sync {
    /// Asks for a payment. With a way to pay it is charged at once; without one, the payer's
    /// browser finishes it with the payment's secret.
    async fn pay(
        &self,
        key: &IdempotencyKey,
        request: &PaymentRequest,
    ) -> Result<Payment, PaymentFailure>;

    /// How a payment stands. Read at the provider each time.
    async fn read(&self, payment: &PaymentRef) -> Result<Payment, PaymentFailure>;

    /// Gives a payment back, whole for `None`. Implementations MUST note the key in what they make.
    async fn refund(
        &self,
        key: &IdempotencyKey,
        payment: &PaymentRef,
        amount: Option<Money>,
    ) -> Result<Refund, PaymentFailure>;

    /// What was given back of a payment under this key, however long ago.
    async fn refunded(
        &self,
        key: &IdempotencyKey,
        payment: &PaymentRef,
    ) -> Result<Option<Refund>, PaymentFailure>;
}

/// A payment to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Whose purchase it is.
    pub account: AccountId,
    /// Who pays.
    pub customer: CustomerRef,
    /// How much, tax included.
    pub amount: Money,
    /// What the payer reads.
    pub description: String,
    /// What is charged at once, with the payer away.
    pub method: Option<MethodRef>,
}

/// A payment.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Its name.
    pub id: PaymentRef,
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much.
    pub amount: Money,
    /// What has arrived.
    pub received: Money,
    /// The account that it was asked for.
    pub account: Option<AccountId>,
    /// Who pays.
    pub customer: Option<CustomerRef>,
    /// What lets the payer's browser finish it.
    pub client_secret: Option<SecretString>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// A way to pay is missing, or the last one was declined.
    NeedsMethod,
    /// The payer must confirm it.
    NeedsAction,
    /// It is under way; some ways to pay take days.
    Processing,
    /// Paid.
    Succeeded,
    /// Given up.
    Canceled,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The provider's name for it.
    pub id: String,
    /// How much.
    pub amount: Money,
    /// Is it done? Otherwise it is on its way, and a webhook says when.
    pub done: bool,
}
