//! An API key: its text, what it may do, its life, and whether a call may pass.
//!
//! **Invariant:** a key's text is in no event and in no state; its digest is.
//! **Invariant:** a key that was revoked, has expired or leaked never works again.
//! **Invariant:** a user's key never does more than its issuer, and never manages keys, members or
//! billing: there is no scope for that.

mod base62;
mod checksum;
mod command;
mod context;
mod decide;
mod digest;
mod event;
mod evolve;
mod kind;
mod refusal;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

pub use command::{ApiKeyCommand, Issuance, KeyMaterial};
pub use context::Context;
pub use decide::{LIFETIME_AT_MOST, NETWORKS_AT_MOST, OVERLAP_AT_MOST, REAUTHENTICATED_WITHIN};
pub use digest::{InvalidDigest, InvalidLookup, KeyDigest, Lookup};
pub use event::{ApiKeyEvent, Issued};
pub use kind::{DisabledReason, InvalidLeakSource, KeyKind, KeyName, LeakSource};
pub use refusal::ApiKeyRefusal;
pub use source::{InvalidSourceNet, SourceNet};
pub use state::{ApiKey, Stage};
pub use text::{Environment, InvalidKeyText, InvalidLast4, KEY_PATTERN, KeyText, Last4};
pub use verdict::{Call, Ground, Verdict, verdict};
