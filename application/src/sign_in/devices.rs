//! The devices that a person signed in with. They outlive sessions, and are what tells a new one.
//!
//! **Invariant:** kept are hashes, sealed with a key of the person's, and forgotten with it.

use super::log::keeper;
use crate::{caller::Person, desk::Desk, failure::Failure, vault::Name};
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
    let owner = person.identity.to_string();
    let name = name(&owner, person.identity);
    let mark = mark(device);
    for _ in 0..TRIES {
        let found = desk.vault.get(name).await?;
        let version = found.as_ref().map_or(0, |found| found.version);
        let known = found.as_ref().map_or("", |found| found.secret.expose_secret());
        let mut known: Vec<_> = known.split_whitespace().collect();
        if known.contains(&mark.as_str()) {
            return Ok(Met::Known);
        }
        let met = if known.is_empty() { Met::First } else { Met::New };
        known.push(&mark);
        let kept = known.split_at(known.len().saturating_sub(AT_MOST)).1.join(" ");
        if desk.vault.put(name, version, &SecretString::from(kept)).await?.is_some() {
            return Ok(met);
        }
    }
    Err(Failure::Contended)
}

/// Forgets them.
pub(super) async fn forget(desk: &Desk, identity: IdentityId) -> Result<(), Failure> {
    let owner = identity.to_string();
    Ok(desk.vault.remove(name(&owner, identity)).await?)
}

fn name(owner: &str, identity: IdentityId) -> Name<'_> {
    Name { account: keeper(identity), owner, purpose: PURPOSE }
}

/// What is kept of a device.
fn mark(device: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(device))
}
