//! What makes a repeated effect the same effect.

use herald_kernel::CommandId;
use std::{fmt, time::Duration};

/// Names one effect at the provider. The provider answers a repetition with what it answered first,
/// for 24 hours at least.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// So long a repetition is safe by the key alone; the provider knows it for an hour longer. After
    /// that whoever repeats an effect looks first whether it is there.
    pub const REPEATABLE: Duration = Duration::from_secs(23 * 3600);

    /// The key of the one effect that `command` wants.
    #[must_use]
    pub fn of(command: CommandId) -> Self {
        Self(command.to_string())
    }

    /// The key of one effect among several of the same command; `name` is a short fixed word.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self(format!("{}/{name}", self.0))
    }

    /// The key as it goes over the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
