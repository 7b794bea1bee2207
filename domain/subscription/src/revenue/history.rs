//! What one account paid per month, from when on.

use super::MonthlyRate;
use crate::{Access, SubscriptionEvent as E};
use herald_kernel::{Currency, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Per currency, what is paid per month.
pub(super) type Rates = BTreeMap<Currency, MonthlyRate>;

/// What one account paid per month, from when on; and its trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHistory {
    access: Access,
    items: Rates,
    /// In order of time, each unlike the one before.
    pub(super) steps: Vec<(Instant, Rates)>,
    pub(super) trial_started_at: Option<Instant>,
    pub(super) trial_converted_at: Option<Instant>,
}

impl AccountHistory {
    /// Folds one more event of the account's subscription, in the order of the log.
    pub fn fold(&mut self, event: &E) {
        if let E::SnapshotObserved { snapshot, fetched_at } = event {
            let shown = snapshot.subscription.as_ref();
            self.items = shown
                .filter(|it| !it.status.is_final())
                .map(|it| MonthlyRate::of(&it.items, &it.discounts))
                .unwrap_or_default();
            // What ends is dated by the change of access that follows.
            if shown.is_some_and(|it| !it.status.is_final()) {
                self.step(*fetched_at);
            }
        } else if let E::AccessChanged { to, effective_at, .. } = event {
            self.access = *to;
            self.step(*effective_at);
        } else if let E::TrialStarted { at, .. } = event {
            self.trial_started_at.get_or_insert(*at);
        } else if let E::TrialConverted { at, .. } = event {
            self.trial_converted_at.get_or_insert(*at);
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
