//! How the exchange of a code for tokens went.

use super::ConnectionUse;
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, ExchangeFailure, TokenFacts};
use serde::Serialize;

/// Record that the code was exchanged; the vault holds the tokens.
#[derive(Debug, Serialize)]
pub struct RecordTokens {
    /// The connection.
    pub connection: ConnectionId,
    /// Of which attempt.
    pub attempt: u32,
    /// What is known of the tokens.
    pub tokens: TokenFacts,
}

impl ConnectionUse for RecordTokens {
    const WHO: Who = Who::Jobs("recordTokens");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        let (attempt, tokens) = (self.attempt, self.tokens.clone());
        Ok(ConnectionCommand::RecordTokens { attempt, tokens })
    }
}

/// Record that the exchange, or the look-up of the tokens' owner, failed for good.
#[derive(Debug, Serialize)]
pub struct RecordExchangeFailure {
    /// The connection.
    pub connection: ConnectionId,
    /// Of which attempt.
    pub attempt: u32,
    /// How.
    pub failure: ExchangeFailure,
}

impl ConnectionUse for RecordExchangeFailure {
    const WHO: Who = Who::Jobs("recordExchangeFailure");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        let (attempt, kind) = (self.attempt, self.failure.clone());
        Ok(ConnectionCommand::RecordExchangeFailure { attempt, kind })
    }
}
