//! The tokens of one connection, as the vault holds them: every set that may still be needed, by
//! version. Which of them is in use, the log says.
//!
//! So a consent for another owner never overwrites tokens that work, and a successor that was
//! stored before a crash is found again although the log does not know it yet.

use crate::{
    desk::Desk,
    failure::Failure,
    ports::{SocialAuthorization, TokenSet},
    vault::Name,
};
use herald_kernel::{AccountId, ConnectionId, Instant};
use herald_social_connection::{SocialConnection, TokenFacts, TokenOrigin};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the sets are for, in the vault.
const PURPOSE: &str = "tokens";

/// Writers of one connection's tokens are two at most: an exchange and a refresh.
const TRIES: u32 = 5;

/// The token sets of one connection.
#[derive(Clone, Copy)]
pub(in crate::jobs) struct TokenSets<'d> {
    pub(in crate::jobs) desk: &'d Desk,
    pub(in crate::jobs) account: AccountId,
    pub(in crate::jobs) connection: ConnectionId,
}

/// One set.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::jobs) struct StoredSet {
    origin: TokenOrigin,
    access: String,
    access_expires_at: Instant,
    refresh: Option<String>,
    refresh_expires_at: Option<Instant>,
    /// Did the network hand out a refresh token with this set, or is it an older one's?
    has_refresh: bool,
    scopes: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct Book {
    sets: BTreeMap<u32, StoredSet>,
}

impl StoredSet {
    /// What opens the API.
    pub(in crate::jobs) fn access(&self) -> SecretString {
        SecretString::from(self.access.clone())
    }

    /// What renews the access.
    pub(in crate::jobs) fn refresh(&self) -> Option<SecretString> {
        self.refresh.clone().map(SecretString::from)
    }

    /// `tokens`, with the refresh token of `former` where the network handed out none.
    fn of(origin: TokenOrigin, tokens: &TokenSet, former: Option<&Self>) -> Self {
        let handed_out = tokens.refresh.as_ref().map(|token| token.expose_secret().to_owned());
        let handed_out = handed_out.filter(|token| !token.is_empty());
        let has_refresh = handed_out.is_some();
        let refresh_expires_at = if has_refresh {
            tokens.refresh_expires_at
        } else {
            former.and_then(|former| former.refresh_expires_at)
        };
        Self {
            origin,
            access: tokens.access.expose_secret().to_owned(),
            access_expires_at: tokens.access_expires_at,
            refresh: handed_out.or_else(|| former?.refresh.clone()),
            refresh_expires_at,
            has_refresh,
            scopes: tokens.scopes.clone(),
        }
    }
}

impl TokenSets<'_> {
    /// The set that the log says is in use.
    pub(in crate::jobs) async fn in_use(
        &self,
        connection: &SocialConnection,
    ) -> Result<Option<StoredSet>, Failure> {
        match connection.secret_version() {
            Some(version) => self.version(version).await,
            None => Ok(None),
        }
    }

    /// The set of this version.
    pub(in crate::jobs) async fn version(
        &self,
        version: u32,
    ) -> Result<Option<StoredSet>, Failure> {
        let (_, mut book) = self.open().await?;
        Ok(book.sets.remove(&version))
    }

    /// The end of all tokens: the network takes back what it may still accept, and nothing stays here.
    pub(in crate::jobs) async fn destroy(
        &self,
        authorization: Option<&dyn SocialAuthorization>,
    ) -> Result<(), Failure> {
        let connection = self.connection;
        if let Some(authorization) = authorization {
            for token in self.everything().await.unwrap_or_default() {
                if let Err(error) = authorization.revoke(&token).await {
                    tracing::info!(%connection, %error, "a token was not taken back");
                }
            }
        }
        Ok(self.desk.vault.shred(self.account, &connection.to_string()).await?)
    }

    async fn everything(&self) -> Result<Vec<SecretString>, Failure> {
        let (_, book) = self.open().await?;
        let tokens = book.sets.values().flat_map(|set| [set.refresh(), Some(set.access())]);
        Ok(tokens.flatten().collect())
    }

    /// What is known of the set that came from `origin`, if it was stored.
    pub(in crate::jobs) async fn stored(
        &self,
        origin: TokenOrigin,
    ) -> Result<Option<TokenFacts>, Failure> {
        let (_, book) = self.open().await?;
        match book.sets.iter().find(|(_, set)| set.origin == origin) {
            Some((version, set)) => self.facts(*version, set).await.map(Some),
            None => Ok(None),
        }
    }

    /// Stores new tokens beside those in use, and answers what the log may know of them. Sets older
    /// than the one in use are dropped.
    pub(in crate::jobs) async fn keep(
        &self,
        origin: TokenOrigin,
        tokens: &TokenSet,
        connection: &SocialConnection,
    ) -> Result<TokenFacts, Failure> {
        let in_use = connection.secret_version();
        for _ in 0..TRIES {
            let (stored, mut book) = self.open().await?;
            let access = tokens.access.expose_secret();
            let same = |set: &StoredSet| set.origin == origin && set.access == access;
            if let Some((version, set)) = book.sets.iter().find(|(_, set)| same(set)) {
                // An earlier try was stored although its answer was lost.
                return self.facts(*version, set).await;
            }
            let version = stored + 1;
            let former = in_use.and_then(|version| book.sets.get(&version));
            let set = StoredSet::of(origin, tokens, former);
            book.sets.retain(|version, _| Some(*version) >= in_use);
            book.sets.insert(version, set.clone());
            if self.put(stored, &book).await? {
                return self.facts(version, &set).await;
            }
        }
        Err(Failure::Contended)
    }

    async fn facts(&self, version: u32, set: &StoredSet) -> Result<TokenFacts, Failure> {
        let key = self.desk.journal.keyring().ensure(self.account).await?;
        Ok(TokenFacts {
            secret_version: version,
            fingerprint: key.fingerprint("token", &set.access),
            scopes: set.scopes.clone(),
            access_expires_at: set.access_expires_at,
            refresh_expires_at: set.refresh_expires_at,
            has_refresh: set.has_refresh,
        })
    }

    async fn open(&self) -> Result<(u32, Book), Failure> {
        let owner = self.connection.to_string();
        let Some(stored) = self.desk.vault.get(self.name(&owner)).await? else {
            return Ok((0, Book::default()));
        };
        let book = serde_json::from_str(stored.secret.expose_secret())
            .map_err(|_| Failure::Internal("stored tokens cannot be read".to_owned()))?;
        Ok((stored.version, book))
    }

    async fn put(&self, after: u32, book: &Book) -> Result<bool, Failure> {
        let text = serde_json::to_string(book)
            .map_err(|_| Failure::Internal("tokens have no JSON form".to_owned()))?;
        let owner = self.connection.to_string();
        let secret = SecretString::from(text);
        Ok(self.desk.vault.put(self.name(&owner), after, &secret).await?.is_some())
    }

    fn name<'n>(&self, owner: &'n str) -> Name<'n> {
        Name { account: self.account, owner, purpose: PURPOSE }
    }
}
