//! The real clock and the real dice.

use herald_application::ports::{Clock, Ids};
use herald_kernel::Instant;
use rand::{RngCore as _, TryRngCore as _};
use uuid::Uuid;

/// The clock of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::new(std::time::SystemTime::now().into())
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port that others ask")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        rand::rngs::OsRng.unwrap_err().fill_bytes(&mut secret);
        secret
    }
}
