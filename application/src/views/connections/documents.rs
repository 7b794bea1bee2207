//! What the views of connections serve.

use super::word;
use crate::views::attention::AttentionDoc;
use herald_kernel::{AccountId, ConnectionId, Instant, MemberId, Network};
use herald_social_connection::{
    BlockReason, PauseReason, ReauthReason, Status, TokenFacts, Trouble,
};
use serde::{Deserialize, Serialize};

/// A connection as people see it. Texts that belonged to people are `None` once forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionDoc {
    /// The connection.
    pub id: ConnectionId,
    /// Whose.
    pub account: AccountId,
    /// To which network.
    pub network: Network,
    /// What it is, in one word.
    pub status: Status,
    /// Why it is that, if there is a reason.
    pub status_reason: Option<String>,
    /// The mutation that a person could mend it with.
    pub next_action: Option<String>,
    /// The network's id of the account behind it.
    pub provider_account_id: Option<String>,
    /// The public handle of that account, without `@`.
    pub handle: Option<String>,
    /// The display name of that account.
    pub display_name: Option<String>,
    /// How long a text may be, in the network's own counting.
    pub text_limit: Option<u32>,
    /// What was granted and not taken away since.
    pub scopes: Vec<String>,
    /// What publishing needs and was not granted.
    pub missing_scopes: Vec<String>,
    /// May pictures go out with a post?
    pub can_attach_media: bool,
    /// When the access stops working.
    pub access_expires_at: Option<Instant>,
    /// When it will be renewed; `None` where it cannot be.
    pub refresh_due: Option<Instant>,
    /// What last went wrong, in a word.
    pub last_error: Option<String>,
    /// The latest try to get consent.
    pub consent: ConsentDoc,
    /// Who or what paused it.
    pub pauses: Vec<PauseReason>,
    /// Who connected it, or tried to.
    pub connected_by: MemberId,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was made.
    pub connected_at: Option<Instant>,
    /// Since when its status is what it is.
    pub since: Instant,
    /// What `expectedVersion` is compared with.
    pub version: i64,
    /// What is known of tokens whose owner is not known yet, and since when.
    pub(super) candidate: Option<(TokenFacts, Instant)>,
    /// What the status is made of.
    pub(super) facets: Facets,
}

/// The latest try to get a person's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentDoc {
    /// Its number, from 1.
    pub attempt: u32,
    /// Who was sent to the consent page.
    pub by: MemberId,
    /// Until when they may come back.
    pub expires_at: Instant,
    /// How far it got.
    pub phase: ConsentStep,
}

/// How far a consent got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStep {
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

/// What the status is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facets {
    pub(super) established: bool,
    pub(super) disconnected: bool,
    pub(super) block: Option<BlockReason>,
    pub(super) reauth: Option<ReauthReason>,
    pub(super) trouble: Option<Trouble>,
    pub(super) refreshable: bool,
}

impl ConnectionDoc {
    /// What the connection is. The same as the domain's own answer; a test compares the two.
    pub(super) fn current_status(&self) -> Status {
        let Facets { established, disconnected, block, reauth, trouble, .. } = &self.facets;
        if *disconnected {
            Status::Disconnected
        } else if !established {
            match self.consent.phase {
                ConsentStep::Exchanged => Status::SelectingTarget,
                ConsentStep::Requested
                | ConsentStep::Exchanging
                | ConsentStep::Denied
                | ConsentStep::Failed
                | ConsentStep::Unknown
                | ConsentStep::Completed => Status::AwaitingConsent,
            }
        } else if block.is_some() {
            Status::Blocked
        } else if !self.pauses.is_empty() {
            Status::Paused
        } else if reauth.is_some() {
            Status::NeedsReauth
        } else if trouble.is_some() {
            Status::Degraded
        } else {
            Status::Active
        }
    }

    /// Why the connection is what it is, and what a person could do about it.
    pub(super) fn explanation(&self) -> (Option<String>, Option<&'static str>) {
        let Facets { block, reauth, trouble, .. } = &self.facets;
        match self.status {
            Status::AwaitingConsent => (word(&self.consent.phase), Some("reconnect")),
            Status::Blocked => (block.as_ref().and_then(word), Some("reconnect")),
            Status::Paused => (self.pauses.iter().max().and_then(word), self.lifted_by()),
            Status::NeedsReauth => (reauth.as_ref().and_then(word), Some("reconnect")),
            Status::Degraded => (trouble.as_ref().and_then(word), None),
            Status::Active if !self.missing_scopes.is_empty() => {
                (Some("missing_scope".to_owned()), Some("reconnect"))
            }
            Status::Active | Status::SelectingTarget | Status::Disconnected | Status::Absent => {
                (None, None)
            }
        }
    }

    fn lifted_by(&self) -> Option<&'static str> {
        match self.pauses.iter().max() {
            Some(PauseReason::User) => Some("pauseConnection"),
            Some(PauseReason::PlanLimit | PauseReason::AccountSuspended) | None => None,
        }
    }

    /// What of it waits for a person.
    pub(super) fn attention(&self) -> Option<AttentionDoc> {
        let failed = matches!(
            self.consent.phase,
            ConsentStep::Denied | ConsentStep::Failed | ConsentStep::Unknown
        );
        let (kind, reason) = match self.status {
            Status::NeedsReauth => ("needs_reauth", "the network no longer accepts our access"),
            Status::Blocked => ("blocked", "the network forbids the use of this account"),
            Status::AwaitingConsent if failed => ("connect_failed", "connecting did not work"),
            Status::Active | Status::Degraded if failed => {
                ("connect_failed", "connecting again did not work; the former access still does")
            }
            Status::Active | Status::Degraded if !self.missing_scopes.is_empty() => {
                ("missing_scope", "a permission that publishing needs was not granted")
            }
            Status::Absent
            | Status::AwaitingConsent
            | Status::SelectingTarget
            | Status::Active
            | Status::Degraded
            | Status::Paused
            | Status::Disconnected => return None,
        };
        Some(AttentionDoc {
            id: format!("{kind}/{}", self.id),
            kind: kind.to_owned(),
            subject: self.id.to_string(),
            post: None,
            title: self.title(),
            reason: self.in_a_sentence(reason),
            next_action: "reconnect".to_owned(),
            since: self.since,
        })
    }

    fn in_a_sentence(&self, reason: &str) -> String {
        match &self.last_error {
            Some(error) => format!("{reason} ({error})"),
            None => reason.to_owned(),
        }
    }

    /// How a person recognises it.
    pub(super) fn title(&self) -> String {
        match &self.handle {
            Some(handle) => format!("@{handle} ({})", self.network),
            None => self.network.to_string(),
        }
    }
}
