//! Where use cases find what they need: the journal, the views, the clock.

use crate::{
    business::Business,
    inbox::Sources,
    jobs::Networks,
    keys::Keys,
    limits::Limits,
    log::{InstallKey, Journal, Keyring},
    ports::{Clock, Ids, MediaFiles, Stores, Writer},
    progress::Progress,
    settings::Settings,
    vault::Vault,
};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// Everything that a use case may touch. Composition builds one.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Desk {
    /// The log, for writing.
    pub journal: Journal,
    /// The storage engine's ports.
    pub stores: Stores,
    /// Encrypted secrets.
    pub vault: Vault,
    /// The bytes of media.
    pub files: Arc<dyn MediaFiles>,
    /// The social networks that are configured.
    pub networks: Networks,
    /// What writes text.
    pub writer: Arc<dyn Writer>,
    /// Identity, payments, messages.
    pub business: Business,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub ids: Arc<dyn Ids>,
    /// What an operator may set.
    pub settings: Settings,
    /// Binds OAuth state and verifiers to this installation.
    pub oauth_key: InstallKey,
    /// The API keys that called lately.
    pub keys: Keys,
    /// Who called how much lately.
    pub limits: Limits,
    /// Wakes the worker after an append, so that nothing waits for a poll.
    pub wake: Arc<Notify>,
    /// Wakes the job runner when jobs were written.
    pub jobs_wake: Arc<Notify>,
    /// Tells that the views moved here, for other processes to hear of.
    pub folded: Arc<Notify>,
    /// Who may call us, and what their calls lead to.
    pub sources: Sources,
    /// Wakes whoever applies webhooks when one has come.
    pub inbox_wake: Arc<Notify>,
    /// Which views are served, and how far they have come.
    pub progress: Progress,
    /// Commands in flight: they run to their end, also when the client hangs up.
    pub commands: TaskTracker,
}

/// What composition chooses: everything of a desk that is not derived.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Parts {
    /// The storage engine's ports.
    pub stores: Stores,
    /// The accounts' keys.
    pub keyring: Arc<Keyring>,
    /// The bytes of media.
    pub files: Arc<dyn MediaFiles>,
    /// The social networks that are configured.
    pub networks: Networks,
    /// What writes text.
    pub writer: Arc<dyn Writer>,
    /// Identity, payments, messages.
    pub business: Business,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub ids: Arc<dyn Ids>,
    /// What an operator may set.
    pub settings: Settings,
}

impl Desk {
    /// Builds a desk over one storage engine.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { stores, keyring, files, networks, writer, business, clock, ids, settings } =
            parts;
        Self {
            journal: Journal::new(Arc::clone(&stores.events), Arc::clone(&keyring)),
            vault: Vault::new(Arc::clone(&stores.secrets), Arc::clone(&keyring)),
            oauth_key: keyring.install_key("oauth"),
            keys: Keys::new(&keyring, settings.waits.remember_keys),
            limits: Limits::new(settings.allowances, ids.as_ref()),
            stores,
            files,
            networks,
            writer,
            business,
            clock,
            ids,
            settings,
            wake: Arc::new(Notify::new()),
            jobs_wake: Arc::new(Notify::new()),
            folded: Arc::new(Notify::new()),
            sources: Sources::default(),
            inbox_wake: Arc::new(Notify::new()),
            progress: Progress::default(),
            commands: TaskTracker::new(),
        }
    }

    /// The same desk, open for the webhooks of these sources.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }
}
