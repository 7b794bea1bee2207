//! Callers with a key: whose it is, whether it is good, and what it may do.
//!
//! **Invariant:** a key's text is in no event, view, log or metric; its digest is compared, and that
//! only after the checksum.
//! **Invariant:** what is remembered of a key is never older than
//! [`Waits::remember_keys`](crate::settings::Waits): so a revocation holds on every replica within a
//! second, and a call in between costs no I/O.

mod authenticate;
mod known;
mod last_used;
mod owing;
mod pepper;
#[cfg(test)]
mod tests;

pub use authenticate::{Denied, Pass, authenticate, recheck, signed_in_at};
pub use known::Keys;
pub use last_used::last_used_at;
pub(crate) use last_used::note;
pub(crate) use owing::owing;
pub(crate) use pepper::Peppers;

use crate::settings::Mode;
use herald_api_key::Environment;

/// What every key begins with: so a bearer token tells a key from a session.
pub const PREFIX: &str = "herald_sk_";

/// Where an installation's keys act: `dev` keys on the sandbox, `live` keys on real platforms.
#[must_use]
pub const fn environment(mode: Mode) -> Environment {
    match mode {
        Mode::Sandbox => Environment::Dev,
        Mode::Production => Environment::Live,
    }
}
