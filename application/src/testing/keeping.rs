//! A storage engine that forgets: what is neither log nor view nor queue.

use super::memory::Memory;
use crate::ports::{
    ContentStore, KeyStore, KeyWraps, Link, LinkStore, Media, MediaFiles, MediaStore, Observation,
    ObservationStore, RefreshStore, RefreshToken, Rewrap, SecretRow, SecretStore, SecretWrite,
    Session, SessionStore, SignInLog, SignInRow, Spent, StoreError, Succession, Suppression,
    SuppressionStore, WrappedKey,
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::{AccountId, IdentityId, Instant, MediaId, TargetId};
use std::collections::BTreeSet;

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
impl KeyWraps for Memory {
    async fn masters(&self) -> Result<Vec<String>, StoreError> {
        let state = self.state();
        let names = state.keys.values().flatten().map(|key| key.master.clone());
        Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
    }

    async fn count(&self, master: &str) -> Result<u64, StoreError> {
        let state = self.state();
        let keys = state.keys.values().flatten().filter(|key| key.master == master).count();
        Ok(u64::try_from(keys).unwrap_or(u64::MAX))
    }

    async fn page(
        &self,
        master: &str,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<(AccountId, WrappedKey)>, StoreError> {
        let state = self.state();
        let wrapped = state.keys.iter().filter_map(|(account, key)| Some((*account, key.clone()?)));
        let mut keys: Vec<_> = wrapped.filter(|(_, key)| key.master == master).collect();
        keys.sort_by_key(|(account, _)| *account);
        keys.retain(|(account, _)| after.is_none_or(|after| *account > after));
        keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(keys)
    }

    async fn replace(&self, wraps: &[Rewrap]) -> Result<u64, StoreError> {
        let mut state = self.state();
        let mut replaced = 0;
        for wrap in wraps {
            if let Some(Some(key)) = state.keys.get_mut(&wrap.account)
                && *key == wrap.from
            {
                key.clone_from(&wrap.to);
                replaced += 1;
            }
        }
        Ok(replaced)
    }

    async fn tidy(&self) -> Result<(), StoreError> {
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
        state.answers("secrets.put")?;
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

    async fn of(&self, identity: IdentityId) -> Result<Vec<Session>, StoreError> {
        let state = self.state();
        let own = state.sessions.values().filter(|session| session.identity == identity);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|session| std::cmp::Reverse(session.created_at));
        Ok(own)
    }

    async fn end_all(
        &self,
        identity: IdentityId,
        but: Option<&[u8; 32]>,
    ) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|hash, it| it.identity != identity || but == Some(hash));
        state.refreshes.retain(|_, (token, _)| token.identity != identity);
        Ok(u64::try_from(before - state.sessions.len()).unwrap_or_default())
    }

    async fn sweep(&self, now: Instant, idle_since: Instant) -> Result<u64, StoreError> {
        let mut state = self.state();
        state.answers("sessions.sweep")?;
        let rows = |state: &super::memory::State| {
            state.sessions.len() + state.links.len() + state.refreshes.len() + state.sign_ins.len()
        };
        let before = rows(&state);
        state.sessions.retain(|_, it| now < it.expires_at && idle_since < it.used_at);
        state.links.retain(|_, link| now < link.expires_at);
        state.refreshes.retain(|_, (token, _)| now < token.expires_at);
        state.sign_ins.retain(|row| now < row.expires_at);
        Ok(u64::try_from(before - rows(&state)).unwrap_or_default())
    }
}

#[async_trait]
impl RefreshStore for Memory {
    async fn put(&self, token: &RefreshToken) -> Result<(), StoreError> {
        self.state().refreshes.insert(token.hash, (token.clone(), false));
        Ok(())
    }

    async fn renew(
        &self,
        hash: &[u8; 32],
        at: Instant,
        next: &Succession,
    ) -> Result<Spent, StoreError> {
        let mut state = self.state();
        let Some((token, used)) = state.refreshes.get_mut(hash) else { return Ok(Spent::Unknown) };
        let token = token.clone();
        if *used {
            return Ok(Spent::Again(token));
        }
        if at >= token.expires_at {
            return Ok(Spent::Unknown);
        }
        *used = true;
        state.refreshes.insert(next.token, (next.token_after(&token), false));
        state.sessions.insert(next.session, next.session_of(&token, at));
        Ok(Spent::Fresh)
    }

    async fn end_family(&self, family: uuid::Uuid) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sessions.retain(|_, session| session.family != Some(family));
        state.refreshes.retain(|_, (token, _)| token.family != family);
        Ok(())
    }
}

#[async_trait]
impl SignInLog for Memory {
    async fn note(&self, row: &SignInRow) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.sign_ins.iter().all(|known| known.id != row.id) {
            state.sign_ins.push(row.clone());
        }
        Ok(())
    }

    async fn noted(
        &self,
        identities: &[IdentityId],
        before: Option<(Instant, uuid::Uuid)>,
        limit: u32,
    ) -> Result<Vec<SignInRow>, StoreError> {
        let state = self.state();
        let theirs = state.sign_ins.iter().filter(|row| identities.contains(&row.identity));
        let mut rows: Vec<_> = theirs.cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        rows.retain(|row| before.is_none_or(|before| (row.at, row.id) < before));
        rows.truncate(limit.try_into().unwrap_or_default());
        Ok(rows)
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
impl SuppressionStore for Memory {
    async fn suppress(&self, it: &Suppression) -> Result<(), StoreError> {
        self.state().suppressions.entry(it.mark).or_insert_with(|| it.clone());
        Ok(())
    }

    async fn find(&self, marks: &[[u8; 32]]) -> Result<Option<Suppression>, StoreError> {
        let state = self.state();
        Ok(marks.iter().find_map(|mark| state.suppressions.get(mark).cloned()))
    }

    async fn list(
        &self,
        before: Option<(Instant, [u8; 32])>,
        limit: u32,
    ) -> Result<Vec<Suppression>, StoreError> {
        let mut rows: Vec<_> = self.state().suppressions.values().cloned().collect();
        rows.sort_by_key(|it| std::cmp::Reverse((it.since, it.mark)));
        rows.retain(|it| before.is_none_or(|before| (it.since, it.mark) < before));
        rows.truncate(limit.try_into().unwrap_or_default());
        Ok(rows)
    }

    async fn lift(&self, mark: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.state().suppressions.remove(mark).is_some())
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

    async fn bytes_of(&self, account: AccountId) -> Result<u64, StoreError> {
        let state = self.state();
        let of_account = state.media.values().filter(|media| media.account == account);
        Ok(of_account.map(|media| media.bytes).sum())
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
        let state = self.state();
        if state.files_damaged {
            return Err(StoreError::Corrupt("a picture is damaged".to_owned()));
        }
        Ok(state.files.get(&(account, id)).cloned())
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
