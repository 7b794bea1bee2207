//! What an account pays for, and what it may use by that.

use super::names::{AccessState, BillingInterval, Word};
use crate::schema::{
    fault::Result,
    scalars::{BigInt, DateTime, int},
};
use async_graphql::{ID, SimpleObject};
use herald_application::{
    entitlements::Entitled,
    ports::payments::CardAdvice,
    views::subscriptions::{RefusedDoc, SubscriptionDoc},
};
use herald_kernel::{Instant, Money};
use herald_subscription::{Access, CardSeen, Catalogue, PlanChange};
use herald_terms::{Entitlements, Quota};

/// An amount of money.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct MoneyAmount {
    /// In the currency's smallest unit, such as cents.
    pub(crate) minor: BigInt,
    /// The currency's code, such as `USD`.
    pub(crate) currency: String,
}

impl From<Money> for MoneyAmount {
    fn from(money: Money) -> Self {
        Self { minor: money.minor.into(), currency: money.currency.to_string() }
    }
}

/// A card, as far as it may be shown.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Card {
    /// Such as `visa`.
    pub(crate) brand: String,
    /// The last four digits.
    pub(crate) last4: String,
    /// The month of its end, 1 to 12.
    pub(crate) exp_month: i32,
    /// The year of its end.
    pub(crate) exp_year: i32,
}

impl From<&CardSeen> for Card {
    fn from(card: &CardSeen) -> Self {
        Self {
            brand: card.brand.clone(),
            last4: card.last4.clone(),
            exp_month: int(card.exp_month),
            exp_year: int(card.exp_year),
        }
    }
}

/// A change to another tier or interval that waits.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct WaitingPlanChange {
    /// Names the change.
    pub(crate) id: ID,
    /// To which tier.
    pub(crate) tier: String,
    /// To which version of it.
    pub(crate) tier_version: i32,
    /// When; `null` once it was handed to the payment provider.
    pub(crate) effective_at: Option<DateTime>,
    /// Until when its payment is waited for, once it was handed over and a card was declined or must
    /// be confirmed: the newest of `invoices` has the page to pay on. After that it is given up.
    pub(crate) awaits_payment_until: Option<DateTime>,
}

impl WaitingPlanChange {
    fn of(change: &PlanChange, paid_until: Option<Instant>) -> Self {
        Self {
            id: change.id.to_string().into(),
            tier: change.to.tier.to_string(),
            tier_version: int(change.to.version),
            effective_at: change.effective_at.map(Into::into),
            awaits_payment_until: paid_until.map(Into::into),
        }
    }
}

/// Something that the payment provider refused.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct BillingProblem {
    /// What was asked: `checkout`, `portal`, `plan_change`, `cancellation`, `resumption`, `refund`,
    /// `finalize_invoice`, `void_invoice`, `send_invoice` or `detach_method`.
    pub(crate) what: String,
    /// The provider's code.
    pub(crate) code: String,
    /// What the payer can do, where a card was declined.
    pub(crate) advice: Option<String>,
    /// When.
    pub(crate) at: Option<DateTime>,
}

impl BillingProblem {
    pub(crate) fn new(what: &str, recorded: &str, at: Option<Instant>) -> Self {
        let (code, advice) = match recorded.split_once(':') {
            Some((code, advice)) => (code, Some(advice)),
            None => (recorded, None),
        };
        let advice = advice.and_then(|word| serde_json::from_value(word.into()).ok());
        Self {
            what: what.to_owned(),
            code: code.to_owned(),
            advice: advice.map(|it: CardAdvice| it.words().to_owned()),
            at: at.map(Into::into),
        }
    }
}

impl From<&RefusedDoc> for BillingProblem {
    fn from(doc: &RefusedDoc) -> Self {
        Self::new(&doc.what, &doc.code, Some(doc.at))
    }
}

/// What an account pays for.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct AccountSubscription {
    /// What the account may do, whatever its tier includes.
    pub(crate) access: AccessState,
    /// Until when: of a trial, of a grace, or of a subscription that ends.
    pub(crate) access_until: Option<DateTime>,
    /// Why it is restricted: `past_due`, `unpaid`, `paused` or `disputed`.
    pub(crate) restriction: Option<String>,
    /// The payment provider's own word for where the subscription stands.
    pub(crate) status: Option<String>,
    /// Whose rules hold at present: the tier.
    pub(crate) tier: String,
    /// And its version.
    pub(crate) tier_version: i32,
    /// How often it is paid.
    pub(crate) interval: Option<BillingInterval>,
    /// What is paid each time, without tax and discounts.
    pub(crate) price: Option<MoneyAmount>,
    /// The beginning of what is paid for.
    pub(crate) period_start: Option<DateTime>,
    /// The end of what is paid for: the next bill comes then.
    pub(crate) period_end: Option<DateTime>,
    /// When it ends, once that was asked for.
    pub(crate) ends_at: Option<DateTime>,
    /// When it ended.
    pub(crate) ended_at: Option<DateTime>,
    /// When the trial ends.
    pub(crate) trial_ends_at: Option<DateTime>,
    /// Did the account have its one trial?
    pub(crate) had_trial: bool,
    /// The card that is charged.
    pub(crate) card: Option<Card>,
    /// A change that waits.
    pub(crate) change: Option<WaitingPlanChange>,
    /// What the payment provider refused last, until it does something again.
    pub(crate) problem: Option<BillingProblem>,
    /// When the payment provider was last asked.
    pub(crate) observed_at: Option<DateTime>,
    /// What `expectedVersion` is compared with.
    pub(crate) version: i32,
}

impl AccountSubscription {
    /// As `doc` stands at `now`.
    pub(crate) fn of(doc: &SubscriptionDoc, catalogue: &Catalogue, now: Instant) -> Result<Self> {
        let state = &doc.subscription;
        let (access, basis) = (state.access_at(now), state.basis(now, catalogue));
        let shown = state.mirror().and_then(|it| it.subscription.as_ref());
        let item = state.live().and_then(|it| it.items.first());
        let (access_until, restriction) = match access {
            Access::Trial { until } => (until, None),
            Access::Full { ends_at } => (ends_at, None),
            Access::Grace { until } => (Some(until), None),
            Access::Restricted { reason } => (None, Some(reason.as_str().to_owned())),
            Access::Free | Access::Ended => (None, None),
        };
        let interval = item.map(|it| BillingInterval::named(it.interval.as_str())).transpose()?;
        Ok(Self {
            access: AccessState::named(access.as_str())?,
            access_until: access_until.map(Into::into),
            restriction,
            status: shown.map(|it| it.status.to_string()),
            tier: basis.tier.tier.to_string(),
            tier_version: int(basis.tier.version),
            interval,
            price: item.map(|it| it.unit.into()),
            period_start: state.live().map(|it| it.period_start.into()),
            period_end: state.live().map(|it| it.period_end.into()),
            ends_at: state
                .live()
                .and_then(herald_subscription::MirrorSubscription::ends_at)
                .map(Into::into),
            ended_at: shown.and_then(|it| it.ended_at).map(Into::into),
            trial_ends_at: state.live().and_then(|it| it.trial_end).map(Into::into),
            had_trial: state.had_trial(),
            card: state.mirror().and_then(|it| it.card.as_ref()).map(Into::into),
            change: state.change().map(|it| WaitingPlanChange::of(it, state.change_paid_until())),
            problem: doc.refused.as_ref().map(Into::into),
            observed_at: state.observed_at().map(Into::into),
            version: int(doc.version),
        })
    }
}

/// What an account may use, and by what. A number that is `null` has no limit.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct EntitlementTable {
    /// The tier.
    pub(crate) tier: String,
    /// Its version.
    pub(crate) tier_version: i32,
    /// Posts scheduled or published in a month.
    pub(crate) posts_per_month: Option<i32>,
    /// Networks with at least one live connection.
    pub(crate) networks: Option<i32>,
    /// Live connections over all networks.
    pub(crate) connections: Option<i32>,
    /// Members and open invitations.
    pub(crate) seats: Option<i32>,
    /// API keys that can be used.
    pub(crate) api_keys: Option<i32>,
    /// Calls of the API with a key in a month.
    pub(crate) api_calls_per_month: Option<i32>,
    /// Credits for generated texts in a month.
    pub(crate) ai_credits_per_month: Option<i32>,
    /// Calls of the API within a minute.
    pub(crate) burst_per_minute: Option<i32>,
    /// The features beside the numbers.
    pub(crate) features: Vec<String>,
    /// What the account may do, whatever its tier includes.
    pub(crate) access: AccessState,
    /// The month in which the quotas count: its beginning.
    pub(crate) period_start: DateTime,
    /// And its end, which is not part of it.
    pub(crate) period_end: DateTime,
    /// By which event of the subscription this holds; `null` where nobody pays, 0 when none has
    /// happened.
    pub(crate) basis_event: Option<i32>,
    /// Since when.
    pub(crate) basis_since: Option<DateTime>,
}

pub(crate) fn limit(quota: Quota) -> Option<i32> {
    quota.limit().map(int)
}

fn features(it: &Entitlements) -> Vec<String> {
    it.features.iter().map(|feature| feature.as_str().to_owned()).collect()
}

impl EntitlementTable {
    pub(crate) fn of(entitled: &Entitled) -> Result<Self> {
        let it = &entitled.entitlements;
        Ok(Self {
            tier: it.tier.to_string(),
            tier_version: int(it.tier_version),
            posts_per_month: limit(it.posts_per_month),
            networks: limit(it.networks),
            connections: limit(it.connections),
            seats: limit(it.seats),
            api_keys: limit(it.api_keys),
            api_calls_per_month: limit(it.api_calls_per_month),
            ai_credits_per_month: limit(it.ai_credits_per_month),
            burst_per_minute: limit(it.burst_per_minute),
            features: features(it),
            access: AccessState::named(entitled.access.as_str())?,
            period_start: entitled.period.start().into(),
            period_end: entitled.period.end().into(),
            basis_event: entitled.basis.as_ref().map(|basis| int(basis.sequence)),
            basis_since: entitled.basis.as_ref().and_then(|it| it.since).map(Into::into),
        })
    }
}
