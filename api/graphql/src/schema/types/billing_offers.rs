//! What is on offer, what was billed, what is left.

use super::{
    billing::{Card, MoneyAmount, limit},
    names::{BillingInterval, Word},
};
use crate::schema::{
    fault::Result,
    scalars::{DateTime, int},
};
use async_graphql::{ID, SimpleObject};
use herald_application::ports::payments::{ChangePreview, Invoice, PaymentMethod};
use herald_subscription::{CreditPack, InvoiceStatus, Pack, TierVersion};
use secrecy::ExposeSecret as _;

/// What a tier costs in one interval and currency.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TierPrice {
    /// How often it is paid.
    pub(crate) interval: BillingInterval,
    /// How much, without tax.
    pub(crate) amount: MoneyAmount,
}

/// A tier on offer.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TierOffer {
    /// Its name in inputs.
    pub(crate) tier: String,
    /// What people call it.
    pub(crate) name: String,
    /// The version on offer.
    pub(crate) version: i32,
    /// What it costs; none when it costs nothing, or an operator gives it.
    pub(crate) prices: Vec<TierPrice>,
    /// For how many days it can be tried.
    pub(crate) trial_days: i32,
    /// Posts in a month; `null` for any number, here and below.
    pub(crate) posts_per_month: Option<i32>,
    /// Networks.
    pub(crate) networks: Option<i32>,
    /// Connections.
    pub(crate) connections: Option<i32>,
    /// Members and open invitations.
    pub(crate) seats: Option<i32>,
    /// API keys.
    pub(crate) api_keys: Option<i32>,
    /// Calls of the API in a month.
    pub(crate) api_calls_per_month: Option<i32>,
    /// Credits for generated texts in a month.
    pub(crate) ai_credits_per_month: Option<i32>,
    /// The features beside the numbers.
    pub(crate) features: Vec<String>,
}

impl TierOffer {
    pub(crate) fn of(it: &TierVersion) -> Result<Self> {
        let price = |price: &herald_subscription::Price| {
            let interval = BillingInterval::named(price.interval.as_str())?;
            Ok(TierPrice { interval, amount: price.amount.into() })
        };
        let has = &it.limits;
        Ok(Self {
            tier: it.key.tier.to_string(),
            name: it.name.clone(),
            version: int(it.key.version),
            prices: it.prices.iter().map(price).collect::<Result<_>>()?,
            trial_days: int(it.trial_days),
            posts_per_month: limit(has.posts_per_month),
            networks: limit(has.networks),
            connections: limit(has.connections),
            seats: limit(has.seats),
            api_keys: limit(has.api_keys),
            api_calls_per_month: limit(has.api_calls_per_month),
            ai_credits_per_month: limit(has.ai_credits_per_month),
            features: has.features.iter().map(|it| it.as_str().to_owned()).collect(),
        })
    }
}

/// A pack of credits on offer.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PackOffer {
    /// Its name in inputs.
    pub(crate) name: String,
    /// What its credits are for: `api_calls` or `ai_credits`.
    pub(crate) kind: String,
    /// How many there are in it.
    pub(crate) credits: i32,
    /// What it costs, once per currency.
    pub(crate) prices: Vec<MoneyAmount>,
    /// For how many months they can be spent.
    pub(crate) months_valid: i32,
}

impl From<&CreditPack> for PackOffer {
    fn from(it: &CreditPack) -> Self {
        Self {
            name: it.name.clone(),
            kind: it.kind.as_str().to_owned(),
            credits: int(it.credits),
            prices: it.prices.iter().map(|price| price.amount.into()).collect(),
            months_valid: int(it.months_valid),
        }
    }
}

/// What is on offer.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Offers {
    /// The tiers, lowest first.
    pub(crate) tiers: Vec<TierOffer>,
    /// Credits to buy beside.
    pub(crate) packs: Vec<PackOffer>,
}

/// One counter of the present month.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UsageCount {
    /// What is counted: `posts`, `api_calls` or `ai_credits`.
    pub(crate) counter: String,
    /// How much of the month's is used for good.
    pub(crate) used: i32,
    /// How much of the month's is set aside beside: for runs of the models, and for replicas that
    /// answer calls. What of it is not needed is free again: of calls half a minute after the last.
    pub(crate) held: i32,
    /// How much may be used; `null` for any number.
    pub(crate) limit: Option<i32>,
    /// How much was used in this month beside, out of bought packs.
    pub(crate) used_of_packs: i32,
    /// How much is left of bought packs. They are used once the month's are used up.
    pub(crate) left_of_packs: i32,
    /// The month's beginning.
    pub(crate) period_start: DateTime,
    /// Its end: the count begins anew then.
    pub(crate) resets_at: DateTime,
}

/// Credits that were bought, of one kind.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct CreditBalance {
    /// What they are for: `api_calls` or `ai_credits`.
    pub(crate) kind: String,
    /// How many can be spent now.
    pub(crate) balance: i32,
    /// When the next of them expire.
    pub(crate) next_expiry: Option<DateTime>,
    /// Every pack, oldest first.
    pub(crate) packs: Vec<BoughtPack>,
}

/// A pack that was bought.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct BoughtPack {
    /// How many credits it had.
    pub(crate) credits: i32,
    /// How many are neither spent nor set aside nor gone.
    pub(crate) left: i32,
    /// Until when they can be spent.
    pub(crate) expires_at: DateTime,
    /// Was it paid back, or its time up?
    pub(crate) closed: bool,
}

impl From<&Pack> for BoughtPack {
    fn from(it: &Pack) -> Self {
        Self {
            credits: int(it.credits),
            left: int(it.left),
            expires_at: it.expires_at.into(),
            closed: it.closed,
        }
    }
}

/// A bill.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Bill {
    /// Its name at the payment provider.
    pub(crate) id: ID,
    /// What it is printed with.
    pub(crate) number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub(crate) status: String,
    /// The whole, tax included.
    pub(crate) total: MoneyAmount,
    /// The tax in it.
    pub(crate) tax: MoneyAmount,
    /// What was paid of it.
    pub(crate) paid: MoneyAmount,
    /// When it was written.
    pub(crate) created_at: DateTime,
    /// When it was paid.
    pub(crate) paid_at: Option<DateTime>,
    /// The provider's page of it, where it can be paid. Whoever has the address sees it.
    pub(crate) page_url: Option<String>,
    /// Its PDF. Whoever has the address can read it.
    pub(crate) pdf_url: Option<String>,
}

impl From<&Invoice> for Bill {
    fn from(it: &Invoice) -> Self {
        let status = match it.status {
            InvoiceStatus::Draft => "draft",
            InvoiceStatus::Open => "open",
            InvoiceStatus::Paid => "paid",
            InvoiceStatus::Uncollectible => "uncollectible",
            InvoiceStatus::Void => "void",
        };
        Self {
            id: it.id.to_string().into(),
            number: it.number.clone(),
            status: status.to_owned(),
            total: it.total.into(),
            tax: it.tax.into(),
            paid: it.paid.into(),
            created_at: it.created_at.into(),
            paid_at: it.paid_at.map(Into::into),
            page_url: it.page.as_ref().map(|url| url.expose_secret().to_owned()),
            pdf_url: it.pdf.as_ref().map(|url| url.expose_secret().to_owned()),
        }
    }
}

/// A page of bills, newest first.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Bills {
    /// The bills.
    pub(crate) nodes: Vec<Bill>,
    /// Are there older ones? Ask again with `after` set to the last one's `id`.
    pub(crate) has_more: bool,
}

/// A way to pay that was left with the payment provider.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct WayToPay {
    /// Its name at the payment provider.
    pub(crate) id: ID,
    /// Such as `card` or `sepa_debit`.
    pub(crate) kind: String,
    /// The card, if it is one.
    pub(crate) card: Option<Card>,
    /// Is it the one that is charged?
    pub(crate) is_default: bool,
}

impl From<&PaymentMethod> for WayToPay {
    fn from(it: &PaymentMethod) -> Self {
        Self {
            id: it.id.to_string().into(),
            kind: it.kind.clone(),
            card: it.card.as_ref().map(Into::into),
            is_default: it.is_default,
        }
    }
}

/// A line of a bill that does not exist yet.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PreviewLine {
    /// What it is for, in the provider's words.
    pub(crate) description: String,
    /// How much; negative for credit.
    pub(crate) amount: MoneyAmount,
    /// Is it for a part of a period that was already billed?
    pub(crate) proration: bool,
}

/// What a change of tier or interval would cost now.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PlanChangePreview {
    /// What would be charged with the bill, tax included, after credit.
    pub(crate) due: MoneyAmount,
    /// The tax in it.
    pub(crate) tax: MoneyAmount,
    /// The lines' sum before tax.
    pub(crate) subtotal: MoneyAmount,
    /// What the bill would say.
    pub(crate) lines: Vec<PreviewLine>,
}

impl From<ChangePreview> for PlanChangePreview {
    fn from(it: ChangePreview) -> Self {
        let line = |line: herald_application::ports::payments::PreviewLine| PreviewLine {
            description: line.description,
            amount: line.amount.into(),
            proration: line.proration,
        };
        Self {
            due: it.due.into(),
            tax: it.tax.into(),
            subtotal: it.subtotal.into(),
            lines: it.lines.into_iter().map(line).collect(),
        }
    }
}
