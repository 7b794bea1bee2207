//! What a subscription consists of: so many of something, at a price, per interval.

use super::PriceRef;
use herald_kernel::Money;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How often a price is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

/// A word that is no interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `month` or `year`")]
pub struct InvalidInterval(pub String);

impl Interval {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// How many months it lasts.
    #[must_use]
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Interval {
    type Err = InvalidInterval;

    fn from_str(name: &str) -> Result<Self, InvalidInterval> {
        match name {
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            other => Err(InvalidInterval(other.to_owned())),
        }
    }
}

/// One line of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorItem {
    /// What is bought.
    pub price: PriceRef,
    /// How many of it.
    pub quantity: u32,
    /// What one costs each time, before discounts and without tax.
    pub unit: Money,
    /// How often it is due …
    pub interval: Interval,
    /// … and every how many of those: 3 with `Month` is quarterly.
    pub interval_count: u32,
}

/// What is taken off every bill, for as long as it is shown. One that applies to a single bill only
/// does not belong here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    /// A part of it.
    Percent {
        /// In hundredths of a percent: 2,500 is a quarter.
        basis_points: u32,
    },
    /// An amount, from each bill.
    Amount {
        /// How much.
        off: Money,
    },
}
