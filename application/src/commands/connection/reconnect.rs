//! Ask for consent again: after a failed start, or to renew a connection. Takes no new seat.

use super::{Begun, consent};
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, SocialConnection};
use serde::Serialize;
use uuid::Uuid;

/// Reconnect.
#[derive(Debug, Serialize)]
pub struct Reconnect {
    /// The connection.
    pub connection: ConnectionId,
}

#[async_trait]
impl UseCase for Reconnect {
    const WHO: Who = Who::Members(Action::Reconnect);
    type Answer = Begun;

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Begun, Failure> {
        let mut loaded = work.load_seen::<SocialConnection>(self.connection.uuid()).await?;
        let network = loaded.state.network().ok_or(Failure::NotFound)?;
        work.desk.networks.get(network)?;
        let command = ConnectionCommand::BeginReauth {
            by: work.caller.acting_member()?,
            expires_at: work.now.plus(work.desk.settings.waits.consent),
        };
        let context = super::context(work, self.connection).await?;
        work.decide(&mut loaded, command, &context).await?;
        let consent = loaded.state.pending_consent();
        let page = consent.map(|it| consent::page(work.desk, self.connection, network, it));
        Ok(Begun { connection: self.connection, authorization_url: page.transpose()? })
    }

    fn replayed(&self, _: Naming) -> Begun {
        Begun { connection: self.connection, authorization_url: None }
    }
}
