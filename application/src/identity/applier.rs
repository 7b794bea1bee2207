//! What an identity provider's webhooks lead to.

use super::opening::open_account;
use crate::{
    caller::Person,
    commands::account::{LoseIdentity, ObserveProfile},
    desk::Desk,
    execute::Request,
    failure::Failure,
    inbox::{self, Applied, WebhookApplier},
    log::Via,
    ports::{DirectoryEvent, DirectoryFailure, DirectoryUser, Hint, SignInKind, UserDirectory},
    sign_in::{self, Membership, Whence},
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_account::{Email, PersonName};
use std::sync::Arc;
use uuid::Uuid;

/// Applies the webhooks of one directory.
#[expect(missing_debug_implementations, reason = "a port has nothing to print")]
pub struct DirectoryApplier {
    name: &'static str,
    directory: Arc<dyn UserDirectory>,
    read: fn(&[u8]) -> Option<DirectoryEvent>,
}

impl DirectoryApplier {
    /// For the directory that calls itself `name`; `read` reads its verified bodies.
    #[must_use]
    pub fn new(
        name: &'static str,
        directory: Arc<dyn UserDirectory>,
        read: fn(&[u8]) -> Option<DirectoryEvent>,
    ) -> Self {
        Self { name, directory, read }
    }

    fn person(&self, subject: &str) -> Person {
        Person::of(self.directory.issuer(), subject)
    }
}

#[async_trait]
impl WebhookApplier for DirectoryApplier {
    async fn apply(&self, desk: &Arc<Desk>, hint: &Hint, raw: &Bytes) -> Applied {
        let Some(event) = (self.read)(raw) else {
            return Applied::GiveUp("the body is not of its documented form".to_owned());
        };
        let applied = match event {
            DirectoryEvent::UserChanged { subject } => self.changed(desk, hint, &subject).await,
            DirectoryEvent::UserDeleted { subject } => self.deleted(desk, hint, &subject).await,
            DirectoryEvent::SessionStarted { subject, session } => {
                let identity = self.person(&subject).identity;
                // The provider's session names the row: a second delivery changes nothing.
                let row = Uuid::new_v5(&identity.uuid(), session.as_bytes());
                let (kind, whence) = (SignInKind::SignedInElsewhere, Whence::default());
                sign_in::note_as(desk, row, identity, kind, &whence).await;
                Ok(Applied::Done)
            }
            DirectoryEvent::SessionEnded { .. } => {
                Ok(Applied::Ignored("its tokens end within a minute by themselves".to_owned()))
            }
            DirectoryEvent::Ignored { kind } => Ok(Applied::Ignored(format!("`{kind}`"))),
        };
        applied.unwrap_or_else(Stop::applied)
    }
}

/// Why applying stopped.
enum Stop {
    Directory(DirectoryFailure),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DirectoryFailure> for Stop {
    fn from(failure: DirectoryFailure) -> Self {
        Self::Directory(failure)
    }
}

impl Stop {
    fn applied(self) -> Applied {
        match self {
            Self::Failed(failure) => failure.into(),
            Self::Directory(failure) => match failure {
                // Credentials are mended by an operator; the event waits as long as it may.
                DirectoryFailure::Transient { .. } | DirectoryFailure::Credentials => {
                    Applied::Retry(failure.to_string())
                }
                DirectoryFailure::NotFound
                | DirectoryFailure::Refused { .. }
                | DirectoryFailure::Unreadable => Applied::GiveUp(failure.to_string()),
            },
        }
    }
}

impl DirectoryApplier {
    async fn changed(&self, desk: &Arc<Desk>, hint: &Hint, subject: &str) -> Result<Applied, Stop> {
        let Some(user) = self.directory.get(subject).await? else {
            return Ok(Applied::Ignored("the provider no longer knows the person".to_owned()));
        };
        let person = self.person(subject);
        let found = sign_in::memberships(desk, &person).await?;
        if found.is_empty() {
            return self.welcome(desk, hint, &person, &user).await;
        }
        for membership in &found {
            let profile = ObserveProfile {
                member: membership.member,
                name: name(&user),
                email: address(&user),
            };
            self.tell(desk, membership, hint, profile).await?;
        }
        Ok(Applied::Done)
    }

    /// Somebody who takes part in no account: one is opened for them, where a setting says so.
    async fn welcome(
        &self,
        desk: &Arc<Desk>,
        hint: &Hint,
        person: &Person,
        user: &DirectoryUser,
    ) -> Result<Applied, Stop> {
        if !desk.settings.identity.open_accounts {
            return Ok(Applied::Ignored("accounts are opened by their people".to_owned()));
        }
        if !user.enabled {
            return Ok(Applied::Ignored("the person may not sign in".to_owned()));
        }
        let causation = format!("webhook:{}/{}", self.name, hint.event_id);
        open_account(desk, self.name, (person, user), Via::Webhook, causation).await?;
        Ok(Applied::Done)
    }

    async fn deleted(&self, desk: &Arc<Desk>, hint: &Hint, subject: &str) -> Result<Applied, Stop> {
        if self.directory.get(subject).await?.is_some() {
            return Ok(Applied::Ignored("the provider still knows the person".to_owned()));
        }
        let person = self.person(subject);
        sign_in::end_everywhere(desk, person.identity).await?;
        for membership in &sign_in::memberships(desk, &person).await? {
            let lose = LoseIdentity { member: membership.member, identity: person.identity };
            self.tell(desk, membership, hint, lose).await?;
        }
        Ok(Applied::Done)
    }

    /// Tells an account of the person something, once for each event.
    async fn tell<U: crate::execute::UseCase>(
        &self,
        desk: &Arc<Desk>,
        membership: &Membership,
        hint: &Hint,
        use_case: U,
    ) -> Result<(), Failure> {
        let caller = inbox::caller(membership.account, self.name, hint);
        // Replayed later, the event leads to what the provider says by then.
        let idempotency_key = desk.ids.uuid().to_string();
        let request = Request { idempotency_key, expected_version: None };
        desk.carry_out(&caller, request, use_case).await?;
        Ok(())
    }
}

/// A name that the provider has and that we can take.
pub(super) fn name(user: &DirectoryUser) -> Option<PersonName> {
    user.name.as_deref().and_then(|name| name.try_into().ok())
}

/// An address that the provider vouches for. It reaches the person and proves nothing.
pub(super) fn address(user: &DirectoryUser) -> Option<Email> {
    let email = user.email.as_ref().filter(|email| email.verified)?;
    email.address.as_str().try_into().ok()
}
