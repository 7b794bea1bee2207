//! What can be asked of a social connection.
//!
//! Most of it is one command to one connection: a [`ConnectionUse`], carried out as
//! [`OnConnection`].

mod begin_connection;
mod complete_connection;
mod consent;
mod disconnect;
mod establish_connection;
mod limit_connection;
mod observe_probe;
mod pause_connection;
mod reconnect;
mod record_exchange;
mod record_refresh;

pub use begin_connection::{BeginConnection, Begun};
pub use complete_connection::{CompleteConnection, ConsentAnswer};
pub(crate) use complete_connection::{code_purpose, keep_code};
pub use consent::{account_of_state, consent_page, redirect_uri, verifier};
pub use disconnect::Disconnect;
pub use establish_connection::{EstablishConnection, Establishment};
pub use limit_connection::LimitConnection;
pub use observe_probe::ObserveProbe;
pub use pause_connection::PauseConnection;
pub use reconnect::Reconnect;
pub use record_exchange::{RecordExchangeFailure, RecordTokens};
pub use record_refresh::{IntendRefresh, RecordRefresh, RecordRefreshFailure};

use crate::{
    caller::Caller,
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
    views::connections,
};
use async_trait::async_trait;
use herald_kernel::{ConnectionId, Network};
use herald_social_connection::{ConnectionCommand, Context, SocialConnection, Status, TextLimit};
use serde::Serialize;
use uuid::Uuid;

/// One command to one connection, on which no limit weighs.
pub trait ConnectionUse: Serialize + Send + Sync + 'static {
    /// Who may ask.
    const WHO: Who;

    /// The connection.
    fn connection(&self) -> ConnectionId;

    /// The command, on behalf of `caller`.
    fn command(&self, caller: &Caller) -> Result<ConnectionCommand, Failure>;
}

/// Carries a [`ConnectionUse`] out. Answers the connection.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct OnConnection<C>(pub C);

#[async_trait]
impl<C: ConnectionUse> UseCase for OnConnection<C> {
    const WHO: Who = C::WHO;
    type Answer = ConnectionId;

    fn object(&self) -> Option<Uuid> {
        Some(self.0.connection().uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<ConnectionId, Failure> {
        let command = self.0.command(work.caller)?;
        decide(work, self.0.connection(), command).await?;
        Ok(self.0.connection())
    }

    fn replayed(&self, _: Naming) -> ConnectionId {
        self.0.connection()
    }
}

/// A connection that some input names; what is at fault otherwise is the input at `path`.
pub(in crate::commands) async fn named(
    work: &Work<'_>,
    id: ConnectionId,
    path: &str,
) -> Result<SocialConnection, Failure> {
    match work.load::<SocialConnection>(id.uuid()).await {
        Ok(loaded) => Ok(loaded.state),
        Err(Failure::NotFound) => {
            Err(Failure::invalid(path, "there is no such connection in this account"))
        }
        Err(failure) => Err(failure),
    }
}

/// The network of a connection that something can be posted to, and how long a text it takes.
pub(in crate::commands) async fn postable(
    work: &Work<'_>,
    id: ConnectionId,
    path: &str,
) -> Result<(Network, TextLimit), Failure> {
    let found = named(work, id, path).await?;
    if found.status() == Status::Disconnected {
        return Err(Failure::invalid(path, "this connection was disconnected; choose another"));
    }
    found.network().zip(found.text_limit()).ok_or_else(|| {
        Failure::invalid(path, "this connection was never completed; connect it first")
    })
}

/// Loads a connection and decides one command that no limit weighs on.
async fn decide(
    work: &mut Work<'_>,
    id: ConnectionId,
    command: ConnectionCommand,
) -> Result<Loaded<SocialConnection>, Failure> {
    let mut connection = work.load_seen::<SocialConnection>(id.uuid()).await?;
    let context = Context::unlimited(work.now);
    work.decide(&mut connection, command, &context).await?;
    Ok(connection)
}

/// The limits, and what counts against them beside `connection`. The counts come from the view and
/// may lag.
async fn context(work: &Work<'_>, connection: ConnectionId) -> Result<Context, Failure> {
    let live = connections::live(work.desk, work.account()).await?;
    let others = live.iter().filter(|other| other.id != connection);
    let (live_connections, live_networks) = connections::places_taken(others);
    let entitlements = entitlements::of_account(work.desk, work.account()).await?.entitlements;
    Ok(Context { now: work.now, entitlements, live_connections, live_networks })
}

#[cfg(test)]
mod tests;
