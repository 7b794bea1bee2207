//! Where chance comes from.

use uuid::Uuid;

/// Draws ids and secrets. Tests pass a seeded one.
pub trait Ids: Send + Sync {
    /// A new, time-ordered UUID (version 7).
    fn uuid(&self) -> Uuid;

    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}
