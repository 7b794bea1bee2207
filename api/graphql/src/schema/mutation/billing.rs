//! Commands to what the account pays for.

use super::{carry, inputs, outcome::Outcome, payloads};
use crate::schema::{
    fault::{Fault, Result},
    input::id,
    query::billing::subscription,
    scalars::DateTime,
    types::{
        billing::{AccountSubscription, BillingProblem},
        names::{BillingInterval, CancelTime, Word},
    },
    visitor::{caller, desk},
};
use async_graphql::{Context, ID, Object};
use herald_application::{
    billing::{self, Page, return_to::ReturnTo, tax::TaxPlace},
    caller::Caller,
    commands::subscription::{
        BuyCredits, CancelSubscription, ChangePlan, ChooseKeepers, DetachPaymentMethod,
        OnSubscription, OpenPortal, ResumeSubscription, SendInvoice, StartCheckout,
        WithdrawPlanChange,
    },
    failure::Failure,
};
use herald_kernel::{CommandId, Currency, Id, Kind};
use herald_subscription::{CancelAt, Interval, InvalidRef, Keepers};
use herald_terms::Tier;
use std::{collections::BTreeSet, str::FromStr};
use url::Url;

inputs! {
    /// What `startCheckout` takes.
    StartCheckoutInput {
        /// The tier's name, as `tiers` has it.
        tier: String,
        /// How often it is paid.
        interval: BillingInterval,
        /// In which currency; `USD` when left out.
        currency: Option<String>,
        /// Where the payer is, by two letters such as `DE`: needed where this installation puts the
        /// tax on bills by a table of its own.
        country: Option<String>,
        /// The VAT number of a business; then its form is checked, and abroad it may pay in reverse.
        vat_id: Option<String>,
        /// Where the payer comes back after paying: on this installation, or on an allowed origin.
        success_url: Option<String>,
        /// Where the payer comes back after turning back.
        cancel_url: Option<String>,
    }
    /// What `buyCredits` takes.
    BuyCreditsInput {
        /// The pack's name, as `tiers` has it.
        pack: String,
        /// In which currency; `USD` when left out.
        currency: Option<String>,
        /// Where the payer is, by two letters such as `DE`: needed where this installation puts the
        /// tax on bills by a table of its own.
        country: Option<String>,
        /// The VAT number of a business; then its form is checked, and abroad it may pay in reverse.
        vat_id: Option<String>,
        /// Where the payer comes back after paying: on this installation, or on an allowed origin.
        success_url: Option<String>,
        /// Where the payer comes back after turning back.
        cancel_url: Option<String>,
    }
    /// What `openPortal` takes.
    OpenPortalInput {
        /// Where the way back leads: to this installation, or to an allowed origin.
        return_url: Option<String>,
    }
    /// What `changePlan` takes.
    ChangePlanInput {
        /// The tier's name, as `tiers` has it.
        tier: String,
        /// How often it is paid.
        interval: BillingInterval,
    }
    /// What mutations take that need nothing else.
    SubscriptionInput {}
    /// What `cancelSubscription` takes.
    CancelSubscriptionInput {
        /// When it ends; with what is paid for when left out.
        at: Option<CancelTime>,
    }
    /// What `sendInvoice` takes.
    SendInvoiceInput {
        /// The bill, as `invoices` has it.
        invoice: ID,
    }
    /// What `detachPaymentMethod` takes.
    DetachPaymentMethodInput {
        /// The way to pay, as `paymentMethods` has it.
        method: ID,
    }
    /// What `chooseKeepers` takes: what keeps its place in the lower tier.
    ChooseKeepersInput {
        /// Which connections.
        connections: Option<Vec<ID>>,
        /// Which members.
        members: Option<Vec<ID>>,
        /// Which API keys.
        api_keys: Option<Vec<ID>>,
    }
}

payloads! {
    /// What came of a command to what the account pays for.
    SubscriptionPayload(CommandId) {
        /// What the account pays for, as it stands now.
        subscription: AccountSubscription = async |ctx: &Context<'_>, caller: Caller, _: &CommandId| {
            subscription(ctx, &caller).await
        };
    }
    /// What came of asking for a page on which something is paid.
    CheckoutPayload(CommandId) {
        /// The page: send the payer's browser there. Waits up to ten seconds for it; `null` when it
        /// is not there by then (ask again with the same key), or when `problem` says why not.
        checkout_url: String = async |ctx: &Context<'_>, caller: Caller, id: &CommandId| {
            Ok::<_, Fault>(match billing::await_checkout(desk(ctx)?, &caller, *id).await? {
                Page::Open { url, .. } => Some(url),
                Page::Failed { .. } | Page::Gone | Page::Pending => None,
            })
        };
        /// From when on the page is void.
        expires_at: DateTime = async |ctx: &Context<'_>, caller: Caller, id: &CommandId| {
            Ok::<_, Fault>(match billing::await_checkout(desk(ctx)?, &caller, *id).await? {
                Page::Open { expires_at, .. } => expires_at.map(Into::into),
                Page::Failed { .. } | Page::Gone | Page::Pending => None,
            })
        };
        /// Why the payment provider opened no page.
        problem: BillingProblem = async |ctx: &Context<'_>, caller: Caller, id: &CommandId| {
            Ok::<_, Fault>(match billing::await_checkout(desk(ctx)?, &caller, *id).await? {
                Page::Failed { code } => Some(BillingProblem::new("checkout", &code, None)),
                Page::Open { .. } | Page::Gone | Page::Pending => None,
            })
        };
        /// What the account pays for, as it stands now.
        subscription: AccountSubscription = async |ctx: &Context<'_>, caller: Caller, _: &CommandId| {
            subscription(ctx, &caller).await
        };
    }
    /// What came of asking for the payment provider's own pages.
    PortalPayload(CommandId) {
        /// The page: send the payer's browser there, at once. Waits up to ten seconds for it.
        portal_url: String = async |ctx: &Context<'_>, caller: Caller, id: &CommandId| {
            Ok::<_, Fault>(match billing::await_portal(desk(ctx)?, &caller, *id).await? {
                Page::Open { url, .. } => Some(url),
                Page::Failed { .. } | Page::Gone | Page::Pending => None,
            })
        };
        /// Why the payment provider opened no page.
        problem: BillingProblem = async |ctx: &Context<'_>, caller: Caller, id: &CommandId| {
            Ok::<_, Fault>(match billing::await_portal(desk(ctx)?, &caller, *id).await? {
                Page::Failed { code } => Some(BillingProblem::new("portal", &code, None)),
                Page::Open { .. } | Page::Gone | Page::Pending => None,
            })
        };
    }
    /// What came of asking to look at the payment provider.
    SyncPayload(()) {
        /// What the account pays for, as it stood when this was answered; the answer of the payment
        /// provider shows a moment later.
        subscription: AccountSubscription = async |ctx: &Context<'_>, caller: Caller, (): &()| {
            subscription(ctx, &caller).await
        };
    }
}

fn interval(of: BillingInterval) -> Result<Interval, Failure> {
    of.stored().parse().map_err(|it: herald_subscription::InvalidInterval| {
        Failure::invalid("interval", it.to_string())
    })
}

fn currency(text: Option<&str>) -> Result<Currency, Failure> {
    text.unwrap_or("USD")
        .parse()
        .map_err(|it: herald_kernel::InvalidCurrency| Failure::invalid("currency", it.to_string()))
}

fn address(text: Option<&String>, path: &str) -> Result<Option<Url>, Failure> {
    let read = |text: &String| Url::parse(text);
    text.map(read).transpose().map_err(|it| Failure::invalid(path, it.to_string()))
}

fn ids<K: Kind>(given: Option<Vec<ID>>, path: &str) -> Result<BTreeSet<Id<K>>, Failure>
where
    Id<K>: Ord,
{
    given.unwrap_or_default().iter().map(|each| id(each, path)).collect()
}

/// What the payment provider calls something.
pub(super) fn named<T>(name: &ID, path: &str) -> Result<T, Failure>
where
    T: FromStr<Err = InvalidRef>,
{
    name.parse().map_err(|error: InvalidRef| Failure::invalid(path, error.to_string()))
}

#[derive(Debug, Default)]
pub(crate) struct BillingMutations;

#[Object]
impl BillingMutations {
    /// Opens a page at the payment provider on which a tier is paid. The tier begins once the
    /// provider says that it is. Needs an owner, admin or biller.
    async fn start_checkout(
        &self,
        ctx: &Context<'_>,
        input: StartCheckoutInput,
    ) -> Result<CheckoutPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(StartCheckout {
                tier: Tier::named(input.tier),
                interval: interval(input.interval)?,
                currency: currency(input.currency.as_deref())?,
                place: TaxPlace { country: input.country, vat_id: input.vat_id },
                return_to: ReturnTo {
                    success: address(input.success_url.as_ref(), "successUrl")?,
                    cancel: address(input.cancel_url.as_ref(), "cancelUrl")?,
                },
            })
        });
        Ok(CheckoutPayload(outcome.await?))
    }

    /// Opens a page at the payment provider on which a pack of credits is paid. Needs an owner,
    /// admin or biller.
    async fn buy_credits(
        &self,
        ctx: &Context<'_>,
        input: BuyCreditsInput,
    ) -> Result<CheckoutPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(BuyCredits {
                pack: input.pack,
                currency: currency(input.currency.as_deref())?,
                place: TaxPlace { country: input.country, vat_id: input.vat_id },
                return_to: ReturnTo {
                    success: address(input.success_url.as_ref(), "successUrl")?,
                    cancel: address(input.cancel_url.as_ref(), "cancelUrl")?,
                },
            })
        });
        Ok(CheckoutPayload(outcome.await?))
    }

    /// Opens the payment provider's own pages for bills and cards. Needs an owner, admin or biller.
    async fn open_portal(
        &self,
        ctx: &Context<'_>,
        input: OpenPortalInput,
    ) -> Result<PortalPayload> {
        let outcome = carry(ctx, input, |input| {
            let success = address(input.return_url.as_ref(), "returnUrl")?;
            Ok(OpenPortal { return_to: ReturnTo { success, cancel: None } })
        });
        Ok(PortalPayload(outcome.await?.renaming("successUrl", "returnUrl")))
    }

    /// Changes to another tier or interval: up at once, once it is paid; down with the end of what
    /// is paid for. Needs an owner, admin or biller.
    async fn change_plan(
        &self,
        ctx: &Context<'_>,
        input: ChangePlanInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |input| {
            let (tier, interval) = (Tier::named(input.tier), interval(input.interval)?);
            Ok(OnSubscription(ChangePlan { tier, interval }))
        });
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Stays, although a lower tier was asked for. Needs an owner, admin or biller.
    async fn withdraw_plan_change(
        &self,
        ctx: &Context<'_>,
        input: SubscriptionInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |_| Ok(OnSubscription(WithdrawPlanChange)));
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Says what keeps its place in the lower tier; the rest is paused and never deleted. Needs an
    /// owner, admin or biller.
    async fn choose_keepers(
        &self,
        ctx: &Context<'_>,
        input: ChooseKeepersInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |input| {
            let keepers = Keepers {
                connections: ids(input.connections, "connections")?,
                members: ids(input.members, "members")?,
                api_keys: ids(input.api_keys, "apiKeys")?,
            };
            Ok(OnSubscription(ChooseKeepers { keepers }))
        });
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Stops paying: with the end of what is paid for, or now. Needs an owner, admin or biller.
    async fn cancel_subscription(
        &self,
        ctx: &Context<'_>,
        input: CancelSubscriptionInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |input| {
            let at = match input.at {
                Some(CancelTime::Now) => CancelAt::Now,
                Some(CancelTime::PeriodEnd) | None => CancelAt::PeriodEnd,
            };
            Ok(OnSubscription(CancelSubscription { at }))
        });
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Goes on paying after all. Needs an owner, admin or biller.
    async fn resume_subscription(
        &self,
        ctx: &Context<'_>,
        input: SubscriptionInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |_| Ok(OnSubscription(ResumeSubscription)));
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Has a bill mailed once more by the payment provider. Needs an owner, admin or biller.
    async fn send_invoice(
        &self,
        ctx: &Context<'_>,
        input: SendInvoiceInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(SendInvoice { invoice: named(&input.invoice, "invoice")? })
        });
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Has the payment provider forget a way to pay; the one that is charged stays. Needs an owner,
    /// admin or biller.
    async fn detach_payment_method(
        &self,
        ctx: &Context<'_>,
        input: DetachPaymentMethodInput,
    ) -> Result<SubscriptionPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(DetachPaymentMethod { method: named(&input.method, "method")? })
        });
        Ok(SubscriptionPayload(outcome.await?))
    }

    /// Looks now how the account stands at the payment provider. Needs an owner, admin or biller.
    async fn sync_subscription(
        &self,
        ctx: &Context<'_>,
        input: SubscriptionInput,
    ) -> Result<SyncPayload> {
        // To look is no command: whatever the key, it may be done again.
        let _ = input;
        let caller = caller(ctx).await?;
        match billing::look(desk(ctx)?, &caller).await {
            Ok(()) => Ok(SyncPayload(Outcome::plain(()))),
            Err(failure @ Failure::Forbidden { .. }) => Err(failure.into()),
            Err(failure) => Ok(SyncPayload(Outcome::refused(failure)?)),
        }
    }
}
