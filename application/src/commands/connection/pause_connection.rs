//! Stop publishing on a connection for a while, and go on again.

use super::ConnectionUse;
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, PauseReason};
use serde::Serialize;

/// Pause a connection, or lift that pause.
#[derive(Debug, Serialize)]
pub struct PauseConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// Is it to rest?
    pub paused: bool,
}

impl ConnectionUse for PauseConnection {
    const WHO: Who = Who::Members(Action::PauseConnection);

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, caller: &Caller) -> Result<ConnectionCommand, Failure> {
        let by = Some(caller.acting_member()?);
        let reason = PauseReason::User;
        // Lifting one's own pause needs no seat: the connection kept its own.
        Ok(if self.paused {
            ConnectionCommand::Pause { reason, by }
        } else {
            ConnectionCommand::Resume { reason, by }
        })
    }
}
