//! What is wrong with a catalogue, each fault with the entry at fault and what to do about it.

use super::TierKey;
use crate::PriceRef;
use herald_terms::{Feature, Tier};
use std::fmt;

/// One thing that is wrong with a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFault {
    /// Nobody would know what an account without a subscription may use.
    #[error("no tier is called `free`; add one, it says what an account may use that pays nothing")]
    NoFreeTier,
    /// The free tier costs something.
    #[error("the tier `free` has the price `{price}`; remove it, or call the tier something else")]
    FreeTierHasPrice {
        /// Which.
        price: PriceRef,
    },
    /// Versions begin with 1.
    #[error("`{tier}` has a version 0; versions begin with 1")]
    VersionZero {
        /// Whose.
        tier: Tier,
    },
    /// Two entries are the same version of the same tier.
    #[error("`{key}` is there twice; give the newer entry the next version")]
    VersionTwice {
        /// Which.
        key: TierKey,
    },
    /// A price would buy two things.
    #[error(
        "the price `{price}` is in `{first}` and in `{second}`; a price buys one thing for ever, so give the newer one a price of its own"
    )]
    PriceTwice {
        /// Which.
        price: PriceRef,
        /// Where it is first.
        first: String,
        /// Where it is again.
        second: String,
    },
    /// An amount is not positive.
    #[error("the price `{price}` in `{entry}` is {minor}; a price is above 0")]
    AmountNotPositive {
        /// Which.
        price: PriceRef,
        /// Where.
        entry: String,
        /// The amount, in minor units.
        minor: i64,
    },
    /// The trial is longer than a payment provider allows.
    #[error("`{key}` can be tried for {days} days; at most 730 are allowed")]
    TrialTooLong {
        /// Where.
        key: TierKey,
        /// How long.
        days: u16,
    },
    /// The grace is longer than a payment provider tries again.
    #[error(
        "`{key}` has {days} days of grace; at most 60 are allowed, as payments are not tried again for longer"
    )]
    GraceTooLong {
        /// Where.
        key: TierKey,
        /// How long.
        days: u16,
    },
    /// A trial withholds what the tier has not.
    #[error(
        "`{key}` excludes `{feature}` from its trial but has no such feature; add it to `features` or take it out of `trial_excluded`"
    )]
    ExcludedFeatureMissing {
        /// Where.
        key: TierKey,
        /// Which.
        feature: Feature,
    },
    /// An alias leads nowhere.
    #[error(
        "the alias `{alias}` stands for `{tier}`, which is no tier; name one that is in the file"
    )]
    AliasOfNothing {
        /// Which.
        alias: String,
        /// What it would stand for.
        tier: Tier,
    },
    /// An alias is also a tier.
    #[error("the alias `{alias}` is also the name of a tier; remove the alias")]
    AliasIsTier {
        /// Which.
        alias: String,
    },
    /// The table of prices names one that nothing costs.
    #[error(
        "`prices.{price}` names no price of the catalogue; correct the name or remove the line"
    )]
    IdOfNothing {
        /// Which.
        price: PriceRef,
    },
    /// Two prices would be one at the provider.
    #[error(
        "`prices.{first}` and `prices.{second}` are both `{id}`; each price has an id of its own"
    )]
    IdTwice {
        /// The provider's id.
        id: PriceRef,
        /// One name.
        first: PriceRef,
        /// The other.
        second: PriceRef,
    },
    /// Two packs have the same name.
    #[error("the pack `{name}` is there twice; give the newer one another name")]
    PackTwice {
        /// Which.
        name: String,
    },
    /// A pack that nobody could use or keep.
    #[error("the pack `{name}` needs at least 1 credit, 1 price and between 1 and 120 months")]
    PackEmpty {
        /// Which.
        name: String,
    },
}

/// All that is wrong with a catalogue; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueFaults(pub Vec<CatalogueFault>);

impl fmt::Display for CatalogueFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogueFaults {}
