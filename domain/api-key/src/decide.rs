//! What follows from a command to a key.

mod issue;
mod life;

use crate::{ApiKey, ApiKeyCommand, ApiKeyEvent, ApiKeyRefusal, Context, Stage};
use herald_kernel::{Decider, Instant};
use herald_terms::{Quota, Scope};
use std::{collections::BTreeSet, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How long a key and its successor may work side by side: seven days.
pub const OVERLAP_AT_MOST: Duration = DAY.saturating_mul(7);
/// How far ahead the end of a key may lie: two years, one of them a leap year.
pub const LIFETIME_AT_MOST: Duration = DAY.saturating_mul(731);
/// How long ago whoever widens a key may have proven who they are: ten minutes.
pub const REAUTHENTICATED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How many networks one key may name.
pub const NETWORKS_AT_MOST: usize = 50;

/// The events of a command that was followed; none when it was already so.
type Decision = Result<Vec<ApiKeyEvent>, ApiKeyRefusal>;

impl Decider for ApiKey {
    const STREAM: &'static str = "api_key";
    type Context = Context;
    type Command = ApiKeyCommand;
    type Event = ApiKeyEvent;
    type Refusal = ApiKeyRefusal;

    fn decide(&self, command: ApiKeyCommand, context: &Context) -> Decision {
        use ApiKeyCommand as C;
        match command {
            C::Issue(issuance) => issue::issue(self, *issuance, context),
            C::Rotate { successor, overlap } => life::rotate(self, successor, overlap, context.now),
            C::EndOverlap => life::end_overlap(self, context.now),
            C::NarrowScopes { scopes } => narrow(self, scopes, context.now),
            C::WidenScopes { scopes } => widen(self, scopes, context),
            C::Rename { name } => life::rename(self, name),
            C::Disable { reason } => life::disable(self, reason, context.now),
            C::Enable { reason } => life::enable(self, reason, context),
            C::Revoke => life::end(self, ApiKeyEvent::Revoked),
            C::ReportLeak { source } => life::end(self, ApiKeyEvent::Compromised { source }),
            C::Expire => life::expire(self, context.now),
        }
    }

    fn evolve(&mut self, event: &ApiKeyEvent) {
        self.believe(event);
    }
}

/// Refuses when there is no key, or it is over for ever.
const fn must_not_be_over(key: &ApiKey) -> Result<(), ApiKeyRefusal> {
    match key.stage {
        Stage::Absent => Err(ApiKeyRefusal::NotIssued),
        Stage::Revoked => Err(ApiKeyRefusal::KeyRevoked),
        Stage::Expired => Err(ApiKeyRefusal::KeyExpired),
        Stage::Compromised => Err(ApiKeyRefusal::KeyCompromised),
        Stage::Active | Stage::Rotating { .. } | Stage::Disabled { .. } => Ok(()),
    }
}

/// Refuses also when the key's time is up and only the note of it is missing.
fn must_be_alive(key: &ApiKey, now: Instant) -> Result<(), ApiKeyRefusal> {
    must_not_be_over(key)?;
    if key.is_past_expiry(now) { Err(ApiKeyRefusal::KeyExpired) } else { Ok(()) }
}

fn must_have_a_place(context: &Context) -> Result<(), ApiKeyRefusal> {
    let used = context.keys_in_use;
    match context.entitlements.api_keys {
        Quota::Limited(limit) if used >= limit => Err(ApiKeyRefusal::KeysTaken { limit, used }),
        Quota::Limited(_) | Quota::Unlimited => Ok(()),
    }
}

fn must_be_changeable(
    key: &ApiKey,
    scopes: &BTreeSet<Scope>,
    now: Instant,
) -> Result<(), ApiKeyRefusal> {
    must_be_alive(key, now)?;
    let service = key.details().is_some_and(|issued| issued.owner.is_service());
    issue::must_suit(service, scopes)
}

fn narrow(key: &ApiKey, scopes: BTreeSet<Scope>, now: Instant) -> Decision {
    must_be_changeable(key, &scopes, now)?;
    if !scopes.is_subset(key.scopes()) {
        return Err(ApiKeyRefusal::NotNarrower);
    }
    Ok(scopes_changed(key, scopes))
}

fn widen(key: &ApiKey, scopes: BTreeSet<Scope>, context: &Context) -> Decision {
    must_be_changeable(key, &scopes, context.now)?;
    if !scopes.is_subset(context.issuer.scopes()) && !scopes.is_subset(key.scopes()) {
        return Err(ApiKeyRefusal::BeyondIssuer);
    }
    // A proof from the future is none: it was made by another clock, or by hand.
    let proven = context
        .reauthenticated_at
        .is_some_and(|at| at <= context.now && context.now.since(at) <= REAUTHENTICATED_WITHIN);
    if !scopes.is_subset(key.scopes()) && !proven {
        return Err(ApiKeyRefusal::ReauthenticationRequired);
    }
    Ok(scopes_changed(key, scopes))
}

fn scopes_changed(key: &ApiKey, scopes: BTreeSet<Scope>) -> Vec<ApiKeyEvent> {
    let already = *key.scopes() == scopes;
    if already { Vec::new() } else { vec![ApiKeyEvent::ScopesChanged { scopes }] }
}
