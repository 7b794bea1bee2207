//! What follows from a master key and must outlive it: people and programs are recognised by it.
//!
//! Not the master key is kept, only what followed from it for these purposes, sealed with a key of
//! the installation. So a former master key can be put away, and opens nothing of today.

use super::{InstallKey, Keyring, KeyringError, MasterKeys};
use crate::{
    ports::{Ids, KeyStore, KeyWraps, SecretStore},
    vault::{Name, Vault},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_kernel::AccountId;
use secrecy::SecretString;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What is recognised for years by a key that followed from a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// API keys.
    ApiKeys,
    /// Cards that had their trial.
    Cards,
    /// People who sign in by a link in their mail.
    Mailboxes,
    /// The person who runs the installation.
    Resident,
    /// Addresses that get no more mail.
    Suppressions,
}

impl Lasting {
    const ALL: [Self; 5] =
        [Self::ApiKeys, Self::Cards, Self::Mailboxes, Self::Resident, Self::Suppressions];

    /// One word, and for ever: what was made under a name is found by it.
    const fn purpose(self) -> &'static str {
        match self {
            Self::ApiKeys => "api-key-pepper",
            Self::Cards => "cards",
            Self::Mailboxes => "local-mailbox",
            Self::Resident => "local-person",
            Self::Suppressions => "suppressed-mail",
        }
    }
}

/// What followed from a master key, by purpose.
#[derive(Clone)]
pub(super) struct Outlived {
    pub(super) master: String,
    keys: BTreeMap<String, InstallKey>,
}

impl Keyring {
    /// The keyring of an installation, with what its former master keys left. Refuses when a data
    /// key is wrapped by a master key that is not configured: whoever went on would meet people and
    /// values that it takes for new or for damaged.
    pub async fn open(
        store: Arc<dyn KeyStore>,
        wraps: &dyn KeyWraps,
        secrets: Arc<dyn SecretStore>,
        ids: Arc<dyn Ids>,
        masters: MasterKeys,
    ) -> Result<Self, KeyringError> {
        let unknown = |name: &String| masters.named(name).is_none();
        if let Some(name) = wraps.masters().await?.into_iter().find(unknown) {
            return Err(KeyringError::UnknownMaster(name));
        }
        let reading = Arc::new(Self::new(Arc::clone(&store), Arc::clone(&ids), masters.clone()));
        let (_, outlived) = read(&Vault::new(secrets, reading)).await?;
        Ok(Self { outlived, ..Self::new(store, ids, masters) })
    }

    /// The keys for `what`, each with its master key's public name: the one in force first, then
    /// former ones, whether they are configured or only left this behind.
    #[must_use]
    pub fn lasting_keys(&self, what: Lasting) -> Vec<(String, InstallKey)> {
        let purpose = what.purpose();
        let present = self.masters.all().map(|it| (it.id.clone(), it.derive(purpose)));
        let outlived = self.outlived.iter();
        let outlived =
            outlived.filter_map(|it| Some((it.master.clone(), it.keys.get(purpose)?.clone())));
        let mut seen = BTreeSet::new();
        present.chain(outlived).filter(|(master, _)| seen.insert(master.clone())).collect()
    }

    /// The key for `what` of the master key in force: the first of [`Self::lasting_keys`].
    #[must_use]
    pub fn lasting_key(&self, what: Lasting) -> InstallKey {
        self.masters.current.derive(what.purpose())
    }

    /// The key for `what` of the oldest master key that is known: for what is recognised by one key
    /// alone.
    #[must_use]
    pub fn oldest_key(&self, what: Lasting) -> InstallKey {
        let outlived = self.outlived.last().and_then(|it| it.keys.get(what.purpose()).cloned());
        let eldest = || self.masters.all().last().unwrap_or(&self.masters.current);
        outlived.unwrap_or_else(|| eldest().derive(what.purpose()))
    }

    /// Has what must outlive this master key been put away?
    pub(super) fn is_outlived(&self, master: &str) -> bool {
        self.outlived.iter().any(|it| it.master == master)
    }
}

/// Puts away what follows from the former master keys that are configured, beside what is there.
pub(super) async fn put_away(vault: &Vault, masters: &MasterKeys) -> Result<(), KeyringError> {
    loop {
        let (version, kept) = read(vault).await?;
        let mut all: Vec<_> = masters
            .former
            .iter()
            .map(|master| Outlived {
                master: master.id.clone(),
                keys: Lasting::ALL
                    .map(|it| (it.purpose().to_owned(), master.derive(it.purpose())))
                    .into(),
            })
            .collect();
        if all.iter().all(|former| kept.iter().any(|it| it.master == former.master)) {
            return Ok(());
        }
        all.retain(|former| kept.iter().all(|it| it.master != former.master));
        all.extend(kept);
        // Another operator at the same work was first: what they wrote is read again.
        if vault.put(name(), version, &written(&all)).await?.is_some() {
            return Ok(());
        }
    }
}

fn name() -> Name<'static> {
    let account = AccountId::derived(Uuid::nil(), "installation");
    Name { account, owner: "master-keys", purpose: "outlived" }
}

/// One line a master key and purpose: `master purpose key`.
fn written(all: &[Outlived]) -> SecretString {
    let lines = all.iter().flat_map(|former| {
        let of = |(purpose, key): (&String, &InstallKey)| {
            format!("{} {purpose} {}\n", former.master, STANDARD.encode(key.0))
        };
        former.keys.iter().map(of)
    });
    SecretString::from(lines.collect::<String>())
}

async fn read(vault: &Vault) -> Result<(u32, Vec<Outlived>), KeyringError> {
    use secrecy::ExposeSecret as _;
    let Some(stored) = vault.get(name()).await? else { return Ok((0, Vec::new())) };
    let mut all: Vec<Outlived> = Vec::new();
    for line in stored.secret.expose_secret().lines() {
        let parsed = || {
            let mut words = line.split(' ');
            let (master, purpose) = (words.next()?, words.next()?);
            let key = STANDARD.decode(words.next()?).ok()?.try_into().ok()?;
            Some((master, purpose, InstallKey(key)))
        };
        let (master, purpose, key) = parsed().ok_or(KeyringError::Tampered)?;
        if all.last().is_none_or(|last| last.master != master) {
            all.push(Outlived { master: master.to_owned(), keys: BTreeMap::new() });
        }
        if let Some(last) = all.last_mut() {
            last.keys.insert(purpose.to_owned(), key);
        }
    }
    Ok((stored.version, all))
}
