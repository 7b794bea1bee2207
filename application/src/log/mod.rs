//! The event log above the storage engines: canonical form, digest, seal, journal.

pub mod canonical;
pub mod digest;
mod journal;
mod metadata;
mod sealing;

pub use journal::{Journal, JournalError, Loaded, Writing};
pub use metadata::{Actor, EventMeta, Via};
pub use sealing::{Keyring, KeyringError, MasterKey, MasterKeys};
