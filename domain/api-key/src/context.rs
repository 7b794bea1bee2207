//! What a decision about a key may look at beside the key itself.

use herald_kernel::Instant;
use herald_terms::{Entitlements, Rights};

/// The instant, the limits and the people under which a command is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Now.
    pub now: Instant,
    /// What the account may use.
    pub entitlements: Entitlements,
    /// How many other keys of the account take a place, as [`crate::ApiKey::takes_a_place`] says.
    pub keys_in_use: u32,
    /// What the issuer of the key may do at present; nothing when they no longer take part.
    pub issuer: Rights,
    /// When whoever asks last proved who they are, if they did.
    pub reauthenticated_at: Option<Instant>,
}
