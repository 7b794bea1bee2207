//! What a decision about bought credits may look at beside the credits themselves.

use herald_kernel::Instant;

/// What a decision about credits may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditsContext {
    /// Now.
    pub now: Instant,
}
