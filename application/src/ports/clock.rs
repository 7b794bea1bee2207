//! What time it is.

use herald_kernel::Instant;

/// The clock of the application. `now` never goes by the database's clock.
pub trait Clock: Send + Sync {
    /// The present instant, to the microsecond.
    fn now(&self) -> Instant;
}
