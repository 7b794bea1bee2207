//! Commands to social connections.

use super::{carry, inputs, payloads};
use crate::schema::{
    fault::Result,
    input::id,
    reads,
    types::{
        connection::SocialAccount,
        names::{Network, Word},
    },
    visitor::desk,
};
use async_graphql::{Context, ID, Object};
use herald_application::{
    caller::Caller,
    commands::connection::{
        BeginConnection, Begun, CompleteConnection, ConsentAnswer, Disconnect, OnConnection,
        PauseConnection, Reconnect, consent_page,
    },
    failure::Failure,
};
use herald_kernel::ConnectionId;
use secrecy::SecretString;

inputs! {
    /// What `beginConnection` takes.
    BeginConnectionInput {
        /// To which network.
        network: Network,
    }
    /// What `completeConnection` takes: what came back from the network's page. Give `code` when
    /// the person consented, `error` when they did not.
    CompleteConnectionInput {
        /// The state, as it came back.
        state: String,
        /// The code, as it came back.
        code: Option<String>,
        /// The network's own word for the refusal, as it came back.
        error: Option<String>,
    }
    /// What `reconnect` takes.
    ReconnectInput {
        /// Which connection.
        connection: ID,
    }
    /// What `pauseConnection` takes.
    PauseConnectionInput {
        /// Which connection.
        connection: ID,
        /// `true` (also when absent) stops publishing, `false` goes on.
        paused: Option<bool>,
    }
    /// What `disconnect` takes.
    DisconnectInput {
        /// Which connection.
        connection: ID,
    }
}

payloads! {
    /// What came of a command to a connection.
    ConnectionPayload(ConnectionId) {
        /// The connection as it stands now.
        connection: SocialAccount = async |ctx: &Context<'_>, _: Caller, id: &ConnectionId| {
            reads::connection(ctx, *id).await
        };
    }
    /// What came of asking for consent.
    ConsentPayload(Begun) {
        /// The connection as it stands now.
        connection: SocialAccount = async |ctx: &Context<'_>, _: Caller, begun: &Begun| {
            reads::connection(ctx, begun.connection).await
        };
        /// The network's page: send the person's browser there. `null` once they need not go any
        /// more.
        authorization_url: String = async |ctx: &Context<'_>, caller: Caller, begun: &Begun| {
            let url = match &begun.authorization_url {
                Some(url) => Some(url.clone()),
                None => consent_page(desk(ctx)?, &caller, begun.connection).await?,
            };
            Ok::<_, crate::schema::fault::Fault>(url.map(String::from))
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct ConnectionMutations;

#[Object]
impl ConnectionMutations {
    /// Starts to connect an account of a network: send the person to `authorizationUrl`. Needs a
    /// publisher.
    async fn begin_connection(
        &self,
        ctx: &Context<'_>,
        input: BeginConnectionInput,
    ) -> Result<ConsentPayload> {
        let outcome = carry(ctx, input, |input| {
            let network: Result<_, herald_kernel::InvalidNetwork> = input.network.stored().parse();
            let network = network.map_err(|it| Failure::invalid("network", it.to_string()))?;
            Ok(BeginConnection { network })
        });
        Ok(ConsentPayload(outcome.await?))
    }

    /// Takes what came back from the network's page. The callback address does the same by itself;
    /// this is for clients that catch the browser's way back. Needs a publisher.
    async fn complete_connection(
        &self,
        ctx: &Context<'_>,
        input: CompleteConnectionInput,
    ) -> Result<ConnectionPayload> {
        let outcome = carry(ctx, input, |input| {
            let answer = match (input.code, input.error) {
                (Some(code), None) if !code.is_empty() => {
                    ConsentAnswer::Code(SecretString::from(code))
                }
                (None, Some(error)) => ConsentAnswer::Refused(error),
                (_, _) => {
                    let message = "give the `code` or the `error` that came back, one of them";
                    return Err(Failure::invalid("code", message));
                }
            };
            Ok(CompleteConnection { state: input.state, answer })
        });
        Ok(ConnectionPayload(outcome.await?))
    }

    /// Asks for consent again: after a failed start, or to renew a connection. Needs a publisher.
    async fn reconnect(&self, ctx: &Context<'_>, input: ReconnectInput) -> Result<ConsentPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(Reconnect { connection: id(&input.connection, "connection")? })
        });
        Ok(ConsentPayload(outcome.await?))
    }

    /// Stops publishing on a connection for a while, or goes on. Needs a publisher.
    async fn pause_connection(
        &self,
        ctx: &Context<'_>,
        input: PauseConnectionInput,
    ) -> Result<ConnectionPayload> {
        let outcome = carry(ctx, input, |input| {
            let connection = id(&input.connection, "connection")?;
            Ok(OnConnection(PauseConnection { connection, paused: input.paused.unwrap_or(true) }))
        });
        Ok(ConnectionPayload(outcome.await?))
    }

    /// Ends a connection for ever, gives its access back and destroys it. Needs a publisher.
    async fn disconnect(
        &self,
        ctx: &Context<'_>,
        input: DisconnectInput,
    ) -> Result<ConnectionPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(Disconnect { connection: id(&input.connection, "connection")? })
        });
        Ok(ConnectionPayload(outcome.await?))
    }
}
