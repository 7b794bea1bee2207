//! Bills.

use crate::{
    Stripe,
    call::{Call, id},
    failure::unreadable,
    from_seconds, money, named,
    snapshot::status,
    wire::{Invoice as Wire, List},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    IdempotencyKey, Invoice, InvoicePage, Invoices, PaymentFailure,
};
use herald_subscription::{CustomerRef, InvoiceRef};
use stripe_billing::invoice::{
    FinalizeInvoiceInvoice, ListInvoice, RetrieveInvoice, SendInvoiceInvoice, VoidInvoiceInvoice,
};

#[async_trait]
impl Invoices for Stripe {
    async fn list(
        &self,
        customer: &CustomerRef,
        after: Option<&InvoiceRef>,
        first: u8,
    ) -> Result<InvoicePage, PaymentFailure> {
        let limit = first.clamp(1, 100);
        let mut list = ListInvoice::new().customer(customer.as_str()).limit(limit);
        if let Some(after) = after {
            list = list.starting_after(after.as_str());
        }
        let name = format!("invoices/{limit}/{}", after.map_or("", InvoiceRef::as_str));
        let call = Call::new("list_invoices", &list).kept(customer.as_str(), &name);
        let page: List<Wire> = self.ask(call).await?;
        let invoices: Result<Vec<_>, _> = page.data.iter().map(shown).collect();
        Ok(InvoicePage { invoices: invoices?, more: page.has_more })
    }

    async fn get(
        &self,
        customer: &CustomerRef,
        invoice: &InvoiceRef,
    ) -> Result<Option<Invoice>, PaymentFailure> {
        let Ok(name) = id(invoice.as_str()) else { return Ok(None) };
        // By which payment it was settled shows only when it is asked for.
        let read = RetrieveInvoice::new(name).expand(vec!["payments".to_owned()]);
        let call = Call::new("get_invoice", &read)
            .kept(customer.as_str(), &format!("invoice/{}", invoice.as_str()));
        let found: Wire = match self.ask(call).await {
            Err(failure) if failure.is_missing() => return Ok(None),
            other => other?,
        };
        let shown = shown(&found)?;
        Ok((shown.customer == *customer).then_some(shown))
    }

    async fn finalize(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure> {
        let request = FinalizeInvoiceInvoice::new(id(invoice.as_str())?);
        self.changed(Call::new("finalize_invoice", &request).keyed(key)).await
    }

    async fn void(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure> {
        let request = VoidInvoiceInvoice::new(id(invoice.as_str())?);
        self.changed(Call::new("void_invoice", &request).keyed(key)).await
    }

    async fn send(
        &self,
        key: &IdempotencyKey,
        invoice: &InvoiceRef,
    ) -> Result<Invoice, PaymentFailure> {
        let request = SendInvoiceInvoice::new(id(invoice.as_str())?);
        self.changed(Call::new("send_invoice", &request).keyed(key)).await
    }
}

impl Stripe {
    async fn changed(&self, call: Call) -> Result<Invoice, PaymentFailure> {
        let changed: Wire = self.ask(call).await?;
        let shown = shown(&changed)?;
        self.invalidate(&shown.customer);
        Ok(shown)
    }
}

fn shown(it: &Wire) -> Result<Invoice, PaymentFailure> {
    let amount = |minor| money(minor, &it.currency);
    let customer =
        it.customer.as_ref().ok_or_else(|| unreadable(&"the invoice has no customer"))?;
    Ok(Invoice {
        id: named(&it.id)?,
        customer: named(customer.id())?,
        number: it.number.clone(),
        status: status(it)?,
        subtotal: amount(it.subtotal)?,
        tax: amount(it.tax())?,
        total: amount(it.total)?,
        due: amount(it.amount_due)?,
        paid: amount(it.amount_paid)?,
        created_at: from_seconds(it.created)?,
        due_at: it.due_date.map(from_seconds).transpose()?,
        paid_at: it.paid_at().map(from_seconds).transpose()?,
        period: (from_seconds(it.period_start)?, from_seconds(it.period_end)?),
        subscription: it.subscription().map(named).transpose()?,
        payment: it.payment().map(named).transpose()?,
        page: it.hosted_invoice_url.clone().map(Into::into),
        pdf: it.pdf.clone().map(Into::into),
    })
}
