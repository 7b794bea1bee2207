//! Devices that a name signed in with before, so that strangers who try its password keep nobody out.
//!
//! A device keeps what it was given: when it ends, chance, and a MAC of both with each name that it
//! signed in by. Nothing is stored here, and it opens nothing: it only says that whoever tries is not
//! to be counted among the strangers.

use super::LocalNames;
use crate::{
    desk::Desk,
    log::{InstallKey, Lasting},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_kernel::Instant;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use uuid::Uuid;

/// So long a device is remembered after it signed in.
pub const FAMILIAR_FOR: Duration = Duration::from_secs(90 * 86_400);

/// What a device keeps that has just signed in by these names.
pub(super) fn remember(desk: &Desk, names: &[&str]) -> SecretString {
    let ends = desk.clock.now().plus(FAMILIAR_FOR).micros().to_string();
    let device = desk.ids.uuid().simple().to_string();
    let key = key(desk);
    let mut names: Vec<Uuid> = names.iter().map(|name| mailbox(desk, name)).collect();
    names.dedup();
    let marks = names.into_iter().map(|name| mark(&key, name, &ends, &device));
    let marks: Vec<String> = marks.collect();
    SecretString::from(format!("{ends}.{device}.{}", marks.join(".")))
}

/// The device, if it signed in by `name` lately.
pub(super) fn recognise(desk: &Desk, kept: &SecretString, name: Uuid) -> Option<Uuid> {
    let mut parts = kept.expose_secret().split('.');
    let (ends, device) = (parts.next()?, parts.next()?);
    let until = Instant::from_micros(ends.parse().ok()?)?;
    if desk.clock.now() >= until {
        return None;
    }
    let ours = mark(&key(desk), name, ends, device);
    // A device signs in by two names at the most: what it was called, and its address.
    let known = parts.take(2).any(|theirs| same(&ours, theirs));
    known.then(|| Uuid::parse_str(device).ok()).flatten()
}

/// The name by which a mailbox is counted, the same as where links are mailed.
pub(super) fn mailbox(desk: &Desk, name: &str) -> Uuid {
    LocalNames::of(desk, Lasting::Mailboxes, &[&name.to_lowercase()]).own
}

/// With another master key every device is a stranger once more.
fn key(desk: &Desk) -> InstallKey {
    desk.journal.keyring().install_key("familiar-device")
}

fn mark(key: &InstallKey, name: Uuid, ends: &str, device: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.mac(&[&name.to_string(), ends, device]))
}

/// Compares in a time that does not tell where two values differ.
fn same(ours: &str, theirs: &str) -> bool {
    let differ = ours.bytes().zip(theirs.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    ours.len() == theirs.len() && differ == 0
}
