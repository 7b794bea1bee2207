//! The provider's own pages, on which people pay and look after what they pay for.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, Money};
use herald_subscription::{
    CheckoutRef, CustomerRef, PaymentRef, PriceRef, SubscriptionRef, TaxRateRef,
};
use secrecy::SecretString;
use url::Url;

/// Opens pages at the provider. Card data is typed there and never here.
#[async_trait]
pub trait Checkouts: Send + Sync {
    /// Opens a page that begins a subscription.
    async fn open_subscription(
        &self,
        key: &IdempotencyKey,
        checkout: &SubscriptionCheckout,
    ) -> Result<OpenedCheckout, PaymentFailure>;

    /// Opens a page that sells a pack of credits once.
    async fn open_purchase(
        &self,
        key: &IdempotencyKey,
        purchase: &CreditPurchase,
    ) -> Result<OpenedCheckout, PaymentFailure>;

    /// How a checkout stands. Read at the provider each time.
    async fn read(&self, checkout: &CheckoutRef) -> Result<CheckoutSeen, PaymentFailure>;

    /// Closes a page that nobody has paid on yet.
    async fn expire(
        &self,
        key: &IdempotencyKey,
        checkout: &CheckoutRef,
    ) -> Result<(), PaymentFailure>;

    /// Opens the page where a customer sees bills and changes cards. Its address works for minutes.
    async fn open_portal(
        &self,
        key: &IdempotencyKey,
        visit: &PortalVisit,
    ) -> Result<OpenedPortal, PaymentFailure>;
}

/// A page that begins a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCheckout {
    /// Whose subscription it will be.
    pub account: AccountId,
    /// Who pays.
    pub customer: CustomerRef,
    /// What is bought, once.
    pub price: PriceRef,
    /// Days before the first payment, if any.
    pub trial: Option<TrialOffer>,
    /// Whether codes for discounts can be typed.
    pub promotion_codes: bool,
    /// Whether the provider works out the tax.
    pub automatic_tax: bool,
    /// What is put on every bill as tax, where the provider does not work it out.
    pub tax_rates: Vec<TaxRateRef>,
    /// Where people go afterwards.
    pub return_to: ReturnAddresses,
    /// When the page closes by itself, 30 minutes to 24 hours from now; `None`: 24 hours.
    pub expires_at: Option<Instant>,
}

/// A trial, as the page offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialOffer {
    /// For how many days.
    pub days: u32,
    /// Whether a card is asked for at once. Without one, the subscription pauses when the trial ends.
    pub card_required: bool,
}

/// A page that sells a pack of credits once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditPurchase {
    /// Whose credits they will be.
    pub account: AccountId,
    /// Who pays.
    pub customer: CustomerRef,
    /// The pack.
    pub price: PriceRef,
    /// How many packs.
    pub quantity: u32,
    /// Whether codes for discounts can be typed.
    pub promotion_codes: bool,
    /// Whether the provider works out the tax.
    pub automatic_tax: bool,
    /// What is put on every bill as tax, where the provider does not work it out.
    pub tax_rates: Vec<TaxRateRef>,
    /// Where people go afterwards.
    pub return_to: ReturnAddresses,
    /// When the page closes by itself; `None`: 24 hours.
    pub expires_at: Option<Instant>,
}

/// Where people go from the provider's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddresses {
    /// After paying.
    pub success: Url,
    /// After turning back.
    pub cancel: Url,
}

/// An open page.
#[derive(Debug, Clone)]
pub struct OpenedCheckout {
    /// Its name.
    pub id: CheckoutRef,
    /// Its address. Who has it can pay, and sees the payer's address.
    pub url: SecretString,
    /// When it closes.
    pub expires_at: Instant,
}

/// How a checkout stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSeen {
    /// Its name.
    pub id: CheckoutRef,
    /// Whether it is open, done or closed.
    pub status: CheckoutStatus,
    /// Whether the money is there, or none was due. Some ways to pay take days after `Complete`.
    pub paid: bool,
    /// The account that it was opened for.
    pub account: Option<AccountId>,
    /// Who pays.
    pub customer: Option<CustomerRef>,
    /// The subscription that it began.
    pub subscription: Option<SubscriptionRef>,
    /// The payment that it took.
    pub payment: Option<PaymentRef>,
    /// What was bought, with how many of each.
    pub bought: Vec<(PriceRef, u32)>,
    /// What was paid, tax included.
    pub total: Option<Money>,
}

/// Whether a checkout is open, done or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutStatus {
    /// Somebody may still pay.
    Open,
    /// Somebody went through it.
    Complete,
    /// Nobody did in time.
    Expired,
}

/// A visit to the provider's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalVisit {
    /// Who visits.
    pub customer: CustomerRef,
    /// Where the way back leads.
    pub return_to: Url,
}

/// An open portal.
#[derive(Debug, Clone)]
pub struct OpenedPortal {
    /// Its address: whoever has it acts as the customer.
    pub url: SecretString,
}
