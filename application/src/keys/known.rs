//! What is remembered of keys between two calls, for half a second.

use super::pepper::Peppers;
use crate::{
    desk::Desk,
    entitlements::{self, Entitled},
    failure::Failure,
    log::Keyring,
};
use herald_account::{Account, Role};
use herald_api_key::{ApiKey, KeyDigest};
use herald_kernel::{AccountId, ApiKeyId, Instant, MemberId};
use herald_terms::{Reach, Rights, Scope};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// Keys that are remembered at once; others are looked up again.
const AT_MOST: u64 = 50_000;
/// A text belongs to its key for ever, so this is remembered for longer.
const NAMED: Duration = Duration::from_secs(300);

/// The keys that called lately.
pub struct Keys {
    pub(super) peppers: Peppers,
    /// By the SHA-256 of a text: which key it is, and its digest.
    pub(super) named: Cache<[u8; 32], (ApiKeyId, KeyDigest)>,
    states: Cache<ApiKeyId, Arc<Known>>,
    /// The minute of a key's last use, as far as this process has noted it.
    pub(super) noted: moka::sync::Cache<ApiKeyId, i64>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// A key with everything that a verdict about it looks at.
pub(super) struct Known {
    pub(super) key: ApiKey,
    pub(super) account: AccountId,
    /// The member who issued it, while they take part.
    pub(super) issuer: Option<(MemberId, Role)>,
    pub(super) plan: Rights,
    pub(super) entitled: Arc<Entitled>,
}

impl Keys {
    /// Nothing is remembered yet. What is will be, for `span`.
    #[must_use]
    pub fn new(keyring: &Keyring, span: Duration) -> Self {
        Self {
            peppers: Peppers::new(keyring),
            named: Cache::builder().max_capacity(AT_MOST).time_to_live(NAMED).build(),
            states: Cache::builder().max_capacity(AT_MOST).time_to_live(span).build(),
            noted: moka::sync::Cache::new(AT_MOST),
        }
    }

    /// The key as it stands; whoever asks for the same one meanwhile waits for the one answer.
    pub(super) async fn state(&self, desk: &Desk, id: ApiKeyId) -> Result<Arc<Known>, Failure> {
        if desk.settings.waits.remember_keys.is_zero() {
            return Ok(Arc::new(Known::load(desk, id).await?));
        }
        let load = async { Known::load(desk, id).await.map(Arc::new) };
        let loaded = self.states.try_get_with(id, load).await;
        loaded.map_err(|failure| Failure::clone(&failure))
    }
}

impl Known {
    async fn load(desk: &Desk, id: ApiKeyId) -> Result<Self, Failure> {
        let key = desk.journal.confirmed::<ApiKey>(id.uuid()).await?.state.clone();
        let now = desk.clock.now();
        // Nobody's key is not found, whatever else is so.
        let Some(account) = key.details().map(|issued| issued.account) else {
            return Ok(Self::nobodys(key, now));
        };
        if key.issuer().is_none() {
            return Ok(Self { account, ..Self::nobodys(key, now) });
        }
        let owner = desk.journal.confirmed::<Account>(account.uuid()).await?;
        let owner = &owner.state;
        let member = key.issuer().and_then(|member| owner.member(member));
        let member = member.filter(|member| member.is_active() && !owner.is_deleted());
        let issuer = member.map(|member| (member.id(), member.role()));
        let entitled = entitlements::of_account_at(desk, account, now).await?;
        // Who owes a payment, or is stopped, may look and nothing else.
        let works = entitled.access.allows_work() && !owner.is_suspended();
        let plan = if works { Rights::all() } else { Rights::new([Scope::Read], Reach::default()) };
        Ok(Self { key, account, issuer, plan, entitled: Arc::new(entitled) })
    }

    fn nobodys(key: ApiKey, now: Instant) -> Self {
        let entitled = Arc::new(Entitled::unlimited(now));
        let account = AccountId::new(uuid::Uuid::nil());
        Self { key, account, issuer: None, plan: Rights::default(), entitled }
    }
}
