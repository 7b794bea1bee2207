//! What a key is at present, folded from what happened to it.

use crate::{DisabledReason, Issuance, Issued, KeyMaterial, KeyName};
use herald_kernel::{ApiKeyId, Instant, MemberId};
use herald_terms::{Rights, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a key stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Nobody issued it.
    #[default]
    Absent,
    /// It works.
    Active,
    /// Another key takes its place; it works until the overlap ends.
    Rotating {
        /// The other key.
        successor: ApiKeyId,
        /// From when on it no longer works.
        overlap_until: Instant,
    },
    /// It rests.
    Disabled {
        /// Why.
        reason: DisabledReason,
    },
    /// It was ended, or another took its place.
    Revoked,
    /// Its time is up.
    Expired,
    /// It leaked and was ended.
    Compromised,
}

impl Stage {
    /// Is it over, for ever?
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Revoked | Self::Expired | Self::Compromised => true,
            Self::Absent | Self::Active | Self::Rotating { .. } | Self::Disabled { .. } => false,
        }
    }

    /// As views store it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Active => "active",
            Self::Rotating { .. } => "rotating",
            Self::Disabled { .. } => "disabled",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Compromised => "compromised",
        }
    }
}

/// A key: whose it is, what it may do, and whether it still works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub(crate) stage: Stage,
    pub(crate) issued: Option<Issued>,
}

impl ApiKey {
    /// Where it stands. A key whose time is up may still be on its way to [`Stage::Expired`]:
    /// whether a call may pass is for [`crate::verdict`] to say.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// All that is known of it; `None` until it is issued. Name and scopes are the present ones.
    #[must_use]
    pub const fn details(&self) -> Option<&Issued> {
        self.issued.as_ref()
    }

    /// The id; `None` until it is issued.
    #[must_use]
    pub fn id(&self) -> Option<ApiKeyId> {
        self.details().map(|issued| issued.key)
    }

    /// The member who issued it, if a member did.
    #[must_use]
    pub fn issuer(&self) -> Option<MemberId> {
        self.details().and_then(|issued| issued.owner.member())
    }

    /// What it is called, unless that was forgotten.
    #[must_use]
    pub fn name(&self) -> Option<&KeyName> {
        self.details().and_then(|issued| issued.name.known())
    }

    /// What it may do at most.
    #[must_use]
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        const NONE: &BTreeSet<Scope> = &BTreeSet::new();
        self.details().map_or(NONE, |issued| &issued.scopes)
    }

    /// How people see it: `herald_sk_live_…a1B2`; `None` until it is issued.
    #[must_use]
    pub fn display(&self) -> Option<String> {
        self.details().map(|issued| issued.last4.display(issued.environment))
    }

    /// Is its time up?
    #[must_use]
    pub fn is_past_expiry(&self, now: Instant) -> bool {
        let expires_at = self.details().and_then(|issued| issued.expires_at);
        expires_at.is_some_and(|at| at <= now)
    }

    /// Does it count against the tier's keys? Active keys of users do; while a key is being
    /// replaced its successor counts in its stead, and a key that rests gives its place back.
    #[must_use]
    pub fn takes_a_place(&self, now: Instant) -> bool {
        let is_users = self.details().is_some_and(|issued| !issued.owner.is_service());
        is_users && self.stage == Stage::Active && !self.is_past_expiry(now)
    }

    /// What it may do at present: its scopes, within what its issuer may do, within what the plan
    /// includes, on its connections. A service's key depends on neither issuer nor plan.
    #[must_use]
    pub fn rights(&self, issuer: &Rights, plan: &Rights) -> Rights {
        let Some(key) = self.details() else { return Rights::default() };
        let own = Rights::new(key.scopes.iter().copied(), key.reach.clone());
        if key.owner.is_service() {
            return own.within(&Rights::of_services());
        }
        // Whatever a history says, a user's key holds no scope of services.
        own.within(&Rights::all()).within(issuer).within(plan)
    }

    /// The key that takes this one's place, alike in everything but its text. `None` until this one
    /// is issued, and when its name or networks were forgotten. A key with an end hands it on.
    #[must_use]
    pub fn successor(&self, key: ApiKeyId, material: KeyMaterial) -> Option<Issuance> {
        let issued = self.details()?;
        Some(Issuance {
            key,
            account: issued.account,
            kind: issued.owner.clone(),
            name: issued.name.known()?.clone(),
            environment: issued.environment,
            scopes: issued.scopes.clone(),
            reach: issued.reach.clone(),
            ip_allow: issued.ip_allow.known()?.clone(),
            expires_at: issued.expires_at,
            replaces: Some(issued.key),
            material,
        })
    }
}
