//! Keys and secrets: written once, replaced in order, destroyed for good.

use crate::{Storage, samples::account};
use futures::future::join_all;
use herald_application::ports::{Rewrap, SecretRow, SecretWrite, StoreError, WrappedKey};

fn key(byte: u8) -> WrappedKey {
    WrappedKey { master: "m1".to_owned(), wrapped: vec![byte, 0, 255] }
}

fn secret(owner: &str, purpose: &str, version: u32, byte: u8) -> SecretWrite {
    SecretWrite {
        account: account(1),
        owner: owner.to_owned(),
        purpose: purpose.to_owned(),
        row: SecretRow { version, sealed: vec![byte, 0, 255] },
    }
}

pub async fn a_data_key_is_stored_once(storage: Storage) {
    let keys = &storage.stores.keys;
    assert_eq!(keys.get(account(1)).await, Ok(None));
    let writers = (0..8).map(|byte| {
        let keys = keys.clone();
        tokio::spawn(async move { keys.insert(account(1), &key(byte)).await.expect("a key") })
    });
    let answers: Vec<_> =
        join_all(writers).await.into_iter().map(|key| key.expect("no panic")).collect();
    assert!(answers.windows(2).all(|pair| pair.first() == pair.last()), "{answers:?}");
    assert_eq!(keys.get(account(1)).await, Ok(answers.into_iter().next()));
    assert_eq!(keys.get(account(2)).await, Ok(None));
}

pub async fn a_destroyed_key_never_comes_back(storage: Storage) {
    let keys = &storage.stores.keys;
    keys.insert(account(1), &key(1)).await.expect("a key");
    keys.insert(account(3), &key(3)).await.expect("a key");
    for forgotten in [account(1), account(2)] {
        keys.destroy(forgotten).await.expect("destroyed");
        keys.destroy(forgotten).await.expect("destroyed again");
        assert_eq!(keys.get(forgotten).await, Ok(None));
        let again = keys.insert(forgotten, &key(9)).await;
        assert!(matches!(again, Err(StoreError::Corrupt(_))), "{again:?}");
        assert_eq!(keys.get(forgotten).await, Ok(None));
    }
    assert_eq!(keys.get(account(3)).await, Ok(Some(key(3))));
}

fn under(master: &str, byte: u8) -> WrappedKey {
    WrappedKey { master: master.to_owned(), wrapped: vec![byte, 0, 255] }
}

pub async fn keys_are_found_by_the_master_key_that_wraps_them(storage: Storage) {
    let (keys, wraps) = (&storage.stores.keys, &storage.stores.key_wraps);
    assert_eq!(wraps.masters().await, Ok(Vec::new()));
    for (number, master) in [(1, "m1"), (2, "m2"), (3, "m1"), (4, "m1"), (5, "m3")] {
        keys.insert(account(number), &under(master, 1)).await.expect("a key");
    }
    keys.destroy(account(5)).await.expect("destroyed");
    keys.destroy(account(6)).await.expect("destroyed before it was made");
    let mut masters = wraps.masters().await.expect("names");
    masters.sort();
    assert_eq!(masters, ["m1", "m2"]);
    for (master, count) in [("m1", 3), ("m2", 1), ("m3", 0), ("m4", 0)] {
        assert_eq!(wraps.count(master).await, Ok(count), "{master}");
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = wraps.page("m1", after, 2).await.expect("a page");
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        found.extend(page);
    }
    found.sort_by_key(|(account, _)| *account);
    assert_eq!(found, [1, 3, 4].map(|number| (account(number), under("m1", 1))));
}

pub async fn a_wrap_replaces_only_the_one_that_it_was_made_from(storage: Storage) {
    let (keys, wraps) = (&storage.stores.keys, &storage.stores.key_wraps);
    for number in 1..=4 {
        keys.insert(account(number), &under("m1", 1)).await.expect("a key");
    }
    keys.destroy(account(2)).await.expect("destroyed");
    let rewrap =
        |number, from: WrappedKey| Rewrap { account: account(number), from, to: under("m2", 2) };
    let all = [
        rewrap(1, under("m1", 1)),
        rewrap(2, under("m1", 1)),
        rewrap(3, under("m1", 9)),
        rewrap(4, under("m0", 1)),
        rewrap(5, under("m1", 1)),
    ];
    assert_eq!(wraps.replace(&all).await, Ok(1));
    assert_eq!(wraps.replace(&all).await, Ok(0), "it was done before");
    wraps.tidy().await.expect("tidied");
    let expected = [Some(under("m2", 2)), None, Some(under("m1", 1)), Some(under("m1", 1)), None];
    for (number, expected) in (1..).zip(expected) {
        assert_eq!(keys.get(account(number)).await, Ok(expected), "{number}");
    }
    let again = keys.insert(account(2), &under("m2", 3)).await;
    assert!(matches!(again, Err(StoreError::Corrupt(_))), "what is destroyed stays so");
}

pub async fn a_secret_is_written_only_over_the_version_it_replaces(storage: Storage) {
    let secrets = &storage.stores.secrets;
    assert_eq!(secrets.get(account(1), "conn", "tokens").await, Ok(None));
    assert_eq!(secrets.put(&secret("conn", "tokens", 2, 2)).await, Ok(false));
    assert_eq!(secrets.put(&secret("conn", "tokens", 1, 1)).await, Ok(true));
    assert_eq!(secrets.put(&secret("conn", "tokens", 1, 9)).await, Ok(false));
    assert_eq!(secrets.put(&secret("conn", "tokens", 3, 9)).await, Ok(false));
    let writers = (0..8).map(|byte| {
        let secrets = secrets.clone();
        tokio::spawn(async move { secrets.put(&secret("conn", "tokens", 2, byte)).await })
    });
    let answers: Vec<_> =
        join_all(writers).await.into_iter().map(|done| done.expect("no panic")).collect();
    assert_eq!(answers.iter().filter(|done| **done == Ok(true)).count(), 1, "{answers:?}");
    let winner =
        answers.iter().position(|done| *done == Ok(true)).and_then(|n| u8::try_from(n).ok());
    let row = secrets.get(account(1), "conn", "tokens").await.expect("a secret").expect("a row");
    assert_eq!((row.version, row.sealed.first().copied()), (2, winner));
    assert_eq!(secrets.get(account(2), "conn", "tokens").await, Ok(None));
}

pub async fn shredding_an_owner_leaves_other_owners_alone(storage: Storage) {
    let secrets = &storage.stores.secrets;
    let writes = [("conn", "tokens"), ("conn", "code"), ("other", "tokens"), ("other", "code")];
    for (owner, purpose) in writes {
        assert_eq!(secrets.put(&secret(owner, purpose, 1, 1)).await, Ok(true));
    }
    secrets.shred(account(1), "conn").await.expect("shredded");
    secrets.shred(account(2), "other").await.expect("nothing to shred");
    secrets.remove(account(1), "other", "code").await.expect("removed");
    let mut left = Vec::new();
    for (owner, purpose) in writes {
        if secrets.get(account(1), owner, purpose).await.expect("a look").is_some() {
            left.push((owner, purpose));
        }
    }
    assert_eq!(left, [("other", "tokens")]);
    assert_eq!(secrets.put(&secret("conn", "tokens", 1, 1)).await, Ok(true));
}
