use super::*;
use crate::testing::TestIds;
use mockall::mock;
use proptest::prelude::*;

mock! {
    Keys {}
    #[async_trait::async_trait]
    impl KeyStore for Keys {
        async fn get(&self, account: AccountId) -> Result<Option<WrappedKey>, StoreError>;
        async fn insert(&self, account: AccountId, key: &WrappedKey) -> Result<WrappedKey, StoreError>;
        async fn destroy(&self, account: AccountId) -> Result<(), StoreError>;
    }
}

fn ada() -> AccountId {
    AccountId::new(uuid::Uuid::from_u128(1))
}

/// A keyring over a store that answers as told, under the master key `byte` and a former one.
fn keyring(store: MockKeys, byte: u8, former: &[u8]) -> Keyring {
    let former = former.iter().map(|byte| MasterKey::new([*byte; 32])).collect();
    let masters = MasterKeys { current: MasterKey::new([byte; 32]), former };
    Keyring::new(Arc::new(store), Arc::new(TestIds::default()), masters)
}

/// A data key as the master key `byte` wraps it.
fn wrapped_by(byte: u8, key: [u8; 32]) -> WrappedKey {
    let master = MasterKey::new([byte; 32]);
    let wrapped = encrypt(master.secret.expose_secret(), &wrap_place(ada()), &key);
    WrappedKey { master: master.id, wrapped }
}

#[tokio::test]
async fn a_store_in_trouble_is_an_error_and_never_a_forgotten_key() {
    let trouble = || StoreError::Unavailable("no disk".to_owned());
    let mut store = MockKeys::new();
    store.expect_get().times(2).returning(move |_| Err(trouble()));
    store.expect_insert().never();
    let keyring = keyring(store, 1, &[]);
    assert_eq!(keyring.existing(ada()).await.err(), Some(KeyringError::Store(trouble())));
    let made = keyring.ensure(ada()).await.err();
    assert_eq!(
        made,
        Some(KeyringError::Store(trouble())),
        "no second key is made beside the first"
    );
}

#[tokio::test]
async fn of_two_replicas_that_make_a_key_at_once_both_use_the_one_that_was_stored() {
    let mut store = MockKeys::new();
    store.expect_get().returning(|_| Ok(None));
    store.expect_insert().times(1).returning(|_, _| Ok(wrapped_by(1, [9; 32])));
    let made = keyring(store, 1, &[]).ensure(ada()).await.expect("a key");
    let sealed = DataKey::new(&[9; 32]).seal("place", b"secret");
    assert_eq!(made.open("place", &sealed), Ok(b"secret".to_vec()));
}

#[tokio::test]
async fn a_key_is_asked_for_once_and_a_destroyed_one_again() {
    let mut store = MockKeys::new();
    let mut asked = mockall::Sequence::new();
    let first = store.expect_get().times(1).in_sequence(&mut asked);
    first.returning(|_| Ok(Some(wrapped_by(1, [9; 32]))));
    store.expect_destroy().times(1).in_sequence(&mut asked).returning(|_| Ok(()));
    store.expect_get().times(1).in_sequence(&mut asked).returning(|_| Ok(None));
    let keyring = keyring(store, 1, &[]);
    for _ in 0..3 {
        assert!(keyring.existing(ada()).await.expect("storage answers").is_some());
    }
    keyring.destroy(ada()).await.expect("it is destroyed");
    assert!(keyring.existing(ada()).await.expect("storage answers").is_none());
}

#[tokio::test]
async fn a_former_master_key_still_opens_and_one_that_is_not_configured_is_named() {
    let stored = || {
        let mut store = MockKeys::new();
        store.expect_get().returning(|_| Ok(Some(wrapped_by(2, [9; 32]))));
        store
    };
    assert!(keyring(stored(), 1, &[2]).existing(ada()).await.is_ok_and(|key| key.is_some()));
    let missing = keyring(stored(), 1, &[3]).existing(ada()).await.err();
    assert_eq!(missing, Some(KeyringError::UnknownMaster(MasterKey::new([2; 32]).id)));
}

#[test]
fn a_ciphertext_opens_only_in_its_place_and_under_its_key() {
    let sealed = DataKey::for_tests(1).seal("conn_1/tokens", b"secret");
    assert_eq!(DataKey::for_tests(1).open("conn_1/tokens", &sealed), Ok(b"secret".to_vec()));
    assert_eq!(DataKey::for_tests(1).open("conn_2/tokens", &sealed), Err(KeyringError::Tampered));
    assert_eq!(DataKey::for_tests(2).open("conn_1/tokens", &sealed), Err(KeyringError::Tampered));
}

#[test]
fn a_key_never_prints() {
    let master = MasterKey::new([0x5a; 32]);
    let printed = format!("{master:?} {:?} {:?}", master.derive("x"), DataKey::for_tests(0x5a));
    assert!(!printed.contains("5a5a") && !printed.contains("90, 90"), "{printed}");
}

proptest! {
    #[test]
    fn a_changed_bit_does_not_open(plain: Vec<u8>, index: usize, bit in 0_u8..8) {
        let mut sealed = DataKey::for_tests(1).seal("place", &plain);
        let index = index % sealed.len();
        sealed[index] ^= 1 << bit;
        prop_assert_eq!(DataKey::for_tests(1).open("place", &sealed), Err(KeyringError::Tampered));
    }

    #[test]
    fn fingerprints_do_not_collide_across_the_join(a in "[a-c]{0,4}", b in "[a-c]{0,4}",
        c in "[a-c]{0,4}", d in "[a-c]{0,4}") {
        let same = (a.as_str(), b.as_str()) == (c.as_str(), d.as_str());
        prop_assert_eq!(DataKey::for_tests(1).fingerprint(&a, &b) == DataKey::for_tests(1).fingerprint(&c, &d), same);
    }
}
