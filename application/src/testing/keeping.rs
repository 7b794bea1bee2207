//! A storage engine that forgets: what is neither log nor view nor queue.

use super::memory::Memory;
use crate::ports::{
    ContentStore, KeyStore, Link, LinkStore, Media, MediaFiles, MediaStore, Observation,
    ObservationStore, SecretRow, SecretStore, SecretWrite, Session, SessionStore, StoreError,
    WrappedKey,
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::{AccountId, Instant, MediaId, TargetId};

#[async_trait]
impl KeyStore for Memory {
    async fn get(&self, account: AccountId) -> Result<Option<WrappedKey>, StoreError> {
        Ok(self.state().keys.get(&account).cloned().flatten())
    }

    async fn insert(&self, account: AccountId, key: &WrappedKey) -> Result<WrappedKey, StoreError> {
        let mut state = self.state();
        let stored = state.keys.entry(account).or_insert_with(|| Some(key.clone()));
        stored.clone().ok_or_else(|| StoreError::Corrupt("the key was destroyed".into()))
    }

    async fn destroy(&self, account: AccountId) -> Result<(), StoreError> {
        self.state().keys.insert(account, None);
        Ok(())
    }
}

#[async_trait]
impl SecretStore for Memory {
    async fn get(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<Option<SecretRow>, StoreError> {
        let key = (account, owner.to_owned(), purpose.to_owned());
        Ok(self.state().secrets.get(&key).cloned())
    }

    async fn put(&self, write: &SecretWrite) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = (write.account, write.owner.clone(), write.purpose.clone());
        let stored = state.secrets.get(&key).map_or(0, |row| row.version);
        if stored + 1 != write.row.version {
            return Ok(false);
        }
        state.secrets.insert(key, write.row.clone());
        Ok(true)
    }

    async fn shred(&self, account: AccountId, owner: &str) -> Result<(), StoreError> {
        self.state().secrets.retain(|(whose, of, _), _| *whose != account || of != owner);
        Ok(())
    }

    async fn remove(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<(), StoreError> {
        let key = (account, owner.to_owned(), purpose.to_owned());
        self.state().secrets.remove(&key);
        Ok(())
    }
}

#[async_trait]
impl SessionStore for Memory {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        self.state().sessions.insert(session.hash, session.clone());
        Ok(())
    }

    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        Ok(self.state().sessions.get(hash).cloned())
    }

    async fn touch(&self, hash: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        if let Some(session) = self.state().sessions.get_mut(hash) {
            session.used_at = at;
        }
        Ok(())
    }

    async fn end(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.state().sessions.remove(hash);
        Ok(())
    }
}

#[async_trait]
impl LinkStore for Memory {
    async fn create(&self, link: &Link) -> Result<(), StoreError> {
        self.state().links.insert(link.hash, link.clone());
        Ok(())
    }

    async fn peek(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
        Ok(self.state().links.get(hash).cloned())
    }

    async fn take(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
        Ok(self.state().links.remove(hash))
    }
}

#[async_trait]
impl MediaStore for Memory {
    async fn insert(&self, media: &Media) -> Result<(), StoreError> {
        let key = (media.account, media.id);
        self.state().media.entry(key).or_insert_with(|| media.clone());
        Ok(())
    }

    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Media>, StoreError> {
        Ok(self.state().media.get(&(account, id)).cloned())
    }

    async fn list(
        &self,
        account: AccountId,
        after: Option<(Instant, MediaId)>,
        limit: u32,
    ) -> Result<Vec<Media>, StoreError> {
        let state = self.state();
        let of_account = state.media.values().filter(|media| media.account == account);
        let mut rows: Vec<_> = of_account.cloned().collect();
        rows.sort_by_key(|media| std::cmp::Reverse((media.uploaded_at, media.id)));
        rows.retain(|media| after.is_none_or(|after| (media.uploaded_at, media.id) < after));
        rows.truncate(limit.try_into().unwrap_or_default());
        Ok(rows)
    }
}

#[async_trait]
impl MediaFiles for Memory {
    async fn put(&self, account: AccountId, id: MediaId, bytes: Bytes) -> Result<(), StoreError> {
        self.state().files.insert((account, id), bytes);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Bytes>, StoreError> {
        Ok(self.state().files.get(&(account, id)).cloned())
    }
}

#[async_trait]
impl ContentStore for Memory {
    async fn put(
        &self,
        account: AccountId,
        reference: &str,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        self.state().contents.insert((account, reference.to_owned()), sealed.to_vec());
        Ok(())
    }

    async fn get(
        &self,
        account: AccountId,
        reference: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state().contents.get(&(account, reference.to_owned())).cloned())
    }

    async fn erase(&self, account: AccountId) -> Result<(), StoreError> {
        self.state().contents.retain(|(whose, _), _| *whose != account);
        Ok(())
    }
}

#[async_trait]
impl ObservationStore for Memory {
    async fn record(&self, observation: &Observation) -> Result<(), StoreError> {
        let mut state = self.state();
        let same =
            |known: &Observation| known.target == observation.target && known.at == observation.at;
        if !state.observations.iter().any(same) {
            state.observations.push(observation.clone());
        }
        Ok(())
    }

    async fn of_target(
        &self,
        account: AccountId,
        target: TargetId,
        limit: u32,
    ) -> Result<Vec<Observation>, StoreError> {
        let state = self.state();
        let rows = state.observations.iter();
        let rows = rows.filter(|row| row.account == account && row.target == target);
        let mut rows: Vec<_> = rows.cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        rows.truncate(limit.try_into().unwrap_or_default());
        Ok(rows)
    }
}
