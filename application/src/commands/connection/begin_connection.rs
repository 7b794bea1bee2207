//! Start to connect a social account: the person is sent to the network's consent page.

use super::consent;
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{ConnectionId, Network};
use herald_social_connection::{ConnectionCommand, SocialConnection};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

/// Begin a connection.
#[derive(Debug, Serialize)]
pub struct BeginConnection {
    /// To which network.
    pub network: Network,
}

/// A consent that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The connection.
    pub connection: ConnectionId,
    /// Where the person's browser is to go; `None` when the same request was followed before
    /// ([`super::consent_page`] tells it then).
    pub authorization_url: Option<Url>,
}

#[async_trait]
impl UseCase for BeginConnection {
    const WHO: Who = Who::Members(Action::BeginConnection);
    type Answer = Begun;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Begun, Failure> {
        let connection: ConnectionId = work.naming().created();
        let mut loaded = work.load_any::<SocialConnection>(connection.uuid()).await?;
        // A network without credentials is refused before anything is written.
        work.desk.networks.get(self.network)?;
        let command = ConnectionCommand::Begin {
            account: work.account(),
            network: self.network,
            by: work.caller.acting_member()?,
            expires_at: work.now.plus(work.desk.settings.waits.consent),
        };
        let context = super::context(work, connection).await?;
        work.decide(&mut loaded, command, &context).await?;
        let consent = loaded.state.pending_consent();
        let page = consent.map(|it| consent::page(work.desk, connection, self.network, it));
        Ok(Begun { connection, authorization_url: page.transpose()? })
    }

    fn replayed(&self, naming: Naming) -> Begun {
        Begun { connection: naming.created(), authorization_url: None }
    }
}
