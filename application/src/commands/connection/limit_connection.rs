//! Let a connection rest that the account's tier has no place for, or give it its place back.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, PauseReason};
use serde::Serialize;
use uuid::Uuid;

/// Pause a connection for want of a place, or lift that pause.
#[derive(Debug, Serialize)]
pub struct LimitConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// Is there no place for it?
    pub paused: bool,
}

#[async_trait]
impl UseCase for LimitConnection {
    const WHO: Who = Who::Jobs("limitConnection");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let (reason, by) = (PauseReason::PlanLimit, None);
        let command = if self.paused {
            ConnectionCommand::Pause { reason, by }
        } else {
            ConnectionCommand::Resume { reason, by }
        };
        super::decide(work, self.connection, command).await.map(|_| ())
    }

    fn replayed(&self, _: Naming) {}
}
