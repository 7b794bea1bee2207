//! Addresses that get no more mail that they can do without, because one bounced for good or its owner
//! complained.
//!
//! **Invariant:** no address is kept, only a MAC of it under the installation's key.

use crate::{
    desk::Desk,
    failure::Failure,
    log::Lasting,
    ports::{SuppressedBy, Suppression},
};
use herald_kernel::Instant;

/// Suppresses an address. Repeatable.
pub async fn suppress(
    desk: &Desk,
    address: &str,
    cause: SuppressedBy,
    since: Instant,
) -> Result<(), Failure> {
    let Some(mark) = marks(desk, address).first().copied() else { return Ok(()) };
    let suppression = Suppression { mark, cause, since };
    Ok(desk.stores.suppressions.suppress(&suppression).await?)
}

/// Why mail to this address is suppressed, if it is.
pub async fn suppressed(desk: &Desk, address: &str) -> Result<Option<Suppression>, Failure> {
    Ok(desk.stores.suppressions.find(&marks(desk, address)).await?)
}

/// Who is suppressed, the latest first, before a suppression if one is given.
pub async fn suppressions(
    desk: &Desk,
    before: Option<(Instant, [u8; 32])>,
    limit: u32,
) -> Result<Vec<Suppression>, Failure> {
    Ok(desk.stores.suppressions.list(before, limit).await?)
}

/// Lets mail go to this address again; answers whether it did not.
pub async fn lift(desk: &Desk, address: &str) -> Result<bool, Failure> {
    let mut lifted = false;
    for mark in marks(desk, address) {
        lifted |= desk.stores.suppressions.lift(&mark).await?;
    }
    Ok(lifted)
}

/// What is kept of an address: under the master key in force first, then under former ones.
fn marks(desk: &Desk, address: &str) -> Vec<[u8; 32]> {
    let address = bare(address).to_lowercase();
    let keys = desk.journal.keyring().lasting_keys(Lasting::Suppressions);
    keys.iter().map(|(_, key)| key.mac(&[&address])).collect()
}

/// `ada@example.org` of `Ada <ada@example.org>`.
fn bare(address: &str) -> &str {
    let inner = address.rsplit_once('<').and_then(|(_, rest)| rest.split('>').next());
    inner.unwrap_or(address).trim()
}
