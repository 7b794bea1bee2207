//! The accounts' data keys: made on first use, wrapped by the master key, cached in memory.

use crate::ports::{Ids, KeyStore, StoreError, WrappedKey};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, AeadCore, KeyInit, OsRng, Payload},
};
use herald_kernel::AccountId;
use hmac::{Hmac, Mac};
pub use lasting::Lasting;
use lasting::Outlived;
use moka::sync::Cache;
pub use rewrapping::{Former, Rewrapped};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc, time::Duration};

const NONCE: usize = 24;
/// A key that another process destroyed is forgotten here, too, within this time.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The key that wraps all others, from the environment or a file.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    secret: Arc<SecretBox<[u8; 32]>>,
}

impl MasterKey {
    /// Takes 32 random bytes. The id is public and names the key in wrapped rows.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"herald.master.v1\n");
        hash.update(bytes);
        let id = super::digest::hex(&hash.finalize()).chars().take(12).collect();
        Self { id, secret: Arc::new(SecretBox::new(Box::new(bytes))) }
    }

    /// The key's public name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `key`, for nobody but whom it belongs to.
    fn wrap(&self, account: AccountId, key: &[u8; 32]) -> WrappedKey {
        let wrapped = encrypt(self.secret.expose_secret(), &wrap_place(account), key);
        WrappedKey { master: self.id.clone(), wrapped }
    }

    fn unwrap(&self, account: AccountId, key: &WrappedKey) -> Result<[u8; 32], KeyringError> {
        let plain = decrypt(self.secret.expose_secret(), &wrap_place(account), &key.wrapped)?;
        plain.try_into().map_err(|_| KeyringError::Tampered)
    }

    /// A secret that follows from the master key, for what belongs to the installation: OAuth
    /// verifiers, cursors.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> InstallKey {
        InstallKey(mac(self.secret.expose_secret(), &["herald.install.v1", purpose]))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// A key of the installation, not of an account.
#[derive(Clone)]
pub struct InstallKey([u8; 32]);

impl InstallKey {
    /// HMAC-SHA-256 of `parts`, unambiguously joined.
    #[must_use]
    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        mac(&self.0, parts)
    }
}

impl fmt::Debug for InstallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstallKey")
    }
}

/// The master key in force, and earlier ones that still open what they wrapped.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    /// Wraps new data keys.
    pub current: MasterKey,
    /// Open old ones.
    pub former: Vec<MasterKey>,
}

impl MasterKeys {
    /// All of them, the one in force first.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.former)
    }

    fn named(&self, name: &str) -> Option<&MasterKey> {
        self.all().find(|master| master.id == name)
    }
}

/// Why a key could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The storage engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A data key was wrapped by a master key that is not configured.
    #[error(
        "data keys are wrapped by master key {0}, which is not configured; add it to \
             HERALD_FORMER_MASTER_KEYS"
    )]
    UnknownMaster(String),
    /// A ciphertext does not open: it was changed, or moved from another row.
    #[error("a ciphertext does not belong where it was found")]
    Tampered,
}

/// A cleartext data key of one account.
#[derive(Clone)]
pub struct DataKey {
    sealing: Arc<SecretBox<[u8; 32]>>,
    hashing: Arc<SecretBox<[u8; 32]>>,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

impl DataKey {
    fn new(bytes: &[u8; 32]) -> Self {
        let part = |purpose| Arc::new(SecretBox::new(Box::new(mac(bytes, &[purpose]))));
        Self { sealing: part("herald.seal.v1"), hashing: part("herald.hash.v1") }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(byte: u8) -> Self {
        Self::new(&[byte; 32])
    }

    /// Nonce and ciphertext of `plain`, bound to `place`.
    #[must_use]
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        encrypt(self.sealing.expose_secret(), place, plain)
    }

    /// Opens what [`Self::seal`] made for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyringError> {
        decrypt(self.sealing.expose_secret(), place, sealed)
    }

    /// A keyed fingerprint in hex: equal inputs of one account are equal, and nobody can guess them.
    #[must_use]
    pub fn fingerprint(&self, purpose: &str, content: &str) -> String {
        super::digest::hex(&mac(self.hashing.expose_secret(), &[purpose, content]))
    }
}

/// Hands out data keys.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Keyring {
    store: Arc<dyn KeyStore>,
    ids: Arc<dyn Ids>,
    masters: MasterKeys,
    /// What followed from master keys that need not be configured any more, the newest first.
    outlived: Vec<Outlived>,
    cache: Cache<AccountId, DataKey>,
}

impl Keyring {
    /// A keyring over a store of wrapped keys.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, ids: Arc<dyn Ids>, masters: MasterKeys) -> Self {
        let cache = Cache::builder().max_capacity(10_000).time_to_live(REMEMBERED).build();
        Self { store, ids, masters, outlived: Vec::new(), cache }
    }

    /// The installation's own key for `purpose`. It changes with the master key, so it is for what
    /// lives for minutes; see [`Self::lasting_keys`] for the rest.
    #[must_use]
    pub fn install_key(&self, purpose: &str) -> InstallKey {
        self.masters.current.derive(purpose)
    }

    /// The account's key, made now if it has none.
    pub async fn ensure(&self, account: AccountId) -> Result<DataKey, KeyringError> {
        if let Some(key) = self.existing(account).await? {
            return Ok(key);
        }
        let wrapped = self.masters.current.wrap(account, &self.ids.secret());
        // Of two replicas that make a key at once, both get the one that was stored.
        let stored = self.store.insert(account, &wrapped).await?;
        self.unwrap(account, &stored)
    }

    /// The account's key; `None` when it has none or it was destroyed.
    pub async fn existing(&self, account: AccountId) -> Result<Option<DataKey>, KeyringError> {
        if let Some(key) = self.cache.get(&account) {
            return Ok(Some(key));
        }
        match self.store.get(account).await? {
            Some(wrapped) => self.unwrap(account, &wrapped).map(Some),
            None => Ok(None),
        }
    }

    /// Is the account's key in memory? Not when it was destroyed.
    pub(super) fn knows(&self, account: AccountId) -> bool {
        self.cache.contains_key(&account)
    }

    /// Destroys the account's key: everything that it sealed is forgotten.
    pub async fn destroy(&self, account: AccountId) -> Result<(), KeyringError> {
        self.store.destroy(account).await?;
        self.cache.invalidate(&account);
        Ok(())
    }

    fn unwrap(&self, account: AccountId, wrapped: &WrappedKey) -> Result<DataKey, KeyringError> {
        let master = self
            .masters
            .named(&wrapped.master)
            .ok_or_else(|| KeyringError::UnknownMaster(wrapped.master.clone()))?;
        let key = DataKey::new(&master.unwrap(account, wrapped)?);
        self.cache.insert(account, key.clone());
        Ok(key)
    }
}

fn wrap_place(account: AccountId) -> String {
    format!("data-key\n{account}")
}

fn encrypt(key: &[u8; 32], place: &str, plain: &[u8]) -> Vec<u8> {
    let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    #[expect(clippy::expect_used, reason = "only fails beyond 256 GiB of plaintext")]
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce, payload)
        .expect("a message of ordinary size encrypts");
    [nonce.as_slice(), &ciphertext].concat()
}

fn decrypt(key: &[u8; 32], place: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE).ok_or(KeyringError::Tampered)?;
    let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
    XChaCha20Poly1305::new(key.into())
        .decrypt(XNonce::from_slice(nonce), payload)
        .map_err(|_| KeyringError::Tampered)
}

/// HMAC-SHA-256 over the parts, each with its length in front, so that no two lists collide.
fn mac(key: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

mod lasting;
mod rewrapping;
#[cfg(test)]
mod rotation_tests;
#[cfg(test)]
mod tests;
