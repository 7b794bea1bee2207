//! What only operators of the installation see: what is earned, and which webhooks came.

use super::{
    billing::MoneyAmount,
    names::{WebhookState, Word},
};
use crate::schema::{
    fault::Result,
    scalars::{BigInt, DateTime, int},
};
use async_graphql::{ID, SimpleObject};
use herald_application::ports::{InboxRow, InboxState};
use herald_kernel::{Currency, Instant, Money};
use herald_subscription::{Catalogue, Moves, Ratio, Report, Revenue};

/// What all accounts earn.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct RevenueFigures {
    /// Which version of the definitions in `docs/billing.md` these figures follow.
    pub(crate) definitions: i32,
    /// The instant that `monthly` is of.
    pub(crate) as_of: DateTime,
    /// What recurs per month at that instant (MRR), by currency.
    pub(crate) monthly: Vec<MoneyAmount>,
    /// What moved in a stretch of time; `null` where none was named.
    pub(crate) period: Option<RevenuePeriod>,
}

/// What moved from one instant until just before another.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct RevenuePeriod {
    /// The beginning.
    pub(crate) from: DateTime,
    /// The end, which is not part of it.
    pub(crate) to: DateTime,
    /// Accounts that were opened.
    pub(crate) sign_ups: i32,
    /// Trials that began.
    pub(crate) trials: i32,
    /// Of those trials, how many were paid for before the end.
    pub(crate) trials_converted: i32,
    /// The same in hundredths of a percent; `null` where no trial began.
    pub(crate) trial_conversion: Option<i32>,
    /// How often a higher tier took the place of a lower one.
    pub(crate) upgrades: i32,
    /// How often a lower tier took the place of a higher one. An end is none.
    pub(crate) downgrades: i32,
    /// Accounts that paid at the beginning.
    pub(crate) paying_at_start: i32,
    /// Of those, how many did not at the end.
    pub(crate) lost: i32,
    /// The same in hundredths of a percent; `null` where none paid.
    pub(crate) logo_churn: Option<i32>,
    /// What moved, each currency by itself.
    pub(crate) currencies: Vec<CurrencyRevenue>,
}

/// What moved in one currency. Amounts are per month, in its smallest unit.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct CurrencyRevenue {
    /// The currency's code.
    pub(crate) currency: String,
    /// What recurred at the beginning.
    pub(crate) start: BigInt,
    /// What recurred at the end: `start` and all movements.
    pub(crate) end: BigInt,
    /// From accounts that had never paid before.
    pub(crate) new: BigInt,
    /// From accounts that pay more.
    pub(crate) expansion: BigInt,
    /// Lost with accounts that pay less.
    pub(crate) contraction: BigInt,
    /// Lost with accounts that pay nothing any more.
    pub(crate) churn: BigInt,
    /// From accounts that had stopped and pay again.
    pub(crate) reactivation: BigInt,
    /// Accounts that pay at the end.
    pub(crate) paying: i32,
    /// What one of them pays on average (ARPU).
    pub(crate) per_account: BigInt,
    /// What was lost of the beginning, in hundredths of a percent; `null` of nothing.
    pub(crate) churn_rate: Option<i32>,
    /// What became of the beginning (NRR), in hundredths of a percent; `null` of nothing.
    pub(crate) net_retention: Option<i32>,
    /// What was given back. Not per month.
    pub(crate) refunds: MovedMoney,
    /// Payments that were contested at the bank. Not per month.
    pub(crate) disputes: MovedMoney,
    /// Of contested payments, those that the bank took back. Not per month.
    pub(crate) disputes_lost: MovedMoney,
}

/// Money that moved by itself.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct MovedMoney {
    /// How often.
    pub(crate) count: i32,
    /// How much in all, in the currency's smallest unit.
    pub(crate) minor: BigInt,
}

impl From<Moves> for MovedMoney {
    fn from(moves: Moves) -> Self {
        Self { count: int(moves.count), minor: moves.minor.into() }
    }
}

fn share(ratio: Ratio) -> Option<i32> {
    ratio.basis_points().map(int)
}

impl RevenuePeriod {
    /// The figures between two instants; the catalogue says which tier stands higher.
    pub(crate) fn of(report: &Report, span: (Instant, Instant), catalogue: &Catalogue) -> Self {
        let by_currency = report.revenue.iter();
        Self {
            from: span.0.into(),
            to: span.1.into(),
            sign_ups: int(report.sign_ups),
            trials: int(report.trials),
            trials_converted: int(report.converted),
            trial_conversion: share(report.trial_conversion()),
            upgrades: int(report.upgrades(catalogue)),
            downgrades: int(report.downgrades(catalogue)),
            paying_at_start: int(report.paying_at_start),
            lost: int(report.lost),
            logo_churn: share(report.logo_churn()),
            currencies: by_currency.map(|(name, it)| CurrencyRevenue::of(*name, it)).collect(),
        }
    }
}

impl CurrencyRevenue {
    fn of(currency: Currency, it: &Revenue) -> Self {
        Self {
            currency: currency.to_string(),
            start: it.start.minor().into(),
            end: it.end.minor().into(),
            new: it.new.minor().into(),
            expansion: it.expansion.minor().into(),
            contraction: it.contraction.minor().into(),
            churn: it.churn.minor().into(),
            reactivation: it.reactivation.minor().into(),
            paying: int(it.paying),
            per_account: it.per_account().minor().into(),
            churn_rate: share(it.churn_rate()),
            net_retention: share(it.net_retention()),
            refunds: it.refunds.into(),
            disputes: it.disputes.into(),
            disputes_lost: it.disputes_lost.into(),
        }
    }
}

/// So much per month in a currency.
pub(crate) fn monthly(currency: Currency, minor: i64) -> MoneyAmount {
    Money { minor, currency }.into()
}

/// A webhook that came: everything but its body.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Webhook {
    /// Its place in the order of arrival; gaps are usual.
    pub(crate) number: BigInt,
    /// The provider.
    pub(crate) source: String,
    /// The provider's id of the event.
    pub(crate) event: ID,
    /// The provider's name of what happened.
    pub(crate) kind: String,
    /// Whom it is about, by the provider's own name.
    pub(crate) about: String,
    /// What it is about, where the event names it.
    pub(crate) object: Option<String>,
    /// In which version of the provider's API it is written.
    pub(crate) api_version: Option<String>,
    /// When it happened, by the provider's clock.
    pub(crate) occurred_at: Option<DateTime>,
    /// When it came.
    pub(crate) received_at: DateTime,
    /// Not applied before then.
    pub(crate) due_at: DateTime,
    /// Where it stands.
    pub(crate) state: WebhookState,
    /// Why it is ignored, failed or given up.
    pub(crate) cause: Option<String>,
    /// Since when it is settled, if it is.
    pub(crate) settled_at: Option<DateTime>,
    /// How often it was tried since it came or was last replayed.
    pub(crate) attempts: i32,
    /// How often it was replayed.
    pub(crate) replays: i32,
    /// Bytes of its body.
    pub(crate) size: BigInt,
    /// Is the body still here? Only then can it be replayed.
    pub(crate) replayable: bool,
}

impl Webhook {
    /// As the inbox has it.
    pub(crate) fn of(row: InboxRow) -> Result<Self> {
        let state = WebhookState::named(row.state.name().as_str())?;
        let (cause, settled_at) = match row.state {
            InboxState::Received | InboxState::Processing { .. } => (None, None),
            InboxState::Applied { at } => (None, Some(at)),
            InboxState::Ignored { at, reason: cause } | InboxState::Dead { at, cause } => {
                (Some(cause), Some(at))
            }
            InboxState::Failed { cause } => (Some(cause), None),
        };
        Ok(Self {
            number: row.number.into(),
            source: row.source,
            event: row.event_id.into(),
            kind: row.kind,
            about: row.key,
            object: row.object,
            api_version: row.api_version,
            occurred_at: row.occurred_at.map(Into::into),
            received_at: row.received_at.into(),
            due_at: row.due_at.into(),
            state,
            cause,
            settled_at: settled_at.map(Into::into),
            attempts: int(row.attempts),
            replays: int(row.replays),
            size: row.size.into(),
            replayable: row.has_body,
        })
    }
}
