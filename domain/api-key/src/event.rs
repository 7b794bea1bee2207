//! What can have happened to a key. Its text is in none of it.

use crate::{
    DisabledReason, Environment, KeyDigest, KeyKind, KeyName, Last4, LeakSource, Lookup, SourceNet,
};
use herald_kernel::{AccountId, ApiKeyId, Fact, Instant, Personal};
use herald_terms::{Reach, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ApiKeyEvent {
    /// The key exists, and its text was shown once.
    Issued(Box<Issued>),
    /// Another key takes its place; both work for a while.
    Rotated {
        /// The other key.
        successor: ApiKeyId,
        /// From when on this one no longer works.
        overlap_until: Instant,
    },
    /// The key no longer works, since another has taken its place.
    OverlapEnded,
    /// The key may do something else.
    ScopesChanged {
        /// All that it may do.
        scopes: BTreeSet<Scope>,
    },
    /// The key is called something else.
    Renamed {
        /// What.
        name: Personal<KeyName>,
    },
    /// The key rests.
    Disabled {
        /// Why.
        reason: DisabledReason,
    },
    /// The key works again.
    Enabled,
    /// The key was ended.
    Revoked,
    /// The key was found where it does not belong, and ended.
    Compromised {
        /// Who found it.
        source: LeakSource,
    },
    /// The key's time is up.
    Expired,
}

/// A key as it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The key.
    pub key: ApiKeyId,
    /// The account that it acts in.
    pub account: AccountId,
    /// Whose it is.
    pub owner: KeyKind,
    /// What it is called.
    pub name: Personal<KeyName>,
    /// Where it acts.
    pub environment: Environment,
    /// What it may do at most.
    pub scopes: BTreeSet<Scope>,
    /// On which connections.
    pub reach: Reach,
    /// Where calls may come from; from anywhere when empty. Once forgotten, from nowhere.
    pub ip_allow: Personal<Vec<SourceNet>>,
    /// From when on it is void, if ever.
    pub expires_at: Option<Instant>,
    /// Whose place it takes, if another's.
    pub replaces: Option<ApiKeyId>,
    /// What a presented key must match.
    pub digest: KeyDigest,
    /// Under which it is found.
    pub lookup: Lookup,
    /// How its owner recognises it.
    pub last4: Last4,
    /// The version of the pepper that the digest was made with.
    pub pepper_version: u32,
}

impl Fact for ApiKeyEvent {
    const NAMES: &'static [&'static str] = &[
        "issued",
        "rotated",
        "overlap_ended",
        "scopes_changed",
        "renamed",
        "disabled",
        "enabled",
        "revoked",
        "compromised",
        "expired",
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::Issued(_) => "issued",
            Self::Rotated { .. } => "rotated",
            Self::OverlapEnded => "overlap_ended",
            Self::ScopesChanged { .. } => "scopes_changed",
            Self::Renamed { .. } => "renamed",
            Self::Disabled { .. } => "disabled",
            Self::Enabled => "enabled",
            Self::Revoked => "revoked",
            Self::Compromised { .. } => "compromised",
            Self::Expired => "expired",
        }
    }
}
