//! What the payment provider of tests is never asked for, or has none of.

use super::{FakePayments, NO};
use crate::ports::payments::*;
use async_trait::async_trait;
use herald_subscription::{CustomerRef, InvoiceRef, PriceRef};

#[async_trait]
impl Invoices for FakePayments {
    async fn list(
        &self,
        _: &CustomerRef,
        _: Option<&InvoiceRef>,
        _: u8,
    ) -> Result<InvoicePage, PaymentFailure> {
        Ok(InvoicePage::default())
    }

    async fn get(
        &self,
        _: &CustomerRef,
        _: &InvoiceRef,
    ) -> Result<Option<Invoice>, PaymentFailure> {
        Ok(None)
    }

    async fn finalize(
        &self,
        _: &IdempotencyKey,
        _: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure> {
        Err(NO)
    }

    async fn void(&self, _: &IdempotencyKey, _: &InvoiceRef) -> Result<Invoice, PaymentFailure> {
        Err(NO)
    }

    async fn send(&self, _: &IdempotencyKey, _: &InvoiceRef) -> Result<Invoice, PaymentFailure> {
        Err(NO)
    }
}

#[async_trait]
impl PaymentMethods for FakePayments {
    async fn list(&self, _: &CustomerRef) -> Result<Vec<PaymentMethod>, PaymentFailure> {
        Ok(Vec::new())
    }

    async fn attach(
        &self,
        _: &IdempotencyKey,
        _: &CustomerRef,
        _: &MethodRef,
    ) -> Result<PaymentMethod, PaymentFailure> {
        Err(NO)
    }

    async fn make_default(
        &self,
        _: &IdempotencyKey,
        _: &CustomerRef,
        _: &MethodRef,
    ) -> Result<(), PaymentFailure> {
        Err(NO)
    }

    async fn detach(
        &self,
        _: &IdempotencyKey,
        _: &CustomerRef,
        _: &MethodRef,
    ) -> Result<(), PaymentFailure> {
        Err(NO)
    }
}

#[async_trait]
impl PaymentCatalogue for FakePayments {
    async fn plan(&self, _: &Setup) -> Result<Vec<Difference>, PaymentFailure> {
        Ok(Vec::new())
    }

    async fn apply(&self, _: &IdempotencyKey, _: &Setup) -> Result<SetupDone, PaymentFailure> {
        Ok(SetupDone::default())
    }

    async fn price(&self, _: &PriceRef) -> Result<Option<PriceSeen>, PaymentFailure> {
        Ok(None)
    }
}
