//! The tokens' owner is known: the connection is made, or renewed for the same owner.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{Account, AccountCommand, OnboardingStep};
use herald_kernel::{AccountId, Claim, ClaimCommand, ConnectionId, Network, Text, claim_id};
use herald_social_connection::{
    ConnectionCommand, Context, ExchangeFailure, Identity, ProviderAccountId, ProviderCode,
    SocialConnection, TextLimit,
};
use serde::Serialize;
use uuid::Uuid;

/// Establish a connection. Told by the job that exchanged the code.
#[derive(Debug, Serialize)]
pub struct EstablishConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// The network's stable id of the tokens' owner.
    pub owner: ProviderAccountId,
    /// The owner's public handle.
    pub handle: Text<100>,
    /// The owner's display name.
    pub display_name: Text<200>,
    /// How long a text the owner may post.
    pub text_limit: u32,
}

/// What became of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Establishment {
    /// It is made, or renewed.
    Made,
    /// Another connection of the account already acts for this owner.
    AlreadyConnected,
    /// It was made for another owner before; that never changes.
    AnotherOwner,
}

/// The stream of the claim to be the one connection of `account` that acts for `owner`.
pub(super) fn claim(account: AccountId, network: Network, owner: &ProviderAccountId) -> Uuid {
    claim_id("connection", &format!("{account}/{network}/{owner}"))
}

#[async_trait]
impl UseCase for EstablishConnection {
    const WHO: Who = Who::Jobs("establishConnection");
    type Answer = Establishment;

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Establishment, Failure> {
        let mut connection = work.load_seen::<SocialConnection>(self.connection.uuid()).await?;
        let network = connection.state.network().ok_or(Failure::NotFound)?;
        let known = connection.state.provider_account_id();
        let another_owner = known.is_some_and(|known| *known != self.owner);
        let by = self.connection.uuid();
        let claim = claim(work.account(), network, &self.owner);
        let mut claim = work.load_any::<Claim>(claim).await?;
        let taken = claim.state.holder().is_some_and(|holder| holder != by);
        let context = Context::unlimited(work.now);
        if another_owner || taken {
            let code = if taken { "already_connected" } else { "identity_mismatch" };
            let attempt = connection.state.attempt();
            let kind = ExchangeFailure::Refused { code: ProviderCode::new(code) };
            let command = ConnectionCommand::RecordExchangeFailure { attempt, kind };
            work.decide(&mut connection, command, &context).await?;
            let refused = Establishment::AlreadyConnected;
            return Ok(if taken { refused } else { Establishment::AnotherOwner });
        }
        work.decide(&mut connection, self.command(), &context).await?;
        work.decide(&mut claim, ClaimCommand::Take { by }, &()).await?;
        advance_onboarding(work).await?;
        Ok(Establishment::Made)
    }

    fn replayed(&self, _: Naming) -> Establishment {
        Establishment::Made
    }
}

impl EstablishConnection {
    fn command(&self) -> ConnectionCommand {
        ConnectionCommand::Establish {
            identity: Identity {
                provider_account_id: self.owner.clone(),
                handle: self.handle.clone(),
                display_name: self.display_name.clone(),
            },
            capability: TextLimit(self.text_limit),
        }
    }
}

/// The first connection is a step of the account's onboarding, in the same append.
async fn advance_onboarding(work: &mut Work<'_>) -> Result<(), Failure> {
    let step = OnboardingStep::FirstConnection;
    let mut account = work.load::<Account>(work.account().uuid()).await?;
    if account.state.is_deleted() || account.state.onboarding().contains(&step) {
        return Ok(());
    }
    let context = crate::commands::account::context(work).await?;
    work.decide(&mut account, AccountCommand::RecordOnboarding { step }, &context).await
}
