//! The catalogue that holds when an operator wrote none.

use super::{
    Catalogue, CatalogueFile, CreditKind, CreditPack, Overage, PackPrice, Price, TierKey,
    TierVersion,
};
use crate::{Interval, PriceRef};
use herald_kernel::{Currency, Money};
use herald_terms::{Entitlements, Tier};
use std::collections::BTreeMap;

/// The catalogue that holds when an operator wrote none.
pub(super) fn catalogue() -> Catalogue {
    // The tests show that the file is free of faults; an empty catalogue would give everybody the
    // free tier and sell nothing.
    Catalogue::try_from(file()).unwrap_or_else(|_| Catalogue {
        tiers: Vec::new(),
        packs: Vec::new(),
        aliases: BTreeMap::new(),
        names: BTreeMap::new(),
        ids: BTreeMap::new(),
    })
}

pub(super) fn file() -> CatalogueFile {
    let starter = [
        ("herald_starter_monthly_v1", 2_900, Interval::Month),
        ("herald_starter_yearly_v1", 29_000, Interval::Year),
    ];
    let professional = [
        ("herald_professional_monthly_v1", 9_900, Interval::Month),
        ("herald_professional_yearly_v1", 99_000, Interval::Year),
    ];
    CatalogueFile {
        tiers: vec![
            tier("Free", Entitlements::free(), &[], 0),
            tier("Starter", Entitlements::starter(), &starter, 14),
            tier("Professional", Entitlements::professional(), &professional, 0),
            tier("Enterprise", Entitlements::enterprise(), &[], 0),
        ],
        packs: vec![
            pack("api_calls_10000", CreditKind::ApiCalls, 10_000, 900),
            pack("ai_credits_500", CreditKind::AiCredits, 500, 1_000),
        ],
        aliases: [("pro".to_owned(), Tier::STARTER)].into(),
        prices: BTreeMap::new(),
    }
}

fn dollars(minor: i64) -> Option<Money> {
    let currency: Currency = "USD".parse().ok()?;
    Some(Money { minor, currency })
}

fn tier(
    name: &str,
    includes: Entitlements,
    prices: &[(&str, i64, Interval)],
    trial_days: u16,
) -> TierVersion {
    let price = |&(price, minor, interval): &(&str, i64, Interval)| {
        Some(Price { price: PriceRef::try_new(price).ok()?, amount: dollars(minor)?, interval })
    };
    TierVersion {
        key: TierKey { tier: includes.tier.clone(), version: includes.tier_version },
        name: name.to_owned(),
        prices: prices.iter().filter_map(price).collect(),
        trial_days,
        grace_days: 7,
        overage: Overage::Block,
        limits: includes.into(),
    }
}

fn pack(name: &str, kind: CreditKind, credits: u32, minor: i64) -> CreditPack {
    let price = PriceRef::try_new(format!("herald_{name}_v1")).ok();
    let price = price.zip(dollars(minor)).map(|(price, amount)| PackPrice { price, amount });
    let prices = price.into_iter().collect();
    CreditPack { name: name.to_owned(), kind, credits, prices, months_valid: 12 }
}
