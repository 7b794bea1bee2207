//! Renewing tokens, from the intent to its outcome. The intent is the lock: one at a time.

use super::ConnectionUse;
use crate::{
    caller::Caller,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, OpenRefresh, RefreshFailure, TokenFacts};
use serde::Serialize;
use uuid::Uuid;

/// Write down that a refresh is about to be asked for.
///
/// Answers the refresh that is now open; `None` when a person has to reconnect instead, or when the
/// same request was followed before. Without one nothing may be sent.
#[derive(Debug, Serialize)]
pub struct IntendRefresh {
    /// The connection.
    pub connection: ConnectionId,
    /// The fence of the job that will ask; 0 outside of a job of its own.
    pub fence: i64,
}

#[async_trait]
impl UseCase for IntendRefresh {
    const WHO: Who = Who::Jobs("intendRefresh");
    type Answer = Option<OpenRefresh>;

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Option<OpenRefresh>, Failure> {
        let command = ConnectionCommand::IntendRefresh { fence: self.fence };
        let connection = super::decide(work, self.connection, command).await?.state;
        Ok(connection.open_refresh())
    }

    fn replayed(&self, _: Naming) -> Option<OpenRefresh> {
        None
    }
}

/// Record that a refresh worked; the vault holds the successor.
#[derive(Debug, Serialize)]
pub struct RecordRefresh {
    /// The connection.
    pub connection: ConnectionId,
    /// Which refresh.
    pub n: u32,
    /// What is known of the new tokens.
    pub tokens: TokenFacts,
}

impl ConnectionUse for RecordRefresh {
    const WHO: Who = Who::Jobs("recordRefresh");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        let (n, tokens) = (self.n, self.tokens.clone());
        Ok(ConnectionCommand::RecordRefresh { n, tokens })
    }
}

/// Record that a refresh did not work, or that nobody knows whether it did.
#[derive(Debug, Serialize)]
pub struct RecordRefreshFailure {
    /// The connection.
    pub connection: ConnectionId,
    /// Which refresh.
    pub n: u32,
    /// How.
    pub failure: RefreshFailure,
}

impl ConnectionUse for RecordRefreshFailure {
    const WHO: Who = Who::Jobs("recordRefreshFailure");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        let (n, kind) = (self.n, self.failure.clone());
        Ok(ConnectionCommand::RecordRefreshFailure { n, kind })
    }
}
