//! The event log above the storage engines: canonical form, digest, seal, journal.

pub mod canonical;
pub mod digest;
mod group;
mod journal;
mod keyring;
mod metadata;
pub mod pages;
mod remembered;
mod sealing;

pub use journal::{Decided, Handled, Journal, JournalError, Loaded, Writing};
pub use keyring::{
    DataKey, Former, InstallKey, Keyring, KeyringError, Lasting, MasterKey, MasterKeys, Rewrapped,
};
pub(crate) use metadata::Told;
pub use metadata::{Actor, EventMeta, Via};
pub(crate) use remembered::Sight;
