//! The person came back from the consent page, with a code or with a refusal.

use super::consent::State;
use crate::{
    desk::Desk,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    vault::Name,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{AccountId, ConnectionId};
use herald_social_connection::{ConnectionCommand, Context, ProviderCode, SocialConnection};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What the consent page answered.
#[derive(Debug, Clone)]
pub enum ConsentAnswer {
    /// Yes: a code that can be traded for tokens once.
    Code(SecretString),
    /// No, in the network's own word.
    Refused(String),
}

/// Complete a connection.
#[derive(Debug, Serialize)]
pub struct CompleteConnection {
    /// The state that the consent page was given, as it came back.
    pub state: String,
    /// The page's answer.
    #[serde(serialize_with = "without_the_code")]
    pub answer: ConsentAnswer,
}

/// A request's fingerprint must tell one code from another; it need not know any.
fn without_the_code<S: Serializer>(answer: &ConsentAnswer, to: S) -> Result<S::Ok, S::Error> {
    match answer {
        ConsentAnswer::Code(code) => {
            let digest: [u8; 32] = Sha256::digest(code.expose_secret()).into();
            ("code", digest).serialize(to)
        }
        ConsentAnswer::Refused(reason) => ("refused", reason).serialize(to),
    }
}

/// What the code of one attempt is for, in the vault.
pub(crate) fn code_purpose(attempt: u32) -> String {
    format!("code/{attempt}")
}

/// Puts the code of one attempt into the vault, in the place of one that is there already.
pub(crate) async fn keep_code(
    desk: &Desk,
    account: AccountId,
    (connection, attempt): (ConnectionId, u32),
    code: &SecretString,
) -> Result<(), Failure> {
    let (owner, purpose) = (connection.to_string(), code_purpose(attempt));
    let name = Name { account, owner: &owner, purpose: &purpose };
    let stored = desk.vault.get(name).await?.map_or(0, |stored| stored.version);
    match desk.vault.put(name, stored, code).await? {
        Some(_) => Ok(()),
        None => Err(Failure::Contended),
    }
}

#[async_trait]
impl UseCase for CompleteConnection {
    const WHO: Who = Who::Members(Action::CompleteConnection);
    type Answer = ConnectionId;

    fn object(&self) -> Option<Uuid> {
        State::parse(&self.state).ok().map(|state| state.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<ConnectionId, Failure> {
        let state = State::parse(&self.state)?;
        let State { connection, attempt, .. } = state;
        let mut loaded = work.load_seen::<SocialConnection>(connection.uuid()).await?;
        state.check(work.desk, &loaded.state)?;
        let by = work.caller.acting_member()?;
        let command = match &self.answer {
            ConsentAnswer::Code(_) => ConnectionCommand::ReceiveConsent { attempt, by },
            ConsentAnswer::Refused(reason) => {
                let reason = ProviderCode::new(reason);
                ConnectionCommand::ReceiveDenial { attempt, by, reason }
            }
        };
        let context = Context::unlimited(work.now);
        work.decide(&mut loaded, command, &context).await?;
        if let ConsentAnswer::Code(code) = &self.answer {
            // In the vault before the event is: the job that follows from it finds the code.
            keep_code(work.desk, work.account(), (connection, attempt), code).await?;
        }
        Ok(connection)
    }

    fn replayed(&self, _: Naming) -> ConnectionId {
        // A state that cannot be read was never accepted, so it is never replayed.
        State::parse(&self.state).map_or(ConnectionId::new(Uuid::nil()), |it| it.connection)
    }
}
