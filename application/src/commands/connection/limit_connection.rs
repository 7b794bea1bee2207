//! Let a connection rest that the account's tier has no place for, or give it its place back.

use super::ConnectionUse;
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, PauseReason};
use serde::Serialize;

/// Pause a connection for want of a place, or lift that pause.
#[derive(Debug, Serialize)]
pub struct LimitConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// Is there no place for it?
    pub paused: bool,
}

impl ConnectionUse for LimitConnection {
    const WHO: Who = Who::Jobs("limitConnection");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        let (reason, by) = (PauseReason::PlanLimit, None);
        Ok(if self.paused {
            ConnectionCommand::Pause { reason, by }
        } else {
            ConnectionCommand::Resume { reason, by }
        })
    }
}
