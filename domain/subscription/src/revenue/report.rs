//! What all accounts pay at an instant, and what moved between two.

use super::{
    AccountHistory, MonthlyRate,
    history::{Moved, Rates},
};
use crate::Catalogue;
use herald_kernel::{Currency, Instant};
use herald_terms::Tier;
use std::collections::{BTreeMap, BTreeSet};

/// A part of a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratio {
    /// The part.
    pub part: i128,
    /// The whole.
    pub whole: i128,
}

impl Ratio {
    /// In hundredths of a percent, rounded down; `None` of nothing.
    #[must_use]
    pub fn basis_points(self) -> Option<i64> {
        let scaled = self.part.checked_mul(10_000)?.checked_div_euclid(self.whole)?;
        i64::try_from(scaled).ok()
    }
}

/// What moved in one currency from one instant until just before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revenue {
    /// What was paid per month at the beginning.
    pub start: MonthlyRate,
    /// What was paid per month at the end.
    pub end: MonthlyRate,
    /// From accounts that had never paid before.
    pub new: MonthlyRate,
    /// From accounts that pay more.
    pub expansion: MonthlyRate,
    /// From accounts that pay less; not below zero.
    pub contraction: MonthlyRate,
    /// From accounts that pay nothing any more; not below zero.
    pub churn: MonthlyRate,
    /// From accounts that had stopped and pay again.
    pub reactivation: MonthlyRate,
    /// How many accounts pay at the end.
    pub paying: u64,
    /// Money that was given back; no part of the movements, which are per month.
    pub refunds: Moves,
    /// Payments that were contested at the bank.
    pub disputes: Moves,
    /// Of contested payments, those that the bank took back.
    pub disputes_lost: Moves,
}

/// Money that moved by itself: how often, and how much in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moves {
    /// How often.
    pub count: u64,
    /// How much in all.
    pub minor: i64,
}

impl Moves {
    const fn add(&mut self, minor: i64) {
        self.count += 1;
        self.minor = self.minor.saturating_add(minor);
    }
}

impl Revenue {
    /// The sum of all movements: `end` minus `start`.
    #[must_use]
    pub const fn movement(&self) -> MonthlyRate {
        let up = self.new.plus(self.expansion).plus(self.reactivation);
        up.minus(self.contraction).minus(self.churn)
    }

    /// What was lost of the revenue of the beginning.
    #[must_use]
    pub const fn churn_rate(&self) -> Ratio {
        Ratio { part: self.churn.plus(self.contraction).parts(), whole: self.start.parts() }
    }

    /// What became of the revenue of the beginning (NRR).
    #[must_use]
    pub const fn net_retention(&self) -> Ratio {
        let kept = self.start.plus(self.expansion).minus(self.contraction).minus(self.churn);
        Ratio { part: kept.parts(), whole: self.start.parts() }
    }

    /// What a paying account pays on average (ARPU).
    #[must_use]
    pub fn per_account(&self) -> MonthlyRate {
        self.end.shared_by(self.paying)
    }
}

/// The figures of a stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Per currency; currencies are never added up.
    pub revenue: BTreeMap<Currency, Revenue>,
    /// Accounts that paid at the beginning.
    pub paying_at_start: u64,
    /// Of those, how many did not at the end.
    pub lost: u64,
    /// Accounts that were opened, as the caller counted them.
    pub sign_ups: u64,
    /// Accounts whose trial began.
    pub trials: u64,
    /// Of those, how many paid before the end.
    pub converted: u64,
    /// How often one paid tier took the place of another: from which, to which.
    pub changes: BTreeMap<(Tier, Tier), u64>,
}

impl Report {
    /// The figures from `from` until just before `to`.
    #[must_use]
    pub fn between<'a>(
        accounts: impl IntoIterator<Item = &'a AccountHistory>,
        from: Instant,
        to: Instant,
        sign_ups: u64,
    ) -> Self {
        let mut report = Self { sign_ups, ..Self::default() };
        for account in accounts {
            report.add(account, from, to);
        }
        report
    }

    /// Which of the accounts that paid at the beginning were lost.
    #[must_use]
    pub fn logo_churn(&self) -> Ratio {
        Ratio { part: self.lost.into(), whole: self.paying_at_start.into() }
    }

    /// Which of the trials that began were paid for before the end.
    #[must_use]
    pub fn trial_conversion(&self) -> Ratio {
        Ratio { part: self.converted.into(), whole: self.trials.into() }
    }

    /// How often a higher tier took the place of a lower one.
    #[must_use]
    pub fn upgrades(&self, catalogue: &Catalogue) -> u64 {
        self.moved(|from, to| catalogue.stands_above(to, from))
    }

    /// How often a lower tier took the place of a higher one. An end is none: it is churn.
    #[must_use]
    pub fn downgrades(&self, catalogue: &Catalogue) -> u64 {
        self.moved(|from, to| catalogue.stands_above(from, to))
    }

    fn moved(&self, so: impl Fn(&Tier, &Tier) -> bool) -> u64 {
        self.changes.iter().filter(|((from, to), _)| so(from, to)).map(|(_, count)| count).sum()
    }

    fn add(&mut self, account: &AccountHistory, from: Instant, to: Instant) {
        let (mut paid_before, mut known) = (false, Rates::new());
        let mut start = Rates::new();
        for (at, rates) in account.steps.iter().filter(|(at, _)| *at < to) {
            if *at < from {
                start.clone_from(rates);
            } else {
                self.move_from(&known, rates, paid_before);
            }
            paid_before |= !rates.is_empty();
            known.clone_from(rates);
        }
        self.sums(&start, &known);
        let started = account.trial_started_at.filter(|at| from <= *at && *at < to);
        self.trials += u64::from(started.is_some());
        let converted = account.trial_converted_at.filter(|at| *at < to);
        self.converted += u64::from(started.is_some() && converted.is_some());
        for (at, before, after) in &account.changes {
            if from <= *at && *at < to {
                *self.changes.entry((before.clone(), after.clone())).or_default() += 1;
            }
        }
        let within = |(at, _): &&Moved| from <= *at && *at < to;
        for (_, money) in account.refunds.iter().filter(within) {
            self.currency(money.currency).refunds.add(money.minor);
        }
        for (_, money) in account.disputes.iter().filter(within) {
            self.currency(money.currency).disputes.add(money.minor);
        }
        for (_, money) in account.disputes_lost.iter().filter(within) {
            self.currency(money.currency).disputes_lost.add(money.minor);
        }
    }

    fn currency(&mut self, currency: Currency) -> &mut Revenue {
        self.revenue.entry(currency).or_default()
    }

    fn sums(&mut self, start: &Rates, end: &Rates) {
        self.paying_at_start += u64::from(!start.is_empty());
        self.lost += u64::from(!start.is_empty() && end.is_empty());
        for (currency, rate) in start {
            let it = self.currency(*currency);
            it.start = it.start.plus(*rate);
        }
        for (currency, rate) in end {
            let it = self.currency(*currency);
            it.end = it.end.plus(*rate);
            it.paying += 1;
        }
    }

    /// One step of one account, each currency by itself.
    fn move_from(&mut self, before: &Rates, after: &Rates, paid_before: bool) {
        let currencies: BTreeSet<Currency> = before.keys().chain(after.keys()).copied().collect();
        for currency in currencies {
            let rate = |rates: &Rates| rates.get(&currency).copied().unwrap_or_default();
            let (old, next) = (rate(before), rate(after));
            let it = self.currency(currency);
            let field = match (old == MonthlyRate::ZERO, next == MonthlyRate::ZERO) {
                (true, _) if paid_before => &mut it.reactivation,
                (true, _) => &mut it.new,
                (false, true) => &mut it.churn,
                (false, false) if next > old => &mut it.expansion,
                (false, false) => &mut it.contraction,
            };
            let difference = if next > old { next.minus(old) } else { old.minus(next) };
            *field = field.plus(difference);
        }
    }
}

impl AccountHistory {
    /// What these accounts pay per month at `at`, per currency.
    #[must_use]
    pub fn mrr_at<'a>(
        accounts: impl IntoIterator<Item = &'a Self>,
        at: Instant,
    ) -> BTreeMap<Currency, MonthlyRate> {
        let mut sums: BTreeMap<Currency, MonthlyRate> = BTreeMap::new();
        for account in accounts {
            for (currency, rate) in account.rates_at(at) {
                let sum = sums.entry(currency).or_default();
                *sum = sum.plus(rate);
            }
        }
        sums
    }
}
