//! Who may call us, and what their calls lead to.

use super::WebhookApplier;
use crate::ports::{EventListing, WebhookSource};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// One provider that calls us.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Source {
    /// Tells its calls from forgeries.
    pub verifier: Arc<dyn WebhookSource>,
    /// Does what its events ask for.
    pub applier: Arc<dyn WebhookApplier>,
    /// Its own list of events, if it keeps one: finds what never arrived.
    pub listing: Option<Arc<dyn EventListing>>,
}

impl Source {
    /// A provider without a list of its own.
    #[must_use]
    pub fn new(verifier: Arc<dyn WebhookSource>, applier: Arc<dyn WebhookApplier>) -> Self {
        Self { verifier, applier, listing: None }
    }

    /// The same provider, with its list of events.
    #[must_use]
    pub fn with_listing(mut self, listing: Arc<dyn EventListing>) -> Self {
        self.listing = Some(listing);
        self
    }
}

/// How fast the inbox is worked off. The first pause after a failure and the number of attempts are
/// those of jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Rows applied side by side, all of different keys.
    pub parallel: u32,
    /// How long a claim lasts unless renewed, which it is while its row is worked on. So long wait a
    /// customer's events when their worker dies.
    pub lease: Duration,
    /// How long one attempt may take.
    pub patience: Duration,
    /// The longest pause between two attempts.
    pub longest_pause: Duration,
    /// How long the bodies of settled rows are kept.
    pub keep_bodies: Duration,
    /// How often a provider's own list is compared with the inbox.
    pub compare_every: Duration,
    /// How often old bodies and due comparisons are looked for.
    pub upkeep_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            parallel: 8,
            lease: minutes(1),
            patience: minutes(10),
            longest_pause: minutes(60),
            keep_bodies: minutes(30 * 24 * 60),
            compare_every: minutes(24 * 60),
            upkeep_every: minutes(10),
        }
    }
}

/// Every provider that may call us, by its name in `/webhooks/{provider}`.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Sources {
    by_name: BTreeMap<String, Source>,
    /// How fast the inbox is worked off.
    pub pace: Pace,
}

impl Sources {
    /// The same sources and this one.
    #[must_use]
    pub fn with(mut self, name: &str, source: Source) -> Self {
        self.by_name.insert(name.to_owned(), source);
        self
    }

    /// The source of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Source> {
        self.by_name.get(name)
    }

    /// Every source's name.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.by_name.keys().cloned().collect()
    }

    /// The sources that keep a list of their own.
    pub(crate) fn listings(&self) -> impl Iterator<Item = (&str, &Arc<dyn EventListing>)> {
        let listed = self.by_name.iter();
        listed.filter_map(|(name, source)| Some((name.as_str(), source.listing.as_ref()?)))
    }
}
