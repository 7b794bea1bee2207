//! Stripe's pages: checkout and portal.

use crate::{
    ACCOUNT, Stripe,
    call::{Call, id},
    failure::unreadable,
    from_seconds, money, named, notes, seconds,
    wire::{Named, Session},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    CheckoutSeen, CheckoutStatus, Checkouts, CreditPurchase, IdempotencyKey, OpenedCheckout,
    OpenedPortal, PaymentFailure, PortalVisit, ReturnAddresses, SubscriptionCheckout, TrialOffer,
};
use herald_kernel::{AccountId, Instant};
use herald_subscription::{CheckoutRef, CustomerRef, PriceRef, TaxRateRef};
use serde::Deserialize;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAutomaticTax, CreateCheckoutSessionCustomerUpdate,
    CreateCheckoutSessionCustomerUpdateAddress, CreateCheckoutSessionCustomerUpdateName,
    CreateCheckoutSessionLineItems, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentMethodCollection, CreateCheckoutSessionSubscriptionData,
    CreateCheckoutSessionSubscriptionDataTrialSettings,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehavior,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehaviorMissingPaymentMethod as MissingMethod,
    CreateCheckoutSessionTaxIdCollection, ExpireCheckoutSession, RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionMode;

/// What both kinds of checkout have in common.
struct Common<'a> {
    account: AccountId,
    customer: &'a CustomerRef,
    price: &'a PriceRef,
    quantity: u64,
    promotion_codes: bool,
    automatic_tax: bool,
    /// What is put on the one line as tax; a subscription has its own.
    line_taxes: &'a [TaxRateRef],
    /// Is there a tax by the rule table, on the line or on the subscription?
    taxed: bool,
    return_to: &'a ReturnAddresses,
    expires_at: Option<Instant>,
}

#[async_trait]
impl Checkouts for Stripe {
    async fn open_subscription(
        &self,
        key: &IdempotencyKey,
        checkout: &SubscriptionCheckout,
    ) -> Result<OpenedCheckout, PaymentFailure> {
        let common = Common {
            account: checkout.account,
            customer: &checkout.customer,
            price: &checkout.price,
            quantity: 1,
            promotion_codes: checkout.promotion_codes,
            automatic_tax: checkout.automatic_tax,
            line_taxes: &[],
            taxed: !checkout.tax_rates.is_empty(),
            return_to: &checkout.return_to,
            expires_at: checkout.expires_at,
        };
        let mut create = self.session(CheckoutSessionMode::Subscription, &common).await?;
        let mut data = CreateCheckoutSessionSubscriptionData::new();
        if !checkout.tax_rates.is_empty() {
            // On this bill and on every later one.
            data.default_tax_rates = Some(names(&checkout.tax_rates));
        }
        data.metadata = Some(notes([(ACCOUNT, checkout.account.to_string())]));
        if let Some(trial) = checkout.trial {
            data.trial_period_days = Some(trial.days);
            data.trial_settings = Some(pause_without_method());
            create = create.payment_method_collection(collection(trial));
        }
        create = create.subscription_data(data);
        self.open(Call::new("open_checkout", &create).keyed(key).urgent()).await
    }

    async fn open_purchase(
        &self,
        key: &IdempotencyKey,
        purchase: &CreditPurchase,
    ) -> Result<OpenedCheckout, PaymentFailure> {
        let common = Common {
            account: purchase.account,
            customer: &purchase.customer,
            price: &purchase.price,
            quantity: purchase.quantity.into(),
            promotion_codes: purchase.promotion_codes,
            automatic_tax: purchase.automatic_tax,
            line_taxes: &purchase.tax_rates,
            taxed: !purchase.tax_rates.is_empty(),
            return_to: &purchase.return_to,
            expires_at: purchase.expires_at,
        };
        let mut data = CreateCheckoutSessionPaymentIntentData::new();
        data.metadata = Some(notes([(ACCOUNT, purchase.account.to_string())]));
        let session = self.session(CheckoutSessionMode::Payment, &common).await?;
        let create = session.payment_intent_data(data);
        self.open(Call::new("open_purchase", &create).keyed(key).urgent()).await
    }

    async fn read(&self, checkout: &CheckoutRef) -> Result<CheckoutSeen, PaymentFailure> {
        let read = RetrieveCheckoutSession::new(id(checkout.as_str())?)
            .expand(vec!["line_items".to_owned()]);
        let session = self.ask(Call::new("get_checkout", &read)).await?;
        self.checkout_seen(&session)
    }

    async fn expire(
        &self,
        key: &IdempotencyKey,
        checkout: &CheckoutRef,
    ) -> Result<(), PaymentFailure> {
        let expire = ExpireCheckoutSession::new(id(checkout.as_str())?);
        let _: Session = self.ask(Call::new("expire_checkout", &expire).keyed(key)).await?;
        Ok(())
    }

    async fn open_portal(
        &self,
        key: &IdempotencyKey,
        visit: &PortalVisit,
    ) -> Result<OpenedPortal, PaymentFailure> {
        #[derive(Deserialize)]
        struct Opened {
            url: String,
        }
        let mut create = CreateBillingPortalSession::new()
            .customer(visit.customer.as_str())
            .return_url(visit.return_to.as_str());
        if let Some(portal) = &self.settings.portal {
            create = create.configuration(portal.as_str());
        }
        let call = Call::new("open_portal", &create).keyed(key).urgent();
        let opened: Opened = self.ask(call).await?;
        Ok(OpenedPortal { url: opened.url.into() })
    }
}

/// As Stripe calls these rates.
pub(crate) fn names(rates: &[TaxRateRef]) -> Vec<String> {
    rates.iter().map(|rate| rate.as_str().to_owned()).collect()
}

impl Stripe {
    async fn session(
        &self,
        mode: CheckoutSessionMode,
        common: &Common<'_>,
    ) -> Result<CreateCheckoutSession, PaymentFailure> {
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price = Some(self.price_id(common.price).await?);
        line.quantity = Some(common.quantity);
        if !common.line_taxes.is_empty() {
            line.tax_rates = Some(names(common.line_taxes));
        }
        let mut create = CreateCheckoutSession::new()
            .mode(mode)
            .customer(common.customer.as_str())
            .client_reference_id(common.account.to_string())
            .metadata(notes([(ACCOUNT, common.account.to_string())]))
            .line_items(vec![line])
            .success_url(common.return_to.success.as_str())
            .cancel_url(common.return_to.cancel.as_str());
        if common.promotion_codes {
            create = create.allow_promotion_codes(true);
        }
        if common.automatic_tax {
            create = create.automatic_tax(CreateCheckoutSessionAutomaticTax::new(true));
        }
        if common.automatic_tax || common.taxed {
            // Tax needs an address, and a company may type its number: both are kept.
            let mut update = CreateCheckoutSessionCustomerUpdate::new();
            update.address = Some(CreateCheckoutSessionCustomerUpdateAddress::Auto);
            update.name = Some(CreateCheckoutSessionCustomerUpdateName::Auto);
            create = create
                .tax_id_collection(CreateCheckoutSessionTaxIdCollection::new(true))
                .customer_update(update);
        }
        if let Some(at) = common.expires_at {
            create = create.expires_at(seconds(at));
        }
        Ok(create)
    }

    async fn open(&self, call: Call) -> Result<OpenedCheckout, PaymentFailure> {
        let session: Session = self.ask(call).await?;
        let url = session.url.ok_or_else(|| unreadable(&"the checkout has no address"))?;
        let expires_at = from_seconds(session.expires_at)?;
        Ok(OpenedCheckout { id: named(&session.id)?, url: url.into(), expires_at })
    }

    fn checkout_seen(&self, session: &Session) -> Result<CheckoutSeen, PaymentFailure> {
        let status = match session.status.as_deref() {
            Some("complete") => CheckoutStatus::Complete,
            Some("expired") => CheckoutStatus::Expired,
            Some(_) | None => CheckoutStatus::Open,
        };
        let paid =
            matches!(session.payment_status.as_deref(), Some("paid" | "no_payment_required"));
        let mut bought = Vec::new();
        for line in &session.line_items.data {
            if let Some(price) = &line.price {
                bought.push((self.price_name(price)?, line.quantity.unwrap_or(1)));
            }
        }
        let total = session.amount_total.zip(session.currency.as_deref());
        let id_of = |it: &Option<Named<_>>| it.as_ref().map(|it| it.id().to_owned());
        Ok(CheckoutSeen {
            id: named(&session.id)?,
            status,
            paid: status == CheckoutStatus::Complete && paid,
            account: session.client_reference_id.as_deref().and_then(|it| it.parse().ok()),
            customer: id_of(&session.customer).as_deref().map(named).transpose()?,
            subscription: id_of(&session.subscription).as_deref().map(named).transpose()?,
            payment: id_of(&session.payment_intent).as_deref().map(named).transpose()?,
            bought,
            total: total.map(|(minor, currency)| money(minor, currency)).transpose()?,
        })
    }
}

fn pause_without_method() -> CreateCheckoutSessionSubscriptionDataTrialSettings {
    let end =
        CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehavior::new(MissingMethod::Pause);
    CreateCheckoutSessionSubscriptionDataTrialSettings::new(end)
}

const fn collection(trial: TrialOffer) -> CreateCheckoutSessionPaymentMethodCollection {
    if trial.card_required {
        CreateCheckoutSessionPaymentMethodCollection::Always
    } else {
        CreateCheckoutSessionPaymentMethodCollection::IfRequired
    }
}
