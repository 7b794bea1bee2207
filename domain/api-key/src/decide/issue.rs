//! Decisions about a key's birth.

use super::{Decision, LIFETIME_AT_MOST, NETWORKS_AT_MOST, must_have_a_place};
use crate::{ApiKey, ApiKeyEvent, ApiKeyRefusal, Context, Issuance, Issued, Stage};
use herald_kernel::{Instant, Personal};
use herald_terms::{Rights, Scope};
use std::collections::BTreeSet;

pub(super) fn issue(key: &ApiKey, issuance: Issuance, context: &Context) -> Decision {
    let wanted = issued(issuance);
    if key.stage != Stage::Absent {
        // The same once more is a repetition; its text is not shown again.
        let same = key.details() == Some(&wanted);
        return if same { Ok(Vec::new()) } else { Err(ApiKeyRefusal::AlreadyIssued) };
    }
    let service = wanted.owner.is_service();
    must_suit(service, &wanted.scopes)?;
    must_be_bound(service, &wanted)?;
    must_end_in_time(wanted.expires_at, context.now)?;
    if wanted.replaces == Some(wanted.key) {
        return Err(ApiKeyRefusal::OwnSuccessor);
    }
    if !service {
        let rights = Rights::new(wanted.scopes.iter().copied(), wanted.reach.clone());
        if !rights.are_within(&context.issuer) {
            return Err(ApiKeyRefusal::BeyondIssuer);
        }
        if wanted.replaces.is_none() {
            must_have_a_place(context)?;
        }
    }
    Ok(vec![ApiKeyEvent::Issued(Box::new(wanted))])
}

/// Services have one scope, and users any but that.
pub(super) fn must_suit(service: bool, scopes: &BTreeSet<Scope>) -> Result<(), ApiKeyRefusal> {
    if service {
        let right = scopes == Rights::of_services().scopes();
        return if right { Ok(()) } else { Err(ApiKeyRefusal::ServiceScopeOnly) };
    }
    if !scopes.iter().all(|scope| scope.is_for_users()) {
        return Err(ApiKeyRefusal::ScopeForServices);
    }
    if scopes.is_empty() { Err(ApiKeyRefusal::NoScopes) } else { Ok(()) }
}

fn must_be_bound(service: bool, wanted: &Issued) -> Result<(), ApiKeyRefusal> {
    match wanted.ip_allow.known().map_or(0, Vec::len) {
        0 if service => Err(ApiKeyRefusal::NetworksMissing),
        count if count > NETWORKS_AT_MOST => Err(ApiKeyRefusal::TooManyNetworks),
        _ => Ok(()),
    }
}

fn must_end_in_time(expires_at: Option<Instant>, now: Instant) -> Result<(), ApiKeyRefusal> {
    match expires_at {
        Some(at) if at <= now => Err(ApiKeyRefusal::ExpiryInThePast),
        Some(at) if at > now.plus(LIFETIME_AT_MOST) => Err(ApiKeyRefusal::ExpiryTooFar),
        Some(_) | None => Ok(()),
    }
}

fn issued(issuance: Issuance) -> Issued {
    Issued {
        key: issuance.key,
        account: issuance.account,
        owner: issuance.kind,
        name: issuance.name.into(),
        environment: issuance.environment,
        scopes: issuance.scopes,
        reach: issuance.reach,
        ip_allow: Personal::Known(issuance.ip_allow),
        expires_at: issuance.expires_at,
        replaces: issuance.replaces,
        digest: issuance.material.digest,
        lookup: issuance.material.lookup,
        last4: issuance.material.last4,
        pepper_version: issuance.material.pepper_version,
    }
}
