//! Money that moves once.

use crate::{
    ACCOUNT, Stripe,
    call::{Call, id},
    failure::unreadable,
    money, named, notes, their_currency,
    wire::{Intent, List, RefundMade},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    IdempotencyKey, Payment, PaymentFailure, PaymentRequest, PaymentStatus, Purchases, Refund,
};
use herald_kernel::Money;
use herald_subscription::PaymentRef;
use stripe_core::{
    payment_intent::{
        CreatePaymentIntent, CreatePaymentIntentAutomaticPaymentMethods,
        CreatePaymentIntentOffSession, RetrievePaymentIntent,
    },
    refund::{CreateRefund, ListRefund},
};

/// The note in a refund that tells it from others, when Stripe no longer knows the key itself.
const KEY: &str = "errand";

#[async_trait]
impl Purchases for Stripe {
    async fn pay(
        &self,
        key: &IdempotencyKey,
        request: &PaymentRequest,
    ) -> Result<Payment, PaymentFailure> {
        let PaymentRequest { account, customer, amount, description, method } = request;
        let create = CreatePaymentIntent::new(amount.minor, their_currency(amount.currency))
            .customer(customer.as_str())
            .description(description.as_str())
            .metadata(notes([(ACCOUNT, account.to_string())]));
        let create = if let Some(method) = method {
            create
                .payment_method(method.as_str())
                .off_session(CreatePaymentIntentOffSession::Bool(true))
                .confirm(true)
        } else {
            let any = CreatePaymentIntentAutomaticPaymentMethods::new(true);
            create.automatic_payment_methods(any)
        };
        shown(self.ask(Call::new("pay", &create).keyed(key)).await?)
    }

    async fn read(&self, payment: &PaymentRef) -> Result<Payment, PaymentFailure> {
        let read = RetrievePaymentIntent::new(id(payment.as_str())?);
        shown(self.ask(Call::new("get_payment", &read)).await?)
    }

    async fn refund(
        &self,
        key: &IdempotencyKey,
        payment: &PaymentRef,
        amount: Option<Money>,
    ) -> Result<Refund, PaymentFailure> {
        let mut create = CreateRefund::new();
        // Old payments are known by their charge.
        create = if payment.as_str().starts_with("ch_") {
            create.charge(payment.as_str())
        } else {
            create.payment_intent(payment.as_str())
        };
        if let Some(amount) = amount {
            create = create.amount(amount.minor);
        }
        create = create.metadata(notes([(KEY, key.as_str().to_owned())]));
        given_back(self.ask(Call::new("refund", &create).keyed(key)).await?)
    }

    async fn refunded(
        &self,
        key: &IdempotencyKey,
        payment: &PaymentRef,
    ) -> Result<Option<Refund>, PaymentFailure> {
        let list = ListRefund::new().limit(100);
        let list = if payment.as_str().starts_with("ch_") {
            list.charge(payment.as_str())
        } else {
            list.payment_intent(payment.as_str())
        };
        let all: List<RefundMade> = self.ask(Call::new("list_refunds", &list)).await?;
        let ours = |it: &RefundMade| it.metadata.get(KEY).is_some_and(|it| it == key.as_str());
        all.data.into_iter().find(ours).map(given_back).transpose()
    }
}

fn given_back(made: RefundMade) -> Result<Refund, PaymentFailure> {
    Ok(Refund {
        amount: money(made.amount, &made.currency)?,
        done: made.status.as_deref() == Some("succeeded"),
        id: made.id,
    })
}

fn shown(intent: Intent) -> Result<Payment, PaymentFailure> {
    let status = match intent.status.as_str() {
        "requires_payment_method" => PaymentStatus::NeedsMethod,
        "requires_confirmation" | "requires_action" => PaymentStatus::NeedsAction,
        "processing" | "requires_capture" => PaymentStatus::Processing,
        "succeeded" => PaymentStatus::Succeeded,
        "canceled" => PaymentStatus::Canceled,
        _ => return Err(unreadable(&"the payment has a status that we do not know")),
    };
    let customer = intent.customer.as_ref().map(|it| named(it.id())).transpose()?;
    Ok(Payment {
        customer,
        id: named(&intent.id)?,
        status,
        amount: money(intent.amount, &intent.currency)?,
        received: money(intent.amount_received, &intent.currency)?,
        account: intent.metadata.get(ACCOUNT).and_then(|it| it.parse().ok()),
        client_secret: intent.client_secret.map(Into::into),
    })
}
