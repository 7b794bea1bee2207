//! What is kept of a key in place of its text: a digest that nobody can make without the master key.

use crate::log::{InstallKey, Keyring, Lasting};
use herald_api_key::{KeyDigest, KeyMaterial, KeyText, Lookup};
use sha2::{Digest as _, Sha256};

/// One pepper for each master key, the one in force first: a key stays good when the master key is
/// changed.
pub(crate) struct Peppers(Vec<(u32, InstallKey)>);

impl Peppers {
    pub(crate) fn new(keyring: &Keyring) -> Self {
        let keys = keyring.lasting_keys(Lasting::ApiKeys).into_iter();
        Self(keys.map(|(master, key)| (version(&master), key)).collect())
    }

    /// What is kept of `text`.
    pub(crate) fn material(&self, text: &KeyText) -> Option<KeyMaterial> {
        let (pepper_version, pepper) = self.0.first()?;
        Some(KeyMaterial {
            digest: digest(pepper, text),
            lookup: lookup(text),
            last4: text.last4(),
            pepper_version: *pepper_version,
        })
    }

    /// The digest of `text` under the pepper of this version; `None` when that is not configured.
    pub(crate) fn digest(&self, version: u32, text: &KeyText) -> Option<KeyDigest> {
        let found = self.0.iter().find(|(known, _)| *known == version);
        found.map(|(_, pepper)| digest(pepper, text))
    }
}

/// Under which a key is found.
pub(crate) fn lookup(text: &KeyText) -> Lookup {
    Lookup::of(&Sha256::digest(text.expose_secret()).into())
}

fn digest(pepper: &InstallKey, text: &KeyText) -> KeyDigest {
    KeyDigest::new(pepper.mac(&[text.expose_secret()]))
}

/// A pepper goes by the first eight hexadecimal digits of its master key's public name.
fn version(master: &str) -> u32 {
    let digits: String = master.chars().take(8).collect();
    u32::from_str_radix(&digits, 16).unwrap_or_default()
}
