//! What one can ask of a key.

use crate::{
    ApiKey, DisabledReason, Environment, KeyDigest, KeyKind, KeyName, Last4, LeakSource, Lookup,
    SourceNet,
};
use herald_kernel::{AccountId, ApiKeyId, Instant};
use herald_terms::{Reach, Scope};
use std::{collections::BTreeSet, time::Duration};

/// What one can ask of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyCommand {
    /// Issue a key.
    Issue(Box<Issuance>),
    /// Let another key take its place. Both work until the overlap ends.
    Rotate {
        /// The other key, which is issued in the same append.
        successor: ApiKeyId,
        /// How long both work; at most [`crate::OVERLAP_AT_MOST`].
        overlap: Duration,
    },
    /// The overlap is over: the key no longer works.
    EndOverlap,
    /// Take scopes away.
    NarrowScopes {
        /// What is left: some of the present ones.
        scopes: BTreeSet<Scope>,
    },
    /// Give the key scopes, some of them new. Whoever asks has just proven who they are.
    WidenScopes {
        /// All that the key will have.
        scopes: BTreeSet<Scope>,
    },
    /// Call it something else.
    Rename {
        /// What.
        name: KeyName,
    },
    /// Let it rest.
    Disable {
        /// Why.
        reason: DisabledReason,
    },
    /// Let it work again.
    Enable {
        /// The reason that no longer holds; weaker ones fall with it.
        reason: DisabledReason,
    },
    /// End it, for ever.
    Revoke,
    /// Somebody has it who should not: end it at once, and say so.
    ReportLeak {
        /// Who found it.
        source: LeakSource,
    },
    /// Its time is up.
    Expire,
}

impl ApiKeyCommand {
    /// What gives `key` these scopes: narrowing when none is new, else widening.
    #[must_use]
    pub fn change_scopes(key: &ApiKey, scopes: BTreeSet<Scope>) -> Self {
        if scopes.is_subset(key.scopes()) {
            Self::NarrowScopes { scopes }
        } else {
            Self::WidenScopes { scopes }
        }
    }
}

/// A key to be issued: all of it but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuance {
    /// The key.
    pub key: ApiKeyId,
    /// The account that it acts in.
    pub account: AccountId,
    /// Whose it is.
    pub kind: KeyKind,
    /// What it is called.
    pub name: KeyName,
    /// Where it acts.
    pub environment: Environment,
    /// What it may do at most.
    pub scopes: BTreeSet<Scope>,
    /// On which connections.
    pub reach: Reach,
    /// Where calls may come from; from anywhere when empty.
    pub ip_allow: Vec<SourceNet>,
    /// From when on it is void, if ever; at most [`crate::LIFETIME_AT_MOST`] ahead.
    pub expires_at: Option<Instant>,
    /// Whose place it takes. Such a key takes no place of its own in the tier, so this is said only
    /// in the append that also rotates that key.
    pub replaces: Option<ApiKeyId>,
    /// What is kept of its text.
    pub material: KeyMaterial,
}

/// What is kept of a key's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMaterial {
    /// What a presented key must match.
    pub digest: KeyDigest,
    /// Under which it is found.
    pub lookup: Lookup,
    /// How its owner recognises it.
    pub last4: Last4,
    /// The version of the pepper that the digest was made with.
    pub pepper_version: u32,
}
