//! How much of a provider's allowance is used, as its answers say.

use crate::{Answer, when};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

/// One allowance as last seen.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitStanding {
    /// The operation whose answer told.
    pub operation: &'static str,
    /// What is counted: `requests` or `tokens`.
    pub unit: &'static str,
    /// The whole allowance.
    pub limit: u32,
    /// What is left of it.
    pub remaining: u32,
    /// When it is full again.
    pub reset: Option<SystemTime>,
}

impl LimitStanding {
    /// The used share, from 0 to 1.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        let left = f64::from(self.remaining.min(self.limit));
        1.0 - left / f64::from(self.limit.max(1))
    }
}

/// The allowances that a provider's answers told of.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<BTreeMap<(&'static str, &'static str), LimitStanding>>);

impl Limits {
    pub(crate) fn observe(
        &self,
        operation: &'static str,
        answer: &Answer,
        now: SystemTime,
    ) -> Vec<LimitStanding> {
        let seen = read(operation, answer, now);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for standing in &seen {
            known.insert((operation, standing.unit), standing.clone());
        }
        seen
    }

    pub(crate) fn standing(&self) -> Vec<LimitStanding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

fn read(operation: &'static str, answer: &Answer, now: SystemTime) -> Vec<LimitStanding> {
    [
        ("x-rate-limit-", "", "requests"),
        ("x-ratelimit-", "", "requests"),
        ("ratelimit-", "", "requests"),
        ("x-ratelimit-", "-requests", "requests"),
        ("x-ratelimit-", "-tokens", "tokens"),
    ]
    .into_iter()
    .filter_map(|(prefix, suffix, unit)| {
        let header = |word: &str| answer.header(&format!("{prefix}{word}{suffix}"));
        Some(LimitStanding {
            operation,
            unit,
            limit: header("limit")?.trim().parse().ok()?,
            remaining: header("remaining")?.trim().parse().ok()?,
            reset: header("reset").and_then(|value| when::reset(value, now)),
        })
    })
    .collect()
}
