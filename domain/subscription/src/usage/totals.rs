//! What was used for good, and by what: the part of a count that people keep.

use super::{UsageEvent as E, counter::BREAKDOWN_AT_MOST};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was used for good of one counter, and by what. It holds no single unit or block, so it stays
/// small however much is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageTotals {
    /// How much.
    pub used: u64,
    /// By key and operation, as far as blocks were settled; the rest is not broken down.
    pub breakdown: BTreeMap<String, u64>,
}

impl UsageTotals {
    /// Takes one more event in, in the order of the log.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is used for good")]
    pub fn fold(&mut self, event: &E) {
        match event {
            E::Counted { .. } => self.add(1),
            E::Settled { used, breakdown, .. } | E::Drawn { n: used, breakdown, .. } => {
                self.add(*used);
                for (name, count) in breakdown.counts() {
                    add_to(&mut self.breakdown, name, *count);
                }
            }
            E::LeaseExpired { used, .. } | E::Committed { used, .. } => self.add(*used),
            _ => {}
        }
    }

    fn add(&mut self, used: u32) {
        self.used = self.used.saturating_add(u64::from(used));
    }
}

/// The sum of many breakdowns stays bounded too: what finds no place is summed up as the rest.
pub(super) fn add_to(breakdown: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    let full = breakdown.len() >= BREAKDOWN_AT_MOST * 5;
    let name = if full && !breakdown.contains_key(name) { "other" } else { name };
    let sum = breakdown.entry(name.to_owned()).or_default();
    *sum = sum.saturating_add(count);
}
