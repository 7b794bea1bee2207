//! Rotation over an engine that forgets: each step, broken off, repeated, and with a damaged key.

use super::{Keyring, KeyringError, Lasting, MasterKey, MasterKeys, Rewrapped};
use crate::{
    ports::{KeyStore, KeyWraps as _, SecretStore, WrappedKey},
    testing::{Memory, TestIds},
    vault::Vault,
};
use herald_kernel::AccountId;
use std::sync::Arc;
use uuid::Uuid;

fn account(number: u128) -> AccountId {
    AccountId::new(Uuid::from_u128(number))
}

async fn opened(
    memory: &Arc<Memory>,
    now: u8,
    former: &[u8],
) -> Result<Arc<Keyring>, KeyringError> {
    let former = former.iter().map(|byte| MasterKey::new([*byte; 32])).collect();
    let masters = MasterKeys { current: MasterKey::new([now; 32]), former };
    let keys: Arc<dyn KeyStore> = memory.clone();
    let secrets: Arc<dyn SecretStore> = memory.clone();
    let ids = Arc::new(TestIds::default());
    Keyring::open(keys, memory.as_ref(), secrets, ids, masters).await.map(Arc::new)
}

async fn rewrap(memory: &Arc<Memory>, keyring: &Arc<Keyring>, dry_run: bool) -> Rewrapped {
    let secrets: Arc<dyn SecretStore> = memory.clone();
    let vault = Vault::new(secrets, Arc::clone(keyring));
    keyring.rewrap(memory.as_ref(), &vault, dry_run, |_| ()).await.expect("it is done")
}

/// What everybody's key says of the same words.
async fn fingerprints(keyring: &Keyring, accounts: u128) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for number in 1..=accounts {
        let key = keyring.existing(account(number)).await.expect("storage answers");
        all.push(key.map(|key| key.fingerprint("test", "words")));
    }
    all
}

fn names(keyring: &Keyring) -> Vec<[u8; 32]> {
    let keys = keyring.lasting_keys(Lasting::Resident);
    keys.iter().map(|(_, key)| key.mac(&["subject"])).collect()
}

#[tokio::test]
async fn every_key_opens_under_the_new_master_key_alone_and_a_destroyed_one_stays_destroyed() {
    // More than two pages.
    const MANY: u128 = 1_203;
    let memory = Arc::new(Memory::default());
    let first = opened(&memory, 1, &[]).await.expect("a keyring");
    for number in 1..=MANY {
        first.ensure(account(number)).await.expect("a key");
    }
    first.destroy(account(7)).await.expect("destroyed");
    let (before, name) = (fingerprints(&first, MANY).await, names(&first));
    assert_eq!(before.iter().filter(|key| key.is_none()).count(), 1);

    let second = opened(&memory, 2, &[1]).await.expect("a keyring");
    let found = 1_202;
    let dry = rewrap(&memory, &second, true).await;
    assert_eq!(dry, Rewrapped { found, done: found, damaged: Vec::new() });
    assert_eq!(memory.count(first.master()).await, Ok(found), "nothing was written");
    let done = rewrap(&memory, &second, false).await;
    assert_eq!(done, Rewrapped { found, done: found, damaged: Vec::new() });
    assert_eq!(rewrap(&memory, &second, false).await, Rewrapped::default(), "once more, nothing");

    let alone = opened(&memory, 2, &[]).await.expect("the new key opens everything");
    assert_eq!(fingerprints(&alone, MANY).await, before);
    assert!(names(&alone).contains(&name[0]), "the resident is found by the name of before");
    assert_eq!(
        alone.oldest_key(Lasting::Cards).mac(&["fingerprint"]),
        first.oldest_key(Lasting::Cards).mac(&["fingerprint"]),
        "cards are recognised"
    );
}

#[tokio::test]
async fn a_rotation_that_was_broken_off_goes_on() {
    let memory = Arc::new(Memory::default());
    let first = opened(&memory, 1, &[]).await.expect("a keyring");
    for number in 1..=9 {
        first.ensure(account(number)).await.expect("a key");
    }
    let before = fingerprints(&first, 9).await;
    let second = opened(&memory, 2, &[1]).await.expect("a keyring");
    // As much as one page of it was done when the power went.
    let page = memory.page(first.master(), None, 4).await.expect("a page");
    let mut noted = Rewrapped::default();
    let new = second.anew(&MasterKey::new([1; 32]), page, &mut noted).expect("they open");
    assert_eq!(memory.replace(&new).await, Ok(4));
    assert_eq!(rewrap(&memory, &second, false).await.done, 5, "what is left");
    let alone = opened(&memory, 2, &[]).await.expect("a keyring");
    assert_eq!(fingerprints(&alone, 9).await, before);
}

#[tokio::test]
async fn a_damaged_key_is_named_and_left_and_stops_no_other() {
    let memory = Arc::new(Memory::default());
    let first = opened(&memory, 1, &[]).await.expect("a keyring");
    first.ensure(account(1)).await.expect("a key");
    let moved = KeyStore::get(memory.as_ref(), account(1)).await.expect("an answer");
    // A key that was moved to another's row does not open there.
    let moved: WrappedKey = moved.expect("a key");
    memory.insert(account(2), &moved).await.expect("stored");
    first.ensure(account(3)).await.expect("a key");
    let second = opened(&memory, 2, &[1]).await.expect("a keyring");
    let done = rewrap(&memory, &second, false).await;
    assert_eq!(done, Rewrapped { found: 3, done: 2, damaged: vec![account(2)] });
    assert_eq!(KeyStore::get(memory.as_ref(), account(2)).await, Ok(Some(moved)));
    let left = second.former(memory.as_ref()).await.expect("an answer");
    assert_eq!(left.first().map(|former| former.wraps), Some(1), "its master key is still needed");
}

#[tokio::test]
async fn a_keyring_without_a_master_key_that_wraps_something_does_not_open_and_names_it() {
    let memory = Arc::new(Memory::default());
    let first = opened(&memory, 1, &[]).await.expect("a keyring");
    first.ensure(account(1)).await.expect("a key");
    let missing = Some(KeyringError::UnknownMaster(first.master().to_owned()));
    assert_eq!(opened(&memory, 2, &[]).await.err(), missing);
    assert_eq!(opened(&memory, 2, &[3]).await.err(), missing, "a wrong one does not help");
    assert!(opened(&memory, 2, &[3, 1]).await.is_ok());
}

#[tokio::test]
async fn what_followed_from_the_first_master_key_outlives_the_second_and_going_back() {
    let memory = Arc::new(Memory::default());
    let first = opened(&memory, 1, &[]).await.expect("a keyring");
    let (own, card) = (names(&first)[0], first.oldest_key(Lasting::Cards).mac(&["card"]));
    for (now, former) in [(2, 1), (3, 2), (1, 3)] {
        let turned = opened(&memory, now, &[former]).await.expect("a keyring");
        rewrap(&memory, &turned, false).await;
        let alone = opened(&memory, now, &[]).await.expect("the new key is enough");
        assert!(names(&alone).contains(&own), "under {now}");
        assert_eq!(alone.oldest_key(Lasting::Cards).mac(&["card"]), card, "under {now}");
        let mut once = names(&alone);
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names(&alone).len(), "each master key counts once");
    }
}
