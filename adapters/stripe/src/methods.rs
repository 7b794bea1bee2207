//! Ways to pay.

use crate::{
    Stripe,
    call::{Call, id, missing},
    wire::{Customer, List, Method, Named},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    IdempotencyKey, MethodRef, PaymentFailure, PaymentMethod, PaymentMethods,
};
use herald_subscription::{CardSeen, CustomerRef};
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::Sha256;
use std::fmt::Write as _;
use stripe_core::customer::{
    ListPaymentMethodsCustomer, RetrieveCustomer, UpdateCustomer, UpdateCustomerInvoiceSettings,
};
use stripe_payment::payment_method::{
    AttachPaymentMethod, DetachPaymentMethod, RetrievePaymentMethod,
};

#[async_trait]
impl PaymentMethods for Stripe {
    async fn list(&self, customer: &CustomerRef) -> Result<Vec<PaymentMethod>, PaymentFailure> {
        let name = id(customer.as_str())?;
        let list = ListPaymentMethodsCustomer::new(name).limit(100);
        let call = Call::new("list_payment_methods", &list).kept(name, "methods");
        let methods: List<Method> = self.ask(call).await?;
        let read = RetrieveCustomer::new(name);
        let call = Call::new("get_customer", &read).kept(name, "customer");
        let payer: Customer = self.ask(call).await?;
        let default = payer.default_method().map(Named::name);
        methods.data.iter().map(|it| self.method_seen(it, default == Some(&it.id))).collect()
    }

    async fn attach(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<PaymentMethod, PaymentFailure> {
        let attach = AttachPaymentMethod::new(id(method.as_str())?).customer(customer.as_str());
        let call = Call::new("attach_payment_method", &attach).keyed(key);
        let attached: Method = self.ask(call).await?;
        self.invalidate(customer);
        self.method_seen(&attached, false)
    }

    async fn make_default(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<(), PaymentFailure> {
        let mut settings = UpdateCustomerInvoiceSettings::new();
        settings.default_payment_method = Some(method.as_str().to_owned());
        let update = UpdateCustomer::new(id(customer.as_str())?).invoice_settings(settings);
        let _: Customer = self.ask(Call::new("set_default_method", &update).keyed(key)).await?;
        self.invalidate(customer);
        Ok(())
    }

    async fn detach(
        &self,
        key: &IdempotencyKey,
        customer: &CustomerRef,
        method: &MethodRef,
    ) -> Result<(), PaymentFailure> {
        let name = id(method.as_str())?;
        let read = RetrievePaymentMethod::new(name);
        let seen: Method = self.ask(Call::new("get_payment_method", &read)).await?;
        match seen.customer.as_ref().map(Named::id) {
            Some(owner) if owner == customer.as_str() => {}
            // Detached before, by an earlier try or by somebody: it is as it should be.
            None => return Ok(()),
            Some(_) => return Err(missing("payment_method", "the customer has no such method")),
        }
        let detach = DetachPaymentMethod::new(name);
        let _: Method = self.ask(Call::new("detach_payment_method", &detach).keyed(key)).await?;
        self.invalidate(customer);
        Ok(())
    }
}

impl Stripe {
    fn method_seen(
        &self,
        method: &Method,
        is_default: bool,
    ) -> Result<PaymentMethod, PaymentFailure> {
        let name = MethodRef::try_new(method.id.as_str());
        Ok(PaymentMethod {
            id: name.map_err(|error| crate::failure::unreadable(&error))?,
            kind: method.kind.clone(),
            card: self.card_seen(method),
            is_default,
        })
    }

    /// A card, as far as a log may know it.
    pub(crate) fn card_seen(&self, method: &Method) -> Option<CardSeen> {
        let card = method.card.as_ref()?;
        // A card without a fingerprint is like no other card.
        let known_by = card.fingerprint.as_deref().unwrap_or(&method.id);
        Some(CardSeen {
            fingerprint: keyed(self.settings.card_key.expose_secret(), known_by)?,
            brand: card.brand.clone().unwrap_or_default(),
            last4: card.last4.clone().unwrap_or_default(),
            exp_month: card.exp_month,
            exp_year: card.exp_year,
        })
    }
}

/// HMAC-SHA-256 in hexadecimal: equal cards stay equal, and nothing leads back to Stripe's name.
fn keyed(key: &str, fingerprint: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(b"herald.card.v1\n");
    mac.update(fingerprint.as_bytes());
    let mut hex = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}
