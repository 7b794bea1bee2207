//! On whose behalf something is done.

use crate::{
    failure::Failure,
    log::{Actor, Via},
    ports::Cause,
};
use herald_account::{Action, Role, identity_id};
use herald_kernel::{AccountId, ApiKeyId, ConnectionId, IdentityId, MemberId};
use herald_terms::{Reach, Rights, Scope};
use uuid::Uuid;

/// A person whom an issuer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// (issuer, subject) as one id.
    pub identity: IdentityId,
    /// Who vouches.
    pub issuer: String,
    /// The issuer's name for them.
    pub subject: String,
}

impl Person {
    /// The person whom `issuer` calls `subject`.
    #[must_use]
    pub fn of(issuer: &str, subject: &str) -> Self {
        let identity = identity_id(issuer, subject);
        Self { identity, issuer: issuer.to_owned(), subject: subject.to_owned() }
    }
}

/// Who stands behind a call, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A member of the account, with a role.
    Member {
        /// The member.
        member: MemberId,
        /// Their role at the time of the call.
        role: Role,
        /// The person.
        person: Person,
    },
    /// A signed-in person without a role in the account: may open one or accept an invitation.
    Person(Person),
    /// A program with a key of the account: it acts for the member who issued the key.
    Key {
        /// The key.
        key: ApiKeyId,
        /// Who issued it.
        issuer: MemberId,
        /// The issuer's role at the time of the call.
        role: Role,
        /// What is left of the key's scopes.
        rights: Rights,
    },
    /// A service that an operator trusts to start checkouts for any account.
    Service(ApiKeyId),
    /// A background job of the account, by its natural key.
    Job(String),
    /// An operator: at the command line, or a person whom the settings name. A role of the
    /// installation and of no account.
    Operator(Option<Person>),
}

/// On whose behalf something is done. The account comes from the credential, never from input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account that is acted in; nothing of another one is visible.
    pub account: AccountId,
    /// Who acts.
    pub standing: Standing,
    /// Through which door.
    pub via: Via,
    /// What this belongs to.
    pub correlation: Uuid,
    /// What caused it: an event or a request.
    pub causation: String,
}

impl From<&Caller> for Cause {
    fn from(caller: &Caller) -> Self {
        Self { correlation: Some(caller.correlation), causation: caller.causation.clone() }
    }
}

impl Caller {
    /// The member who acts, or for whom a key acts.
    #[must_use]
    pub fn member(&self) -> Option<MemberId> {
        match self.standing {
            Standing::Member { member, .. } | Standing::Key { issuer: member, .. } => Some(member),
            Standing::Person(_)
            | Standing::Service(_)
            | Standing::Job(_)
            | Standing::Operator(_) => None,
        }
    }

    /// The member who acts, for a use case that admits members alone.
    pub fn acting_member(&self) -> Result<MemberId, Failure> {
        self.member().ok_or(Failure::Forbidden { action: "act as a member" })
    }

    /// The person who acts, if a person does.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match &self.standing {
            Standing::Member { person, .. } | Standing::Person(person) => Some(person),
            Standing::Key { .. }
            | Standing::Service(_)
            | Standing::Job(_)
            | Standing::Operator(_) => None,
        }
    }

    /// Does the caller's role allow `action`? The one table is `herald_account::Role::may`; a key
    /// needs the action's scope beside it.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        match &self.standing {
            Standing::Member { role, .. } => role.may(action),
            Standing::Key { role, rights, .. } => {
                role.may(action) && action.scope().is_some_and(|scope| rights.allow(scope))
            }
            Standing::Service(_) => action.scope() == Some(Scope::CheckoutCreate),
            Standing::Person(_) | Standing::Job(_) => false,
            Standing::Operator(_) => true,
        }
    }

    /// May the caller touch this connection? A key may be bound to some of the account's.
    #[must_use]
    pub fn reaches(&self, connection: ConnectionId) -> bool {
        match &self.standing {
            Standing::Key { rights, .. } => match rights.reach() {
                Reach::All => true,
                Reach::Only(connections) => connections.contains(&connection),
            },
            Standing::Member { .. }
            | Standing::Person(_)
            | Standing::Service(_)
            | Standing::Job(_)
            | Standing::Operator(_) => true,
        }
    }

    /// As the log names the actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.standing {
            Standing::Member { member, .. } => Actor::Member(*member),
            Standing::Person(person) | Standing::Operator(Some(person)) => {
                Actor::Person(person.identity)
            }
            Standing::Key { key, .. } | Standing::Service(key) => Actor::ApiKey(*key),
            Standing::Job(key) => Actor::Job(key.clone()),
            Standing::Operator(None) => Actor::System,
        }
    }
}
