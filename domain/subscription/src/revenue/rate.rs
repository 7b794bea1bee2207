//! Money per month, exact for every usual interval.

use crate::{Discount, MirrorItem};
use herald_kernel::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parts of a minor unit: divisible by 1 to 16, 18, 24, 36, 48 and 60 months without a rest.
const PARTS: i128 = 720_720;

/// So much per month, in one currency that the holder knows. Rounded once, when it is shown.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct MonthlyRate(i128);

impl MonthlyRate {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount that is due every so many months; no months are taken for one.
    #[must_use]
    pub fn every(minor: i64, months: u32) -> Self {
        Self(i128::from(minor) * PARTS / i128::from(months.max(1)))
    }

    /// In minor units per month, half a unit away from zero.
    #[must_use]
    pub fn minor(self) -> i64 {
        let half = if self.0 < 0 { -PARTS / 2 } else { PARTS / 2 };
        let limit = if self.0 < 0 { i64::MIN } else { i64::MAX };
        i64::try_from((self.0 + half) / PARTS).unwrap_or(limit)
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// A `whole`th of it, such as what one of so many accounts pays.
    #[must_use]
    pub fn shared_by(self, whole: u64) -> Self {
        Self(self.0 / i128::from(whole.max(1)))
    }

    pub(super) const fn parts(self) -> i128 {
        self.0
    }

    /// What the lines of a subscription come to, per currency, after what is taken off every bill.
    #[must_use]
    pub fn of(items: &[MirrorItem], discounts: &[Discount]) -> BTreeMap<Currency, Self> {
        let mut rates: BTreeMap<Currency, Self> = BTreeMap::new();
        let mut longest: BTreeMap<Currency, u32> = BTreeMap::new();
        for item in items {
            let months = item.interval.months().saturating_mul(item.interval_count).max(1);
            let one = Self::every(item.unit.minor, months);
            let all = Self(one.0.saturating_mul(i128::from(item.quantity)));
            let sum = rates.entry(item.unit.currency).or_default();
            *sum = sum.plus(all);
            let known = longest.entry(item.unit.currency).or_insert(months);
            *known = months.max(*known);
        }
        for discount in discounts {
            match discount {
                Discount::Percent { basis_points } => {
                    let left = i128::from(10_000_u32.saturating_sub(*basis_points));
                    for rate in rates.values_mut() {
                        rate.0 = rate.0 * left / 10_000;
                    }
                }
                Discount::Amount { off } => {
                    let months = longest.get(&off.currency).copied().unwrap_or(1);
                    if let Some(rate) = rates.get_mut(&off.currency) {
                        *rate = rate.minus(Self::every(off.minor, months)).max(Self::ZERO);
                    }
                }
            }
        }
        rates.retain(|_, rate| *rate > Self::ZERO);
        rates
    }
}
