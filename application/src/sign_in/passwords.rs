//! Signing in and signing up with a password that an identity provider keeps.
//!
//! **Invariant:** how often something may be tried is counted by the name that was given, known or
//! not, before the provider is asked. A code that is wrong and one that is nobody's are one refusal.

use super::{Renewed, Whence, local_names, log::note_failed, renewal};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    limits::{self, Stopped, Tried},
    log::Lasting,
    ports::{
        Challenge, PasswordFailure, PasswordRegistration, PasswordSignIn, PasswordTokens,
        Registration, SignInStep, SignedUp,
    },
};
use secrecy::SecretString;
use std::sync::Arc;
use uuid::Uuid;

/// Where a sign-in with a password stands.
#[derive(Debug)]
pub enum PasswordStep {
    /// Done: a session of our own.
    Done(Renewed),
    /// Something more is asked for.
    Challenged(Challenge),
}

/// Why something with a password was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTried {
    /// This name was tried, or sent to, often enough for now.
    #[error("too often for this address; try again in {seconds} s")]
    TooMany {
        /// In so many seconds once more.
        seconds: u64,
    },
    /// It was refused, or could not be done.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<PasswordFailure> for NotTried {
    fn from(failure: PasswordFailure) -> Self {
        Self::Failed(failure.into())
    }
}

/// Everything that can be done with passwords.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Passwords<'d> {
    desk: &'d Arc<Desk>,
    sign_in: &'d dyn PasswordSignIn,
    registration: &'d dyn PasswordRegistration,
}

impl<'d> Passwords<'d> {
    /// At this desk; nothing where nobody keeps passwords.
    #[must_use]
    pub fn at(desk: &'d Arc<Desk>) -> Option<Self> {
        let sign_in = desk.business.passwords.as_deref()?;
        let registration = desk.business.registration.as_deref()?;
        Some(Self { desk, sign_in, registration })
    }

    /// Registers a person, who then proves the address by a code.
    pub async fn register(&self, registration: &Registration) -> Result<SignedUp, NotTried> {
        self.may_mail(&registration.email)?;
        Ok(self.registration.sign_up(registration).await?)
    }

    /// Proves the address by its code.
    pub async fn confirm(&self, username: &str, code: &SecretString) -> Result<(), NotTried> {
        self.may_try(Tried::Code, username)?;
        Ok(self.registration.confirm(username, code).await.map_err(one_refusal)?)
    }

    /// Sends the code again. Answers the same for people whom nobody knows.
    pub async fn resend(&self, username: &str) -> Result<(), NotTried> {
        self.may_mail(username)?;
        Ok(self.registration.resend(username).await?)
    }

    /// Sends a code for choosing a new password. Answers the same for people whom nobody knows.
    pub async fn forgot(&self, username: &str) -> Result<(), NotTried> {
        self.may_mail(username)?;
        Ok(self.registration.forgot(username).await?)
    }

    /// Chooses a new password by that code.
    pub async fn reset(
        &self,
        username: &str,
        code: &SecretString,
        password: &SecretString,
    ) -> Result<(), NotTried> {
        self.may_try(Tried::Code, username)?;
        Ok(self.registration.reset(username, code, password).await.map_err(one_refusal)?)
    }

    /// Begins with name and password.
    pub async fn login(
        &self,
        username: &str,
        password: &SecretString,
        whence: &Whence,
    ) -> Result<PasswordStep, NotTried> {
        self.may_try(Tried::Password, username)?;
        let step = self.sign_in.start(username, password).await;
        let step = step.inspect_err(|failure| self.missed(username, failure, whence))?;
        Ok(self.after(step, whence).await?)
    }

    /// Answers a challenge.
    pub async fn respond(
        &self,
        challenge: &Challenge,
        answer: &SecretString,
        whence: &Whence,
    ) -> Result<PasswordStep, NotTried> {
        self.may_try(Tried::Challenge, &challenge.username)?;
        let step = self.sign_in.respond(challenge, answer).await;
        let step = step.inspect_err(|failure| self.missed(&challenge.username, failure, whence))?;
        Ok(self.after(step, whence).await?)
    }

    fn may_try(&self, what: Tried, username: &str) -> Result<(), NotTried> {
        limits::charge_try(self.desk, what, self.mailbox(username)).map_err(stopped)
    }

    /// Has a failed try noted with whoever goes by this name. Finding out who that is takes a call, so
    /// it is done beside the answer, which takes as long for people whom nobody knows.
    fn missed(&self, username: &str, failure: &PasswordFailure, whence: &Whence) {
        let is_one = matches!(
            failure,
            PasswordFailure::NotAuthorized
                | PasswordFailure::CodeMismatch
                | PasswordFailure::TooManyAttempts
        );
        let name = self.mailbox(username);
        if !is_one || limits::charge_try(self.desk, Tried::LookUp, name).is_err() {
            return;
        }
        let (desk, username, whence) = (Arc::clone(self.desk), username.to_owned(), whence.clone());
        self.desk.commands.spawn(async move {
            let Some(passwords) = &desk.business.passwords else { return };
            let Some((issuer, subject)) = passwords.whose(&username).await else { return };
            note_failed(&desk, &Person::of(&issuer, &subject), &whence).await;
        });
    }

    fn may_mail(&self, username: &str) -> Result<(), NotTried> {
        limits::charge_mailbox(self.desk, self.mailbox(username)).map_err(stopped)
    }

    /// The name by which a mailbox is counted, the same as where links are mailed.
    fn mailbox(&self, username: &str) -> Uuid {
        let names = local_names(self.desk, Lasting::Mailboxes, &[&username.to_lowercase()]);
        names.first().copied().unwrap_or_default()
    }

    /// The provider's tokens prove the person once; from then on the session is our own, renewed by
    /// [`super::renew`], and its tokens are not kept.
    async fn after(&self, step: SignInStep, whence: &Whence) -> Result<PasswordStep, Failure> {
        match step {
            SignInStep::Challenged(challenge) => Ok(PasswordStep::Challenged(challenge)),
            SignInStep::Done(tokens) => {
                let person = self.prove(&tokens).await?;
                let renewed = renewal::begin_for(self.desk, &person, whence).await?;
                Ok(PasswordStep::Done(renewed))
            }
        }
    }

    async fn prove(&self, tokens: &PasswordTokens) -> Result<Person, Failure> {
        let Some(verifier) = &self.desk.business.tokens else {
            return Err(Failure::Internal("nobody proves the password provider's tokens".into()));
        };
        let proven = verifier.verify(&tokens.id, self.desk.clock.now()).await;
        let proven = proven.map_err(|refused| Failure::Refused {
            code: refused.code(),
            message: "the password provider's answer is not trusted; try again".to_owned(),
            path: None,
            retryable: true,
        })?;
        Ok(Person::of(&proven.issuer, &proven.subject))
    }
}

/// A code that is too old is told from a wrong one for people who exist alone; so it is not told.
fn one_refusal(failure: PasswordFailure) -> PasswordFailure {
    if failure == PasswordFailure::CodeExpired { PasswordFailure::CodeMismatch } else { failure }
}

fn stopped(stopped: Stopped) -> NotTried {
    match stopped {
        Stopped::Exceeded(exceeded) => NotTried::TooMany { seconds: exceeded.retry_after },
        Stopped::Failed(failure) => NotTried::Failed(failure),
    }
}

impl From<PasswordFailure> for Failure {
    fn from(failure: PasswordFailure) -> Self {
        let retryable =
            matches!(failure, PasswordFailure::NotSent { .. } | PasswordFailure::TooManyAttempts);
        let message = match &failure {
            PasswordFailure::NotSent { .. } | PasswordFailure::Unknown { .. } => {
                tracing::warn!(%failure, "the password provider was not reached");
                "the password provider does not answer; try again".to_owned()
            }
            PasswordFailure::Misconfigured { .. } => {
                tracing::error!(%failure, "the password provider is not set up as it must be");
                "passwords do not work at present; an operator must look".to_owned()
            }
            PasswordFailure::NotAuthorized
            | PasswordFailure::Taken
            | PasswordFailure::NotConfirmed
            | PasswordFailure::ResetRequired
            | PasswordFailure::WeakPassword { .. }
            | PasswordFailure::CodeMismatch
            | PasswordFailure::CodeExpired
            | PasswordFailure::TooManyAttempts
            | PasswordFailure::Invalid { .. }
            | PasswordFailure::UnsupportedChallenge { .. } => failure.to_string(),
        };
        Self::Refused { code: failure.code(), message, path: None, retryable }
    }
}
