//! From the text that a caller presents to what they may do: parse, find, compare, judge.

use super::{PREFIX, environment, pepper::lookup};
use crate::{
    caller::{Caller, Standing},
    desk::Desk,
    entitlements::Entitled,
    failure::Failure,
    log::Via,
    reading::read_document,
    sign_in,
    views::api_keys::{LOOKUPS, LookupDoc},
};
use herald_api_key::{ApiKey, Call, KeyDigest, KeyText, Verdict, verdict};
use herald_kernel::{AccountId, ApiKeyId, Instant};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use uuid::Uuid;

/// Keys that may share one look-up; 32 bits collide by chance only.
const SAME_LOOKUP: u32 = 20;

/// A caller whose key is good.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The account that the key belongs to.
    pub account: AccountId,
    /// The key.
    pub key: ApiKeyId,
    /// Who acts: a key, or a service.
    pub standing: Standing,
    /// What the account may use at present.
    pub entitled: Arc<Entitled>,
    presented: KeyDigest,
    source: Option<IpAddr>,
}

impl Pass {
    /// On whose behalf the request acts. A service acts in the account that it names.
    #[must_use]
    pub fn caller(&self, named: Option<AccountId>, via: Via, request: Uuid) -> Option<Caller> {
        let account = match (&self.standing, named) {
            (Standing::Service(_), named) => named?,
            (_, Some(named)) if named != self.account => return None,
            (_, _) => self.account,
        };
        Some(Caller {
            account,
            standing: self.standing.clone(),
            via,
            correlation: request,
            causation: format!("request:{request}"),
        })
    }
}

/// Why a caller with a key is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The key is not good, or not from there.
    Refused(Verdict),
    /// It cannot be found out now.
    Failed(Failure),
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Whose key `text` is, and what it may do; `source` is where the call comes from, as seen behind
/// trusted proxies. A key that is bound to networks is refused when that cannot be told.
pub async fn authenticate(
    desk: &Desk,
    text: &SecretString,
    source: Option<IpAddr>,
) -> Result<Pass, Denied> {
    let judged = find_and_judge(desk, text.expose_secret(), source).await;
    let outcome = match &judged {
        Ok(_) => "VALID",
        Err(Denied::Refused(verdict)) => verdict.code(),
        Err(Denied::Failed(failure)) => failure.code(),
    };
    metrics::counter!("herald_api_key_calls_total", "outcome" => outcome).increment(1);
    judged
}

/// As [`authenticate`], for a caller who was let in a while ago and is still there.
pub async fn recheck(desk: &Desk, pass: &Pass) -> Result<Pass, Denied> {
    judge(desk, pass.key, pass.presented, pass.source).await
}

/// When the holder of this session signed in, if they are signed in: whoever widens a key must have
/// done so a moment ago, and not only have renewed what they had.
pub async fn signed_in_at(desk: &Desk, session: &SecretString) -> Result<Option<Instant>, Failure> {
    let found = desk.stores.sessions.find(&sign_in::hash(session)).await?;
    Ok(found.map(|session| session.signed_in_at))
}

async fn find_and_judge(desk: &Desk, text: &str, source: Option<IpAddr>) -> Result<Pass, Denied> {
    debug_assert!(text.starts_with(PREFIX) || KeyText::parse(text).is_err(), "keys have a prefix");
    let text = KeyText::parse(text).map_err(|_| Denied::Refused(Verdict::Malformed))?;
    let hash: [u8; 32] = Sha256::digest(text.expose_secret()).into();
    if let Some((id, digest)) = desk.keys.named.get(&hash).await {
        return judge(desk, id, digest, source).await;
    }
    let (id, digest) = find(desk, &text).await?;
    desk.keys.named.insert(hash, (id, digest)).await;
    judge(desk, id, digest, source).await
}

/// The key whose digest the text has. What the view holds only leads to streams; they decide.
async fn find(desk: &Desk, text: &KeyText) -> Result<(ApiKeyId, KeyDigest), Denied> {
    let version = desk.progress.version(LOOKUPS);
    let sought = [lookup(text).to_string()];
    let rows = desk.stores.views.list_unscoped(LOOKUPS, version, &sought, None, SAME_LOOKUP).await;
    for row in &rows.map_err(Failure::from)? {
        let LookupDoc { key } = read_document(row)?;
        let state = desk.journal.load::<ApiKey>(key.uuid()).await.map_err(Failure::from)?.state;
        let Some(issued) = state.details() else { continue };
        let Some(digest) = desk.keys.peppers.digest(issued.pepper_version, text) else { continue };
        if issued.digest.matches(&digest) {
            return Ok((key, digest));
        }
    }
    Err(Denied::Refused(Verdict::NotFound))
}

async fn judge(
    desk: &Desk,
    id: ApiKeyId,
    presented: KeyDigest,
    source: Option<IpAddr>,
) -> Result<Pass, Denied> {
    let known = desk.keys.state(desk, id).await?;
    let issuer = known.issuer.map(|(_, role)| role.rights());
    let call = Call {
        now: desk.clock.now(),
        presented: &presented,
        environment: environment(desk.settings.mode),
        // Nobody's address lies in no network.
        source: source.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        issuer: issuer.as_ref(),
        plan: &known.plan,
        needs: None,
        on: None,
    };
    let verdict = verdict(&known.key, &call);
    let Verdict::Valid(rights) = verdict else { return Err(Denied::Refused(verdict)) };
    let standing = match known.issuer {
        Some((issuer, role)) => Standing::Key { key: id, issuer, role, rights },
        None => Standing::Service(id),
    };
    let (account, entitled) = (known.account, Arc::clone(&known.entitled));
    Ok(Pass { account, key: id, standing, entitled, presented, source })
}
