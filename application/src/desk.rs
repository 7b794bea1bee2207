//! Where use cases find what they need: the journal, the views, the clock.

use crate::{
    log::{InstallKey, Journal, Keyring},
    ports::{Clock, Ids, MediaFiles, Stores},
    projector::Progress,
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
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub ids: Arc<dyn Ids>,
    /// What an operator may set.
    pub settings: Settings,
    /// Binds OAuth state and verifiers to this installation.
    pub oauth_key: InstallKey,
    /// Wakes the worker after an append, so that nothing waits for a poll.
    pub wake: Arc<Notify>,
    /// Wakes the job runner when jobs were written.
    pub jobs_wake: Arc<Notify>,
    /// Which views are served, and how far they have come.
    pub progress: Progress,
    /// Commands in flight: they run to their end, also when the client hangs up.
    pub commands: TaskTracker,
}

impl Desk {
    /// Builds a desk over one storage engine.
    #[must_use]
    pub fn new(
        stores: Stores,
        keyring: Arc<Keyring>,
        files: Arc<dyn MediaFiles>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Self {
        Self {
            journal: Journal::new(Arc::clone(&stores.events), Arc::clone(&keyring)),
            vault: Vault::new(Arc::clone(&stores.secrets), Arc::clone(&keyring)),
            oauth_key: keyring.install_key("oauth"),
            stores,
            files,
            clock,
            ids,
            settings,
            wake: Arc::new(Notify::new()),
            jobs_wake: Arc::new(Notify::new()),
            progress: Progress::default(),
            commands: TaskTracker::new(),
        }
    }
}
