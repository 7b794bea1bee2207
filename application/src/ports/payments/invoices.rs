//! Bills.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::{Instant, Money};
use herald_subscription::{CustomerRef, InvoiceRef, InvoiceStatus, PaymentRef, SubscriptionRef};
use secrecy::SecretString;

/// Reads bills and moves them on. Reads may come from a cache of a few seconds or minutes that
/// effects and webhooks about the customer empty.
#[async_trait]
pub trait Invoices: Send + Sync {
    /// A customer's bills, newest first, `after` one of them if given.
    async fn list(
        &self,
        customer: &CustomerRef,
        after: Option<&InvoiceRef>,
        first: u8,
    ) -> Result<InvoicePage, PaymentFailure>;

    /// One bill of `customer`; `None` when there is none of that name, or it is another's.
    async fn get(
        &self,
        customer: &CustomerRef,
        invoice: &InvoiceRef,
    ) -> Result<Option<Invoice>, PaymentFailure>;

    /// Makes a draft due.
    async fn finalize(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure>;

    /// Withdraws a bill that is due.
    async fn void(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure>;

    /// Mails a bill to its customer.
    async fn send(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure>;
}

/// A page of bills.
#[derive(Debug, Clone, Default)]
pub struct InvoicePage {
    /// The bills, newest first.
    pub invoices: Vec<Invoice>,
    /// Are there older ones?
    pub more: bool,
}

/// A bill.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// Its name.
    pub id: InvoiceRef,
    /// Who pays it.
    pub customer: CustomerRef,
    /// What it is printed with, once it is final.
    pub number: Option<String>,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// The lines' sum before tax.
    pub subtotal: Money,
    /// The tax.
    pub tax: Money,
    /// The whole, before credit.
    pub total: Money,
    /// What is to be paid.
    pub due: Money,
    /// What was paid of it.
    pub paid: Money,
    /// When it was written.
    pub created_at: Instant,
    /// When it is to be paid by, if that is set.
    pub due_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// The time that it is for.
    pub period: (Instant, Instant),
    /// The subscription that it is for.
    pub subscription: Option<SubscriptionRef>,
    /// The payment that settled it, where the provider names it here.
    pub payment: Option<PaymentRef>,
    /// The provider's page of it: whoever has the address sees the bill and can pay it.
    pub page: Option<SecretString>,
    /// Its PDF: whoever has the address can read it.
    pub pdf: Option<SecretString>,
}
