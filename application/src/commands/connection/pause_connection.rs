//! Stop publishing on a connection for a while, and go on again.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, PauseReason};
use serde::Serialize;
use uuid::Uuid;

/// Pause a connection, or lift that pause.
#[derive(Debug, Serialize)]
pub struct PauseConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// Is it to rest?
    pub paused: bool,
}

#[async_trait]
impl UseCase for PauseConnection {
    const WHO: Who = Who::Members(Action::PauseConnection);
    type Answer = ConnectionId;

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<ConnectionId, Failure> {
        let by = Some(super::member(work, Action::PauseConnection)?);
        let reason = PauseReason::User;
        let command = if self.paused {
            ConnectionCommand::Pause { reason, by }
        } else {
            ConnectionCommand::Resume { reason, by }
        };
        // Lifting one's own pause needs no seat: the connection kept its own.
        super::decide(work, self.connection, command).await?;
        Ok(self.connection)
    }

    fn replayed(&self, _: Naming) -> ConnectionId {
        self.connection
    }
}
