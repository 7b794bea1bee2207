//! A payment provider, seen from inside: customers, checkouts, subscriptions, bills, meters.
//!
//! Every effect takes an [`IdempotencyKey`] that follows from the command which wanted it, so that
//! the same effect asked for twice happens once. What fails, fails as a [`PaymentFailure`].
//! Who pays and what for is the provider's word only; rules live in the domain. What the provider
//! tells us unasked comes through `WebhookSource`, and what it told while nobody listened through
//! `EventListing`.

mod catalogue;
mod checkouts;
mod customers;
mod failure;
mod idempotency;
mod invoices;
mod meters;
mod methods;
mod purchases;
mod subscriptions;

pub use catalogue::{
    Difference, PaymentCatalogue, PriceSeen, Setup, SetupDone, WantedMeter, WantedPortal,
    WantedPrice, WantedProduct, WantedWebhook,
};
pub use checkouts::{
    CheckoutSeen, CheckoutStatus, Checkouts, CreditPurchase, OpenedCheckout, OpenedPortal,
    PortalVisit, ReturnAddresses, SubscriptionCheckout, TrialOffer,
};
pub use customers::{CustomerDetails, CustomerPage, CustomerSeen, Customers};
pub use failure::{CardAdvice, KeyConflict, PaymentFailure, Reached};
pub use herald_subscription::MethodRef;
pub use idempotency::IdempotencyKey;
pub use invoices::{Invoice, InvoicePage, Invoices};
pub use meters::{Meters, UsageReport};
pub use methods::{PaymentMethod, PaymentMethods};
pub use purchases::{Payment, PaymentRequest, PaymentStatus, Purchases, Refund};
pub use subscriptions::{
    CancelWhen, ChangePreview, NewSubscription, PlanChange, PreviewLine, Proration, ResumeFrom,
    Subscriptions,
};
