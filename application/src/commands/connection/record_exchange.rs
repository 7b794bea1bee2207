//! How the exchange of a code for tokens went.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, ExchangeFailure, TokenFacts};
use serde::Serialize;
use uuid::Uuid;

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

#[async_trait]
impl UseCase for RecordTokens {
    const WHO: Who = Who::Jobs("recordTokens");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let (attempt, tokens) = (self.attempt, self.tokens.clone());
        let command = ConnectionCommand::RecordTokens { attempt, tokens };
        super::decide(work, self.connection, command).await.map(|_| ())
    }

    fn replayed(&self, _: Naming) {}
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

#[async_trait]
impl UseCase for RecordExchangeFailure {
    const WHO: Who = Who::Jobs("recordExchangeFailure");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let (attempt, kind) = (self.attempt, self.failure.clone());
        let command = ConnectionCommand::RecordExchangeFailure { attempt, kind };
        super::decide(work, self.connection, command).await.map(|_| ())
    }

    fn replayed(&self, _: Naming) {}
}
