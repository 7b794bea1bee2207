//! What operators of the installation command.

use super::{Keyed, billing::named, inputs, outcome::Outcome, outcome::carry_as, payloads};
use crate::schema::{
    fault::{Fault, Result},
    input::{id, valid},
    query::billing::subscription,
    scalars::{BigInt, DateTime, int},
    types::billing::AccountSubscription,
    visitor::{desk, operator},
};
use async_graphql::{Context, ID, Object};
use herald_application::{
    caller::{Caller, Standing},
    commands::subscription::{
        ExtendGrace, FinalizeInvoice, LiftOverride, OnSubscription, OverrideEntitlement, Paid,
        RefundPayment, VoidInvoice,
    },
    execute::UseCase,
    failure::Failure,
    inbox::{self, ReplayRefused},
    log::Via,
    ports::InboxReplay,
    sign_in,
};
use herald_kernel::{AccountId, CommandId};
use herald_subscription::Entitlement;
use uuid::Uuid;

inputs! {
    /// What `replayWebhooks` takes: a source, and `event`, `from` with `to`, or `since`.
    ReplayWebhooksInput {
        /// The provider, such as `stripe`.
        source: String,
        /// One event, by the provider's id.
        event: Option<ID>,
        /// The first number of a range, as `inbox` has it.
        from: Option<BigInt>,
        /// The last number of the range, included.
        to: Option<BigInt>,
        /// Everything that came at or after this instant.
        since: Option<DateTime>,
    }
    /// What `extendGrace` takes.
    ExtendGraceInput {
        /// The account whose payment failed.
        account: ID,
        /// Until when everything works; within 60 days of the failure.
        until: DateTime,
        /// Why; kept in the account's log.
        reason: String,
    }
    /// What `overrideEntitlement` takes.
    OverrideEntitlementInput {
        /// The account.
        account: ID,
        /// What is set, such as `seats` or `teams`.
        entitlement: String,
        /// To what: a number or `unlimited`, a word, or `on` or `off` for a feature.
        value: String,
        /// Until when; until it is lifted when left out.
        until: Option<DateTime>,
        /// Why; kept in the account's log.
        reason: String,
    }
    /// What `liftOverride` takes.
    LiftOverrideInput {
        /// The account.
        account: ID,
        /// About what the tier decides again, such as `seats`.
        entitlement: String,
    }
    /// What `refundPayment` takes: a payment, or the bill that it settled.
    RefundPaymentInput {
        /// The account that paid.
        account: ID,
        /// The payment.
        payment: Option<ID>,
        /// The bill.
        invoice: Option<ID>,
        /// How much, in the payment's smallest unit; all of it when left out.
        amount: Option<BigInt>,
        /// Does the subscription end with it, now? It goes on when left out.
        end_subscription: Option<bool>,
        /// Why; kept in the account's log.
        reason: String,
    }
    /// What `finalizeInvoice` takes.
    FinalizeInvoiceInput {
        /// The account that is billed.
        account: ID,
        /// The bill.
        invoice: ID,
    }
    /// What `voidInvoice` takes.
    VoidInvoiceInput {
        /// The account that is billed.
        account: ID,
        /// The bill.
        invoice: ID,
    }
}

payloads! {
    /// What came of what an operator did to what an account pays for.
    OperatedPayload(CommandId) {
        /// What the account pays for, as it stands now; `problem` says what the provider refused.
        subscription: AccountSubscription = async |ctx: &Context<'_>, caller: Caller, _: &CommandId| {
            subscription(ctx, &caller).await
        };
    }
    /// What came of a wish to apply webhooks once more.
    ReplayWebhooksPayload(u64) {
        /// How many are applied once more. Those that wait or are being applied, and those whose
        /// body is forgotten, are passed over.
        count: i32 = async |_: &Context<'_>, _: Caller, rows: &u64| {
            Ok::<_, Fault>(Some(int(*rows)))
        };
    }
}

impl ReplayWebhooksInput {
    fn which(self) -> Result<InboxReplay, Failure> {
        let Self { source, event, from, to, since, .. } = self;
        match (event, from, to, since) {
            (Some(event), None, None, None) => {
                Ok(InboxReplay::One { source, event_id: event.to_string() })
            }
            (None, Some(from), Some(to), None) => {
                Ok(InboxReplay::Range { source, first: from.read("from")?, last: to.read("to")? })
            }
            (None, None, None, Some(since)) => {
                Ok(InboxReplay::Since { source, since: since.read("since")? })
            }
            _ => {
                let message = "name one `event`, a range by `from` and `to`, or a time by `since`";
                Err(Failure::invalid("event", message))
            }
        }
    }
}

fn refused(why: ReplayRefused) -> Failure {
    let (code, message) = (why.code(), why.to_string());
    match why {
        ReplayRefused::Store(error) => error.into(),
        ReplayRefused::NotFound => Failure::NotFound,
        ReplayRefused::Open | ReplayRefused::Forgotten => {
            let path = Some("event".to_owned());
            Failure::Refused { code, message, path, retryable: false }
        }
    }
}

/// An input that names the account that an operator acts in.
trait InAccount: Keyed {
    fn account(&self) -> &ID;
}

macro_rules! in_account {
    ($($input:ident)*) => {$(
        impl InAccount for $input {
            fn account(&self) -> &ID {
                &self.account
            }
        }
    )*};
}

in_account! {
    ExtendGraceInput OverrideEntitlementInput LiftOverrideInput RefundPaymentInput
    FinalizeInvoiceInput VoidInvoiceInput
}

/// Carries a use case out for the operator who asks, in the account that the input names.
async fn operate<I: InAccount, U: UseCase<Answer = CommandId>>(
    ctx: &Context<'_>,
    input: I,
    read: impl FnOnce(I) -> Result<U, Failure>,
) -> Result<OperatedPayload> {
    let (visitor, person) = operator(ctx, U::WHO.operation())?;
    let found = match id(input.account(), "account") {
        Ok(account) => {
            let person = Some(person.clone());
            sign_in::operator(desk(ctx)?, person, account, visitor.request).await
        }
        Err(failure) => Err(failure),
    };
    let caller = match found {
        Ok(caller) => caller,
        Err(failure) => return Ok(OperatedPayload(Outcome::refused(failure)?)),
    };
    let outcome = carry_as(ctx, &caller, input, read).await?;
    Ok(OperatedPayload(outcome.seen_by(caller)))
}

fn entitlement(name: &str, value: &str) -> Result<Entitlement, Failure> {
    let refused = |error: herald_subscription::InvalidEntitlement| {
        Failure::invalid("value", error.to_string())
    };
    Entitlement::named(name, value).map_err(refused)
}

impl RefundPaymentInput {
    fn paid(&self) -> Result<Paid, Failure> {
        match (&self.payment, &self.invoice) {
            (Some(payment), None) => Ok(Paid::Payment(named(payment, "payment")?)),
            (None, Some(invoice)) => Ok(Paid::Invoice(named(invoice, "invoice")?)),
            (Some(_), Some(_)) | (None, None) => {
                Err(Failure::invalid("payment", "name one `payment`, or one `invoice`"))
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct OperatorMutations;

#[Object]
impl OperatorMutations {
    /// Has webhooks applied once more: one event, a range of numbers, or everything since a time.
    /// Safe at any time, and whatever the key it may be done again: what applies them asks the
    /// provider how things stand now. For operators of the installation.
    async fn replay_webhooks(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload> {
        let (visitor, person) = operator(ctx, "replayWebhooks")?;
        let caller = Caller {
            account: AccountId::new(Uuid::nil()),
            standing: Standing::Operator(Some(person.clone())),
            via: Via::Graphql,
            correlation: visitor.request,
            causation: format!("request:{}", visitor.request),
        };
        let replayed = match input.which() {
            Ok(which) => inbox::replay(desk(ctx)?, &which).await.map_err(refused),
            Err(failure) => Err(failure),
        };
        Ok(ReplayWebhooksPayload(match replayed {
            Ok(rows) => {
                tracing::info!(operator = %person.identity, rows, "webhooks are replayed");
                Outcome::plain(rows).seen_by(caller)
            }
            Err(failure) => Outcome::refused(failure)?,
        }))
    }

    /// Lets everything work for longer although a payment failed. For operators of the installation.
    async fn extend_grace(
        &self,
        ctx: &Context<'_>,
        input: ExtendGraceInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| {
            let (until, reason) = (input.until.read("until")?, valid(input.reason, "reason")?);
            Ok(OnSubscription(ExtendGrace { until, reason }))
        })
        .await
    }

    /// Sets one entitlement of an account otherwise than its tier does. For operators of the
    /// installation.
    async fn override_entitlement(
        &self,
        ctx: &Context<'_>,
        input: OverrideEntitlementInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| {
            Ok(OnSubscription(OverrideEntitlement {
                entitlement: entitlement(&input.entitlement, &input.value)?,
                until: input.until.map(|until| until.read("until")).transpose()?,
                reason: valid(input.reason, "reason")?,
            }))
        })
        .await
    }

    /// Lets the tier decide again about an entitlement. For operators of the installation.
    async fn lift_override(
        &self,
        ctx: &Context<'_>,
        input: LiftOverrideInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| {
            let about = Entitlement::about(&input.entitlement);
            let entitlement =
                about.map_err(|error| Failure::invalid("entitlement", error.to_string()))?;
            Ok(OnSubscription(LiftOverride { entitlement }))
        })
        .await
    }

    /// Has the payment provider give money back. For operators of the installation.
    async fn refund_payment(
        &self,
        ctx: &Context<'_>,
        input: RefundPaymentInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| {
            Ok(RefundPayment {
                what: input.paid()?,
                minor: input.amount.map(|minor| minor.read("amount")).transpose()?,
                reason: valid(input.reason, "reason")?,
                ends_subscription: input.end_subscription.unwrap_or_default(),
            })
        })
        .await
    }

    /// Has the payment provider make a draft due. For operators of the installation.
    async fn finalize_invoice(
        &self,
        ctx: &Context<'_>,
        input: FinalizeInvoiceInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| {
            Ok(FinalizeInvoice { invoice: named(&input.invoice, "invoice")? })
        })
        .await
    }

    /// Has the payment provider withdraw a bill that is due. For operators of the installation.
    async fn void_invoice(
        &self,
        ctx: &Context<'_>,
        input: VoidInvoiceInput,
    ) -> Result<OperatedPayload> {
        operate(ctx, input, |input| Ok(VoidInvoice { invoice: named(&input.invoice, "invoice")? }))
            .await
    }
}
