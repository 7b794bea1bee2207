//! What is on offer: tiers, their versions, their prices, and packs of credits.
//!
//! **Invariant:** a price belongs to one version of one tier, for ever. A change of price or content
//! is a new version; whoever bought an older one stays on it.

mod builtin;
mod entry;
mod fault;
mod file;

pub use entry::{CreditKind, CreditPack, Limits, Overage, PackPrice, Price, TierKey, TierVersion};
pub use fault::{CatalogueFault, CatalogueFaults};
pub use file::CatalogueFile;

use crate::{Interval, PriceRef};
use herald_kernel::Currency;
use herald_terms::{Entitlements, Tier};
use std::collections::BTreeMap;

/// All that is on offer and all that ever was: a checked [`CatalogueFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    tiers: Vec<TierVersion>,
    packs: Vec<CreditPack>,
    aliases: BTreeMap<String, Tier>,
    /// Every name of a price, the provider's included, to the catalogue's own name of it.
    names: BTreeMap<PriceRef, PriceRef>,
    /// The catalogue's name of a price to the provider's.
    ids: BTreeMap<PriceRef, PriceRef>,
}

impl Catalogue {
    /// Every tier version, lowest tier first.
    #[must_use]
    pub fn tiers(&self) -> &[TierVersion] {
        &self.tiers
    }

    /// Every pack of credits.
    #[must_use]
    pub fn packs(&self) -> &[CreditPack] {
        &self.packs
    }

    /// The tier that goes by `name`, which may be an alias.
    #[must_use]
    pub fn tier(&self, name: &str) -> Option<Tier> {
        let known = |tier: &Tier| self.tiers.iter().any(|it| it.key.tier == *tier);
        let named = Tier::named(name);
        if known(&named) { Some(named) } else { self.aliases.get(name).cloned() }
    }

    /// One version of a tier.
    #[must_use]
    pub fn version(&self, key: &TierKey) -> Option<&TierVersion> {
        self.tiers.iter().find(|it| it.key == *key)
    }

    /// The version that is on offer: the newest.
    #[must_use]
    pub fn latest(&self, tier: &Tier) -> Option<&TierVersion> {
        let versions = self.tiers.iter().filter(|it| it.key.tier == *tier);
        versions.max_by_key(|it| it.key.version)
    }

    /// The version that a price buys, by either name of the price.
    #[must_use]
    pub fn by_price(&self, price: &PriceRef) -> Option<&TierVersion> {
        let name = self.names.get(price)?;
        self.tiers.iter().find(|it| it.prices.iter().any(|it| it.price == *name))
    }

    /// The pack that a price buys, by either name of the price.
    #[must_use]
    pub fn pack_by_price(&self, price: &PriceRef) -> Option<&CreditPack> {
        let name = self.names.get(price)?;
        self.packs.iter().find(|it| it.prices.iter().any(|it| it.price == *name))
    }

    /// The pack of that name.
    #[must_use]
    pub fn pack(&self, name: &str) -> Option<&CreditPack> {
        self.packs.iter().find(|it| it.name == name)
    }

    /// What the newest version of a tier costs per interval in a currency.
    #[must_use]
    pub fn offer(&self, tier: &Tier, interval: Interval, currency: Currency) -> Option<&Price> {
        let offered = |it: &&Price| it.interval == interval && it.amount.currency == currency;
        self.latest(tier)?.prices.iter().find(offered)
    }

    /// What the payment provider calls a price: what the `prices` table says, else the same.
    #[must_use]
    pub fn id_of<'a>(&'a self, price: &'a PriceRef) -> &'a PriceRef {
        self.names.get(price).and_then(|name| self.ids.get(name)).unwrap_or(price)
    }

    /// What the catalogue calls a price.
    #[must_use]
    pub fn name_of<'a>(&'a self, price: &'a PriceRef) -> Option<&'a PriceRef> {
        self.names.get(price)
    }

    /// What somebody may use who pays for nothing.
    #[must_use]
    pub fn free(&self) -> Entitlements {
        self.latest(&Tier::FREE).map_or_else(Entitlements::free, TierVersion::entitlements)
    }

    /// Does `to` stand above `from`? Tiers stand in the order in which the catalogue lists them.
    #[must_use]
    pub fn stands_above(&self, to: &Tier, from: &Tier) -> bool {
        let rank = |tier: &Tier| self.tiers.iter().position(|it| it.key.tier == *tier);
        rank(to) > rank(from)
    }
}

impl Default for Catalogue {
    /// The built-in catalogue.
    fn default() -> Self {
        builtin::catalogue()
    }
}

#[cfg(test)]
mod tests;
