//! Where people are signed in, and as whom.

use crate::schema::scalars::DateTime;
use async_graphql::{ID, SimpleObject};
use herald_application::{
    caller::Person,
    sign_in::{LoggedSignIn, SignedInAt},
};
use herald_kernel::IdentityId;

/// A person as one issuer knows them.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct LinkedIdentity {
    /// The identity's id, `idn_…`.
    id: ID,
    /// Who vouches: `local`, or the issuer's address.
    issuer: String,
    /// Is this the one that you are signed in as now?
    current: bool,
}

impl LinkedIdentity {
    pub(crate) fn of(person: &Person, current: IdentityId) -> Self {
        Self {
            id: person.identity.to_string().into(),
            issuer: person.issuer.clone(),
            current: person.identity == current,
        }
    }
}

/// One place where you are signed in.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Session {
    /// The session's name, `ses_…`. It opens nothing.
    id: ID,
    /// What it was begun with, such as `Firefox on Linux`; `null` when that was not said.
    device: Option<String>,
    /// As whom you are signed in there.
    issuer: String,
    /// When you signed in there. To renew a session is not to sign in.
    created_at: DateTime,
    /// When it was last used, to the minute.
    last_used_at: DateTime,
    /// When it ends; a program's unless it is renewed before.
    expires_at: DateTime,
    /// Is it a program's, renewed by tokens?
    renewed: bool,
}

impl Session {
    pub(crate) fn of(person: &Person, session: SignedInAt) -> Self {
        Self {
            id: session.id.into(),
            device: Some(session.device).filter(|device| !device.is_empty()),
            issuer: person.issuer.clone(),
            created_at: session.signed_in_at.into(),
            last_used_at: session.used_at.into(),
            expires_at: session.expires_at.into(),
            renewed: session.renewed,
        }
    }
}

/// A fact about somebody's signing in. It is kept for a while and is no part of the audit log.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SignInFact {
    /// Names the fact; pass it to `before` for what lies before it.
    id: ID,
    /// The member, if the person takes part at present.
    member: Option<ID>,
    /// As whom: the identity's id.
    identity: ID,
    /// `signed_in`, `new_device`, `signed_in_elsewhere`, `failed`, `signed_out`, `token_reused`,
    /// `password_replaced`, `linked` or `unlinked`.
    kind: String,
    /// When.
    at: DateTime,
    /// With what, if that was said and is not forgotten.
    device: Option<String>,
    /// From which address, if that is known and not forgotten.
    address: Option<String>,
}

impl SignInFact {
    pub(crate) fn of(fact: LoggedSignIn, member: Option<String>) -> Self {
        Self {
            id: format!("{}/{}", fact.at.micros(), fact.id).into(),
            member: member.map(Into::into),
            identity: fact.identity.to_string().into(),
            kind: fact.kind.as_str().to_owned(),
            at: fact.at.into(),
            device: Some(fact.whence.device).filter(|device| !device.is_empty()),
            address: fact.whence.address.map(|address| address.to_string()),
        }
    }
}
