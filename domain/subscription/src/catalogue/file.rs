//! The catalogue as an operator writes it, and its examination.

use super::{Catalogue, CatalogueFault as F, CatalogueFaults, CreditPack, TierVersion};
use crate::PriceRef;
use herald_kernel::Money;
use herald_terms::Tier;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The catalogue as an operator writes it. [`Catalogue::try_from`] examines it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFile {
    /// Every tier version, lowest tier first. Versions that somebody bought stay in the file.
    pub tiers: Vec<TierVersion>,
    /// Every pack of credits.
    #[serde(default)]
    pub packs: Vec<CreditPack>,
    /// Other names of tiers.
    #[serde(default)]
    pub aliases: BTreeMap<String, Tier>,
    /// The catalogue's name of a price to the payment provider's id of it.
    #[serde(default)]
    pub prices: BTreeMap<PriceRef, PriceRef>,
}

impl TryFrom<CatalogueFile> for Catalogue {
    type Error = CatalogueFaults;

    fn try_from(file: CatalogueFile) -> Result<Self, CatalogueFaults> {
        let mut faults = Vec::new();
        examine_tiers(&file, &mut faults);
        examine_packs(&file, &mut faults);
        examine_aliases(&file, &mut faults);
        let own = examine_prices(&file, &mut faults);
        let names = examine_ids(&file, own, &mut faults);
        if !faults.is_empty() {
            return Err(CatalogueFaults(faults));
        }
        let CatalogueFile { tiers, packs, aliases, prices: ids } = file;
        Ok(Self { tiers, packs, aliases, names, ids })
    }
}

fn examine_tiers(file: &CatalogueFile, faults: &mut Vec<F>) {
    let mut seen = BTreeSet::new();
    for tier in &file.tiers {
        let key = tier.key.clone();
        if key.version == 0 {
            faults.push(F::VersionZero { tier: key.tier.clone() });
        }
        if !seen.insert(key.clone()) {
            faults.push(F::VersionTwice { key: key.clone() });
        }
        if tier.trial_days > 730 {
            faults.push(F::TrialTooLong { key: key.clone(), days: tier.trial_days });
        }
        if tier.grace_days > 60 {
            faults.push(F::GraceTooLong { key: key.clone(), days: tier.grace_days });
        }
        for feature in tier.limits.trial_excluded.minus(tier.limits.features).iter() {
            faults.push(F::ExcludedFeatureMissing { key: key.clone(), feature });
        }
        if key.tier == Tier::FREE
            && let Some(price) = tier.prices.first()
        {
            faults.push(F::FreeTierHasPrice { price: price.price.clone() });
        }
    }
    if !file.tiers.iter().any(|it| it.key.tier == Tier::FREE) {
        faults.push(F::NoFreeTier);
    }
}

fn examine_packs(file: &CatalogueFile, faults: &mut Vec<F>) {
    let mut seen = BTreeSet::new();
    for pack in &file.packs {
        if !seen.insert(&pack.name) {
            faults.push(F::PackTwice { name: pack.name.clone() });
        }
        let lasts = (1..=120).contains(&pack.months_valid);
        if pack.credits == 0 || pack.prices.is_empty() || !lasts {
            faults.push(F::PackEmpty { name: pack.name.clone() });
        }
    }
}

fn examine_aliases(file: &CatalogueFile, faults: &mut Vec<F>) {
    let is_tier = |name: &str| file.tiers.iter().any(|it| it.key.tier.as_str() == name);
    for (alias, tier) in &file.aliases {
        if is_tier(alias) {
            faults.push(F::AliasIsTier { alias: alias.clone() });
        }
        if !is_tier(tier.as_str()) {
            faults.push(F::AliasOfNothing { alias: alias.clone(), tier: tier.clone() });
        }
    }
}

/// Every price and the entry that it is in.
fn examine_prices(file: &CatalogueFile, faults: &mut Vec<F>) -> BTreeMap<PriceRef, String> {
    let of_tiers = file
        .tiers
        .iter()
        .flat_map(|tier| tier.prices.iter().map(|it| (&it.price, it.amount, tier.key.to_string())));
    let of_packs = file.packs.iter().flat_map(|pack| {
        pack.prices.iter().map(|it| (&it.price, it.amount, format!("pack {}", pack.name)))
    });
    let mut own: BTreeMap<PriceRef, String> = BTreeMap::new();
    for (price, Money { minor, .. }, entry) in of_tiers.chain(of_packs) {
        if minor <= 0 {
            faults.push(F::AmountNotPositive { price: price.clone(), entry: entry.clone(), minor });
        }
        if let Some(first) = own.get(price) {
            let (price, first) = (price.clone(), first.clone());
            faults.push(F::PriceTwice { price, first, second: entry });
        } else {
            own.insert(price.clone(), entry);
        }
    }
    own
}

/// Every name of a price, the provider's included, to the catalogue's own.
fn examine_ids(
    file: &CatalogueFile,
    own: BTreeMap<PriceRef, String>,
    faults: &mut Vec<F>,
) -> BTreeMap<PriceRef, PriceRef> {
    let mut names: BTreeMap<PriceRef, PriceRef> =
        own.into_keys().map(|name| (name.clone(), name)).collect();
    for (name, id) in &file.prices {
        if names.get(name) != Some(name) {
            faults.push(F::IdOfNothing { price: name.clone() });
            continue;
        }
        match names.get(id) {
            Some(other) if other != name => {
                let (first, second) = (other.clone(), name.clone());
                faults.push(F::IdTwice { id: id.clone(), first, second });
            }
            Some(_) => {}
            None => {
                names.insert(id.clone(), name.clone());
            }
        }
    }
    names
}
