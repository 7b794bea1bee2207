//! What a decision about an account may look at beside the account itself.

use herald_kernel::Instant;
use herald_terms::Entitlements;

/// The instant and the limits under which a command is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Now.
    pub now: Instant,
    /// What the account may use.
    pub entitlements: Entitlements,
}
