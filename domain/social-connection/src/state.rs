//! What a social connection is at present, and what one can read from it.

use crate::{
    BlockReason, PauseReason, ProviderAccountId, QuotaWindow, ReauthReason, Status, TextLimit,
    TokenFacts, Trouble,
};
use herald_kernel::{AccountId, Instant, MemberId, Network, Personal, Text};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long a refresh may be without an outcome before it counts as unknown.
pub const REFRESH_LEASE: Duration = Duration::from_secs(120);

/// A connection to one account of one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocialConnection {
    pub(crate) account: Option<AccountId>,
    pub(crate) network: Option<Network>,
    pub(crate) consent: Option<Consent>,
    pub(crate) candidate: Option<StoredTokens>,
    pub(crate) owner: Option<Owner>,
    pub(crate) tokens: Option<StoredTokens>,
    pub(crate) refreshable: bool,
    pub(crate) refresh_expires_at: Option<Instant>,
    pub(crate) refreshes: u32,
    pub(crate) open_refresh: Option<OpenRefresh>,
    pub(crate) lost_refreshes: BTreeSet<u32>,
    pub(crate) health: Health,
    pub(crate) pauses: BTreeSet<PauseReason>,
    pub(crate) block: Option<BlockReason>,
    pub(crate) quotas: BTreeMap<String, QuotaWindow>,
    pub(crate) disconnected: bool,
}

/// The account of the network that the connection acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) id: ProviderAccountId,
    pub(crate) handle: Personal<Text<100>>,
    pub(crate) display_name: Personal<Text<200>>,
    pub(crate) text_limit: TextLimit,
}

/// Tokens in the vault, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredTokens {
    pub(crate) facts: TokenFacts,
    pub(crate) at: Instant,
}

/// How the network answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Health {
    #[default]
    Active,
    Degraded(Trouble),
    NeedsReauth(ReauthReason),
}

/// One try to get a person's consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its number, from 1.
    pub attempt: u32,
    /// Who was sent to the consent page.
    pub by: MemberId,
    /// Until when they may come back.
    pub expires_at: Instant,
    /// How far it got.
    pub phase: ConsentPhase,
}

/// How far a consent got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentPhase {
    /// The person is at the network's page.
    Requested,
    /// The code is being exchanged.
    Exchanging,
    /// The tokens are there; their owner is not known yet.
    Exchanged,
    /// The person or the network said no.
    Denied,
    /// The exchange failed.
    Failed,
    /// Nobody saw how the exchange ended.
    Unknown,
    /// The tokens are in use.
    Completed,
}

/// A refresh whose outcome is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRefresh {
    /// Its number, from 1.
    pub n: u32,
    /// The fence of the job that asks.
    pub fence: i64,
    /// The version of the secret that it uses.
    pub secret_version: u32,
    /// Since when.
    pub at: Instant,
}

impl SocialConnection {
    /// The account that the connection belongs to.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Option<Network> {
        self.network
    }

    /// What the connection is. A pause hides the health beneath it until it is lifted.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.account.is_none() {
            return Status::Absent;
        }
        if self.disconnected {
            return Status::Disconnected;
        }
        if self.owner.is_none() {
            return if self.candidate.is_some() {
                Status::SelectingTarget
            } else {
                Status::AwaitingConsent
            };
        }
        if self.block.is_some() {
            return Status::Blocked;
        }
        if !self.pauses.is_empty() {
            return Status::Paused;
        }
        match self.health {
            Health::Active => Status::Active,
            Health::Degraded(_) => Status::Degraded,
            Health::NeedsReauth(_) => Status::NeedsReauth,
        }
    }

    /// The number of the latest try to get consent; 0 before the first.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.consent.as_ref().map_or(0, |consent| consent.attempt)
    }

    /// The latest try to get consent, however far it got.
    #[must_use]
    pub const fn consent(&self) -> Option<&Consent> {
        self.consent.as_ref()
    }

    /// The consent that a person is still to give.
    #[must_use]
    pub fn pending_consent(&self) -> Option<&Consent> {
        self.consent.as_ref().filter(|consent| consent.phase == ConsentPhase::Requested)
    }

    /// Was the connection ever made? From then on, its owner never changes.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        self.owner.is_some()
    }

    /// The network's id of the account behind the connection.
    #[must_use]
    pub fn provider_account_id(&self) -> Option<&ProviderAccountId> {
        self.owner.as_ref().map(|owner| &owner.id)
    }

    /// The public handle of that account.
    #[must_use]
    pub fn handle(&self) -> Option<&Personal<Text<100>>> {
        self.owner.as_ref().map(|owner| &owner.handle)
    }

    /// The display name of that account.
    #[must_use]
    pub fn display_name(&self) -> Option<&Personal<Text<200>>> {
        self.owner.as_ref().map(|owner| &owner.display_name)
    }

    /// How long a text may be.
    #[must_use]
    pub fn text_limit(&self) -> Option<TextLimit> {
        self.owner.as_ref().map(|owner| owner.text_limit)
    }

    /// The vault's version of the tokens in use.
    #[must_use]
    pub fn secret_version(&self) -> Option<u32> {
        self.tokens.as_ref().map(|tokens| tokens.facts.secret_version)
    }

    /// The vault's version of tokens from a consent whose owner is not known yet.
    #[must_use]
    pub fn candidate_version(&self) -> Option<u32> {
        self.candidate.as_ref().map(|tokens| tokens.facts.secret_version)
    }

    /// When the access token in use stops working.
    #[must_use]
    pub fn access_expires_at(&self) -> Option<Instant> {
        self.tokens.as_ref().map(|tokens| tokens.facts.access_expires_at)
    }

    /// Since when it has had its tokens.
    #[must_use]
    pub fn tokens_since(&self) -> Option<Instant> {
        self.tokens.as_ref().map(|tokens| tokens.at)
    }

    /// When the refresh token stops working, where the network says so.
    #[must_use]
    pub const fn refresh_expires_at(&self) -> Option<Instant> {
        self.refresh_expires_at
    }

    /// What was granted and not taken away since.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        self.tokens.as_ref().map_or(&[], |tokens| &tokens.facts.scopes)
    }

    /// The refresh under way.
    #[must_use]
    pub const fn open_refresh(&self) -> Option<OpenRefresh> {
        self.open_refresh
    }

    /// The strongest reason why the connection is paused.
    #[must_use]
    pub fn pause(&self) -> Option<PauseReason> {
        self.pauses.last().copied()
    }

    /// Why the network forbids the use of the account.
    #[must_use]
    pub const fn block(&self) -> Option<BlockReason> {
        self.block
    }

    /// Why a person has to connect again.
    #[must_use]
    pub const fn reauth_reason(&self) -> Option<ReauthReason> {
        match self.health {
            Health::NeedsReauth(reason) => Some(reason),
            Health::Active | Health::Degraded(_) => None,
        }
    }

    /// The passing trouble that the connection has.
    #[must_use]
    pub const fn trouble(&self) -> Option<Trouble> {
        match self.health {
            Health::Degraded(cause) => Some(cause),
            Health::Active | Health::NeedsReauth(_) => None,
        }
    }
}
