//! What a subscription is at present, folded from what happened to it.

use super::{
    Access, Checkout, Errand, Grant, Keepers, Override, PlanChange, Question, Restriction,
};
use crate::{
    Catalogue, CustomerRef, DisputeRef, InvoiceRef, MirrorStatus, MirrorSubscription, Overage,
    PaymentRef, Period, Snapshot, SubscriptionRef, TierKey,
};
use herald_kernel::{CommandId, Instant};
use herald_terms::Entitlements;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The trial that an account had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trial {
    pub(super) subscription: SubscriptionRef,
    pub(super) until: Option<Instant>,
    pub(super) warned: bool,
    pub(super) converted: bool,
}

/// A payment that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failing {
    pub(super) since: Instant,
    pub(super) grace_until: Instant,
}

/// The tier version that an account is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pinned {
    pub(super) entitlements: Entitlements,
    pub(super) overage: Overage,
    pub(super) grace_days: u16,
}

/// What an account pays for.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, in any combination")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub(super) customer: Option<CustomerRef>,
    pub(super) customer_intended: bool,
    #[serde(default)]
    pub(super) customer_intended_at: Option<Instant>,
    pub(super) checkout: Option<Checkout>,
    /// The page of a tier was gone through, and no look has shown yet what came of it.
    #[serde(default)]
    pub(super) tier_bought: bool,
    pub(super) portal: Option<CommandId>,
    pub(super) mirror: Option<Snapshot>,
    pub(super) observed_at: Option<Instant>,
    pub(super) access: Access,
    pub(super) pinned: Option<Pinned>,
    pub(super) grant: Option<Grant>,
    pub(super) overrides: Vec<Override>,
    pub(super) trial: Option<Trial>,
    /// A subscription that began as a trial that the account may not have, until a bill is paid.
    pub(super) refused_trial: Option<SubscriptionRef>,
    pub(super) past: BTreeSet<SubscriptionRef>,
    pub(super) failing: Option<Failing>,
    pub(super) change: Option<PlanChange>,
    pub(super) keepers: Keepers,
    pub(super) cancel_intended: bool,
    pub(super) resume_intended: bool,
    /// Its end was asked for here, and not taken back.
    #[serde(default)]
    pub(super) end_asked: bool,
    pub(super) duplicates: Vec<SubscriptionRef>,
    pub(super) questions: BTreeSet<Question>,
    pub(super) disputes: BTreeSet<DisputeRef>,
    /// When banks first asked about payments, as far as that was told.
    #[serde(default)]
    pub(super) disputed_at: BTreeMap<DisputeRef, Instant>,
    pub(super) settled_disputes: BTreeSet<DisputeRef>,
    pub(super) payments: BTreeSet<InvoiceRef>,
    pub(super) refunds: BTreeSet<PaymentRef>,
    /// What the provider is to do and has not answered yet.
    #[serde(default)]
    pub(super) errands: BTreeMap<CommandId, Errand>,
    pub(super) sequence: u64,
    pub(super) basis_sequence: u64,
    pub(super) basis_at: Option<Instant>,
}

/// By what an account may use what it may: named in refusals, so that they can be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The tier version.
    pub tier: TierKey,
    /// What the account may do.
    pub access: Access,
    /// The event of the subscription that decided so; 0 when none has.
    pub sequence: u64,
    /// When it did.
    pub since: Option<Instant>,
}

impl Subscription {
    /// Under which name the payment provider knows the account.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerRef> {
        self.customer.as_ref()
    }

    /// Since when the payment provider is to know the account, as far as that was told.
    #[must_use]
    pub const fn customer_intended_at(&self) -> Option<Instant> {
        self.customer_intended_at
    }

    /// The page on which something is paid, intended or open.
    #[must_use]
    pub const fn checkout(&self) -> Option<&Checkout> {
        self.checkout.as_ref()
    }

    /// What the payment provider said last.
    #[must_use]
    pub const fn mirror(&self) -> Option<&Snapshot> {
        self.mirror.as_ref()
    }

    /// When it was asked.
    #[must_use]
    pub const fn observed_at(&self) -> Option<Instant> {
        self.observed_at
    }

    /// The change that waits, if one does.
    #[must_use]
    pub const fn change(&self) -> Option<&PlanChange> {
        self.change.as_ref()
    }

    /// Until when the provider waits for the payment of the change that it took.
    #[must_use]
    pub fn change_paid_until(&self) -> Option<Instant> {
        self.change.as_ref().filter(|it| it.effective_at.is_none())?;
        self.live()?.pending_change_until
    }

    /// Was its end asked for here, and not taken back?
    #[must_use]
    pub const fn end_asked(&self) -> bool {
        self.end_asked
    }

    /// What keeps its place in a lower tier.
    #[must_use]
    pub const fn keepers(&self) -> &Keepers {
        &self.keepers
    }

    /// Did the account have its trial?
    #[must_use]
    pub const fn had_trial(&self) -> bool {
        self.trial.is_some()
    }

    /// What the provider is to do under this name, until it has answered.
    #[must_use]
    pub fn errand(&self, errand: CommandId) -> Option<&Errand> {
        self.errands.get(&errand)
    }

    /// What an operator has not answered yet.
    #[must_use]
    pub const fn questions(&self) -> &BTreeSet<Question> {
        &self.questions
    }

    /// Subscriptions that are alive beside the one that counts.
    #[must_use]
    pub fn duplicates(&self) -> &[SubscriptionRef] {
        &self.duplicates
    }

    /// The subscription at the provider, unless it has ended.
    #[must_use]
    pub fn live(&self) -> Option<&MirrorSubscription> {
        let shown = self.mirror.as_ref()?.subscription.as_ref()?;
        let alive = !shown.status.is_final() && !self.past.contains(&shown.id);
        alive.then_some(shown)
    }

    /// What the account may do at `now`: a grace that is over restricts before anybody says so.
    #[must_use]
    pub fn access_at(&self, now: Instant) -> Access {
        match self.access {
            Access::Grace { until } if now >= until => {
                Access::Restricted { reason: Restriction::PastDue }
            }
            access @ (Access::Free
            | Access::Trial { .. }
            | Access::Full { .. }
            | Access::Grace { .. }
            | Access::Restricted { .. }
            | Access::Ended) => access,
        }
    }

    /// What the account may use at `now`: by its tier version, an operator's gift, and what an
    /// operator set otherwise. The catalogue says what is free and which tier stands higher.
    #[must_use]
    pub fn entitlements_at(&self, now: Instant, catalogue: &Catalogue) -> Entitlements {
        let mut entitlements = self.base_at(now, catalogue);
        for set in self.overrides.iter().filter(|it| it.until.is_none_or(|until| now < until)) {
            set.entitlement.apply(&mut entitlements);
        }
        entitlements
    }

    fn base_at(&self, now: Instant, catalogue: &Catalogue) -> Entitlements {
        let pinned = self.pinned.as_ref().map(|it| &it.entitlements);
        let bought = match (self.access_at(now), pinned) {
            (Access::Free | Access::Ended, _) | (_, None) => None,
            (Access::Trial { .. }, Some(tier)) => Some(tier.in_trial()),
            (
                Access::Full { .. } | Access::Grace { .. } | Access::Restricted { .. },
                Some(tier),
            ) => Some(tier.clone()),
        };
        match (bought, self.grant_at(now)) {
            (None, None) => catalogue.free(),
            (None, Some(grant)) => grant.entitlements.clone(),
            (Some(bought), Some(grant))
                if catalogue.stands_above(&grant.entitlements.tier, &bought.tier) =>
            {
                grant.entitlements.clone()
            }
            (Some(bought), _) => bought,
        }
    }

    fn grant_at(&self, now: Instant) -> Option<&Grant> {
        self.grant.as_ref().filter(|it| it.until.is_none_or(|until| now < until))
    }

    /// What happens to use beyond a monthly quota at `now`.
    #[must_use]
    pub fn overage_at(&self, now: Instant) -> Overage {
        let bought = self.pinned.as_ref().filter(|_| !self.access_at(now).is_free());
        let granted = self.grant_at(now).map(|it| it.overage);
        bought.map(|it| it.overage).or(granted).unwrap_or_default()
    }

    /// The month in which quotas count at `now`: from the day of the bills, else the calendar's.
    #[must_use]
    pub fn period_at(&self, now: Instant) -> Period {
        match self.live().filter(|_| !self.access_at(now).is_free()) {
            Some(live) => Period::anchored(live.quota_anchor(), now),
            None => Period::calendar_month(now),
        }
    }

    /// By what the account may use what it may at `now`.
    #[must_use]
    pub fn basis(&self, now: Instant, catalogue: &Catalogue) -> Basis {
        let base = self.base_at(now, catalogue);
        Basis {
            tier: TierKey { tier: base.tier, version: base.tier_version },
            access: self.access_at(now),
            sequence: self.basis_sequence,
            since: self.basis_at,
        }
    }

    /// Is it a trial that the account may not have, or what came of one, with no bill paid yet?
    pub(super) fn refuses(&self, shown: &MirrorSubscription) -> bool {
        use MirrorStatus::{PastDue, Paused, Trialing, Unpaid};
        let owing = matches!(shown.status, Trialing | PastDue | Unpaid | Paused);
        owing && self.refused_trial.as_ref() == Some(&shown.id)
    }

    /// Is a payment contested that may be this subscription's? One that began later has none of it.
    pub(super) fn is_disputed(&self, shown: &MirrorSubscription) -> bool {
        let concerns =
            |it: &DisputeRef| self.disputed_at.get(it).is_none_or(|at| shown.started_at <= *at);
        self.disputes.iter().any(concerns)
    }

    pub(super) fn pinned_key(&self) -> Option<TierKey> {
        let it = &self.pinned.as_ref()?.entitlements;
        Some(TierKey { tier: it.tier.clone(), version: it.tier_version })
    }
}
