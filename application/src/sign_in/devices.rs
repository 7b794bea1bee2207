//! The devices that a person signed in with. They outlive sessions, and are what tells a new one.
//!
//! **Invariant:** kept are hashes, sealed with a key of the person's, and forgotten with it.

use super::keepsake::Keepsake;
use crate::{caller::Person, desk::Desk, failure::Failure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_kernel::IdentityId;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// What they are kept for in the vault.
const PURPOSE: &str = "devices";
/// So many are known of one person, the latest ones.
const AT_MOST: usize = 50;
/// Two who sign in at once write one after the other.
const TRIES: u8 = 4;

/// Whether a person was seen with a device before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// The person was never seen at all.
    First,
    /// Yes.
    Known,
    /// The person was seen, but never with this one.
    New,
}

/// Remembers that `person` signs in with `device`.
pub(super) async fn meet(desk: &Desk, person: &Person, device: &str) -> Result<Met, Failure> {
    let kept = Keepsake::of(desk, person.identity, PURPOSE);
    let mark = mark(device);
    for _ in 0..TRIES {
        let found = kept.get().await?;
        let known = found.as_ref().map_or("", |found| found.secret.expose_secret());
        let mut known: Vec<_> = known.split_whitespace().collect();
        if known.contains(&mark.as_str()) {
            return Ok(Met::Known);
        }
        let met = if known.is_empty() { Met::First } else { Met::New };
        known.push(&mark);
        let latest = known.split_at(known.len().saturating_sub(AT_MOST)).1.join(" ");
        if kept.put(found.as_ref(), &SecretString::from(latest)).await? {
            return Ok(met);
        }
    }
    Err(Failure::Contended)
}

/// Forgets them.
pub(super) async fn forget(desk: &Desk, identity: IdentityId) -> Result<(), Failure> {
    Keepsake::of(desk, identity, PURPOSE).forget().await
}

/// What is kept of a device.
fn mark(device: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(device))
}
