//! Social connections: accounts on networks that we may publish for.

use super::names::{ConnectionStatus, ConsentPhase, Network, Word, word};
use crate::schema::{
    fault::Result,
    scalars::{DateTime, int},
};
use async_graphql::{ID, Object, SimpleObject};
use herald_application::views::connections::ConnectionDoc;
use std::sync::Arc;

/// A social connection: an account on a network that this account may publish for.
///
/// Not called `Connection`: in GraphQL that word ends the names of lists.
#[derive(Debug, Clone)]
pub(crate) struct SocialAccount(pub(crate) Arc<ConnectionDoc>);

/// A social connection: an account on a network that this account may publish for.
#[Object]
impl SocialAccount {
    /// The connection's id, `conn_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// To which network.
    async fn network(&self) -> Result<Network> {
        Network::named(self.0.network.as_str())
    }

    /// What it is, in one word.
    async fn status(&self) -> Result<ConnectionStatus> {
        ConnectionStatus::named(self.0.status.as_str())
    }

    /// Why it is that, if there is a reason.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// The mutation with which a person could mend it.
    async fn next_action(&self) -> Option<&str> {
        self.0.next_action.as_deref()
    }

    /// The public handle, without `@`.
    async fn handle(&self) -> Option<&str> {
        self.0.handle.as_deref()
    }

    /// The display name.
    async fn display_name(&self) -> Option<&str> {
        self.0.display_name.as_deref()
    }

    /// The network's own id of the account.
    async fn provider_account_id(&self) -> Option<&str> {
        self.0.provider_account_id.as_deref()
    }

    /// How long a text may be, in the network's own counting.
    async fn text_limit(&self) -> Option<i32> {
        self.0.text_limit.map(int)
    }

    /// May pictures go out with a post?
    async fn can_attach_media(&self) -> bool {
        self.0.can_attach_media
    }

    /// What the person granted and nobody took away since.
    async fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// What publishing needs and was not granted.
    async fn missing_scopes(&self) -> &[String] {
        &self.0.missing_scopes
    }

    /// When the access stops working unless it is renewed.
    async fn access_expires_at(&self) -> Option<DateTime> {
        self.0.access_expires_at.map(Into::into)
    }

    /// When the access will be renewed; `null` where it cannot be.
    async fn refresh_due_at(&self) -> Option<DateTime> {
        self.0.refresh_due.map(Into::into)
    }

    /// What last went wrong, in the network's or our own word.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// The latest try to get a person's consent.
    async fn consent(&self) -> Result<Consent> {
        let consent = &self.0.consent;
        Ok(Consent {
            attempt: int(consent.attempt),
            phase: ConsentPhase::named(&word(&consent.phase))?,
            by: consent.by.to_string().into(),
            expires_at: consent.expires_at.into(),
        })
    }

    /// Who or what paused it.
    async fn pauses(&self) -> Vec<String> {
        self.0.pauses.iter().map(word).collect()
    }

    /// The member who connected it, or tried to.
    async fn connected_by(&self) -> ID {
        self.0.connected_by.to_string().into()
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was made.
    async fn connected_at(&self) -> Option<DateTime> {
        self.0.connected_at.map(Into::into)
    }

    /// Since when its status is what it is.
    async fn since(&self) -> DateTime {
        self.0.since.into()
    }

    /// What `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }
}

/// One try to get a person's consent.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Consent {
    /// Its number, from 1.
    pub(crate) attempt: i32,
    /// How far it got.
    pub(crate) phase: ConsentPhase,
    /// The member who was sent to the network's page.
    pub(crate) by: ID,
    /// Until when they may come back.
    pub(crate) expires_at: DateTime,
}
