//! May a call with a key pass? One answer, always found in the same order.

use crate::{ApiKey, Environment, Issued, KeyDigest, Stage};
use herald_kernel::{ConnectionId, Instant};
use herald_terms::{Rights, Scope};
use std::net::IpAddr;

/// A call that presents a key.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Now.
    pub now: Instant,
    /// The digest of the text that was presented.
    pub presented: &'a KeyDigest,
    /// Where the installation acts.
    pub environment: Environment,
    /// Where the call comes from, as seen behind trusted proxies.
    pub source: IpAddr,
    /// What the issuer may do at present; `None` when they no longer take part. A service's key
    /// does not ask.
    pub issuer: Option<&'a Rights>,
    /// What the account's subscription allows at present. A service's key does not ask.
    pub plan: &'a Rights,
    /// What the operation needs; `None` when it is enough to know whose key it is.
    pub needs: Option<Scope>,
    /// On which connection, if on one.
    pub on: Option<ConnectionId>,
}

/// What became of a call with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass, with these rights.
    Valid(Rights),
    /// The text is no key. Said by whoever parses it.
    Malformed,
    /// No such key.
    NotFound,
    /// The key rests.
    Disabled,
    /// Its time is up.
    Expired,
    /// It was ended: by its people, its successor, a leak, or because its issuer left.
    Revoked,
    /// The key is good, but not here, or not from there.
    Forbidden(Ground),
    /// Key or issuer may not do this.
    InsufficientScope(Scope),
    /// Key and issuer may, but the subscription does not include it at present.
    SubscriptionRequired,
    /// Too many calls in a short time. Said by whoever counts them.
    RateLimited,
    /// No calls left in this period. Said by whoever counts them.
    QuotaExceeded,
}

/// Why a good key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// It belongs to the other environment.
    Environment,
    /// It is bound to other networks.
    Source,
}

impl Verdict {
    /// May the call pass?
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        matches!(self, Self::Valid(_))
    }

    /// Must the answer give nothing away? These are one and the same 401 to the outside.
    #[must_use]
    pub const fn is_unauthenticated(&self) -> bool {
        match self {
            Self::Malformed | Self::NotFound | Self::Disabled | Self::Expired | Self::Revoked => {
                true
            }
            Self::Valid(_)
            | Self::Forbidden(_)
            | Self::InsufficientScope(_)
            | Self::SubscriptionRequired
            | Self::RateLimited
            | Self::QuotaExceeded => false,
        }
    }

    /// A stable code for logs and metrics; callers see only what
    /// [`Verdict::is_unauthenticated`] leaves.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Valid(_) => "VALID",
            Self::Malformed => "MALFORMED",
            Self::NotFound => "NOT_FOUND",
            Self::Disabled => "DISABLED",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::InsufficientScope(_) => "INSUFFICIENT_SCOPE",
            Self::SubscriptionRequired => "SUBSCRIPTION_REQUIRED",
            Self::RateLimited => "RATE_LIMITED",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
        }
    }
}

/// May the call pass? Parsing and look-up come before this; rate and quota after.
///
/// In order: digest, state, expiry, environment, source, scope, subscription.
#[must_use]
pub fn verdict(key: &ApiKey, call: &Call<'_>) -> Verdict {
    match judge(key, call) {
        Ok(rights) => Verdict::Valid(rights),
        Err(verdict) => verdict,
    }
}

fn judge(key: &ApiKey, call: &Call<'_>) -> Result<Rights, Verdict> {
    let issued = key.details().ok_or(Verdict::NotFound)?;
    if !issued.digest.matches(call.presented) {
        return Err(Verdict::NotFound);
    }
    let allowed = must_work(key, issued, call)?;
    if issued.environment != call.environment {
        return Err(Verdict::Forbidden(Ground::Environment));
    }
    must_come_from_its_networks(issued, call.source)?;
    let own = key.rights(allowed, &Rights::all());
    let rights = key.rights(allowed, call.plan);
    if let Some(scope) = call.needs {
        if !allows(&own, scope, call.on) {
            return Err(Verdict::InsufficientScope(scope));
        }
        if !allows(&rights, scope, call.on) {
            return Err(Verdict::SubscriptionRequired);
        }
    }
    Ok(rights)
}

/// Refuses a key that rests or is over; answers what its issuer may do.
fn must_work<'a>(key: &ApiKey, issued: &Issued, call: &Call<'a>) -> Result<&'a Rights, Verdict> {
    match key.stage() {
        Stage::Active => {}
        Stage::Rotating { overlap_until, .. } if call.now < overlap_until => {}
        Stage::Rotating { .. } | Stage::Revoked | Stage::Compromised => {
            return Err(Verdict::Revoked);
        }
        Stage::Disabled { .. } => return Err(Verdict::Disabled),
        Stage::Expired => return Err(Verdict::Expired),
        Stage::Absent => return Err(Verdict::NotFound),
    }
    let allowed = match call.issuer {
        Some(allowed) => allowed,
        None if issued.owner.is_service() => call.plan,
        None => return Err(Verdict::Revoked),
    };
    if key.is_past_expiry(call.now) { Err(Verdict::Expired) } else { Ok(allowed) }
}

fn must_come_from_its_networks(issued: &Issued, source: IpAddr) -> Result<(), Verdict> {
    let elsewhere = Err(Verdict::Forbidden(Ground::Source));
    // Networks that nobody can read any more still bound the key: it is taken from nowhere.
    let Some(networks) = issued.ip_allow.known() else { return elsewhere };
    let anywhere = networks.is_empty() && !issued.owner.is_service();
    let inside = networks.iter().any(|network| network.contains(source));
    if anywhere || inside { Ok(()) } else { elsewhere }
}

fn allows(rights: &Rights, scope: Scope, on: Option<ConnectionId>) -> bool {
    on.map_or_else(|| rights.allow(scope), |connection| rights.allow_on(scope, connection))
}
