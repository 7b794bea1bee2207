//! End a connection for ever. The account on the network is free to be connected anew.

use super::establish_connection::claim;
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{Claim, ClaimCommand, ConnectionId};
use herald_social_connection::ConnectionCommand;
use serde::Serialize;
use uuid::Uuid;

/// Disconnect. A job that follows from it gives the tokens back and destroys them.
#[derive(Debug, Serialize)]
pub struct Disconnect {
    /// The connection.
    pub connection: ConnectionId,
}

#[async_trait]
impl UseCase for Disconnect {
    const WHO: Who = Who::Members(Action::Disconnect);
    type Answer = ConnectionId;

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<ConnectionId, Failure> {
        let by = Some(work.caller.acting_member()?);
        let command = ConnectionCommand::Disconnect { by };
        let connection = super::decide(work, self.connection, command).await?.state;
        if let (Some(network), Some(owner)) =
            (connection.network(), connection.provider_account_id())
        {
            let mut claim = work.load_any::<Claim>(claim(work.account(), network, owner)).await?;
            let release = ClaimCommand::Release { by: self.connection.uuid() };
            work.decide(&mut claim, release, &()).await?;
        }
        Ok(self.connection)
    }

    fn replayed(&self, _: Naming) -> ConnectionId {
        self.connection
    }
}
