//! What one account paid per month, from when on.

use super::MonthlyRate;
use crate::{Access, SubscriptionEvent as E};
use herald_kernel::{Currency, Instant, Money};
use herald_terms::Tier;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Per currency, what is paid per month.
pub(super) type Rates = BTreeMap<Currency, MonthlyRate>;

/// Money that moved at an instant.
pub(super) type Moved = (Instant, Money);

/// What one account paid per month, from when on; its trial, its tiers, and what went back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHistory {
    access: Access,
    items: Rates,
    /// In order of time, each unlike the one before.
    pub(super) steps: Vec<(Instant, Rates)>,
    pub(super) trial_started_at: Option<Instant>,
    pub(super) trial_converted_at: Option<Instant>,
    /// Which paid tier took the place of which.
    #[serde(default)]
    pub(super) changes: Vec<(Instant, Tier, Tier)>,
    #[serde(default)]
    pub(super) refunds: Vec<Moved>,
    #[serde(default)]
    pub(super) disputes: Vec<Moved>,
    #[serde(default)]
    pub(super) disputes_lost: Vec<Moved>,
}

impl AccountHistory {
    /// Folds one more event of the account's subscription, in the order of the log; `at` is when it
    /// happened, for those that do not say so themselves.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is about no money")]
    pub fn fold(&mut self, event: &E, at: Instant) {
        match event {
            E::SnapshotObserved { snapshot, fetched_at } => {
                let shown = snapshot.subscription.as_ref().filter(|it| !it.status.is_final());
                let rates = shown.map(|it| MonthlyRate::of(&it.items, &it.discounts));
                self.items = rates.unwrap_or_default();
                // What ends is dated by the change of access that follows.
                if shown.is_some() {
                    self.step(*fetched_at);
                }
            }
            E::AccessChanged { to, effective_at, .. } => {
                self.access = *to;
                self.step(*effective_at);
            }
            E::EntitlementsChanged { from: Some(from), to, at, .. } => {
                let paid = from.tier != Tier::FREE && to.tier != Tier::FREE;
                if paid && from.tier != to.tier {
                    self.changes.push((*at, from.tier.clone(), to.tier.clone()));
                }
            }
            E::TrialStarted { at, .. } => {
                self.trial_started_at.get_or_insert(*at);
            }
            E::TrialConverted { at, .. } => {
                self.trial_converted_at.get_or_insert(*at);
            }
            E::RefundRecorded { amount, at, .. } => self.refunds.push((*at, *amount)),
            E::DisputeOpened { amount, .. } => self.disputes.push((at, *amount)),
            E::DisputeLost { amount, .. } => self.disputes_lost.push((at, *amount)),
            _ => {}
        }
    }

    /// What was not known in time counts from the latest step: the past stays as it was told.
    fn step(&mut self, at: Instant) {
        let rates = if self.access.is_paying() { self.items.clone() } else { Rates::new() };
        let last = self.steps.last();
        if last.map_or_else(Rates::new, |(_, rates)| rates.clone()) != rates {
            let at = last.map_or(at, |(last, _)| at.max(*last));
            self.steps.push((at, rates));
        }
    }

    /// What the account pays per month at `at`.
    pub(super) fn rates_at(&self, at: Instant) -> Rates {
        let known = self.steps.iter().rev().find(|(from, _)| *from <= at);
        known.map(|(_, rates)| rates.clone()).unwrap_or_default()
    }
}
