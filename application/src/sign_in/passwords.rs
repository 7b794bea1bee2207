//! Signing in and signing up with a password that an identity provider keeps.

use super::{Renewed, Whence, renewal};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    ports::{
        Challenge, PasswordFailure, PasswordRegistration, PasswordSignIn, PasswordTokens,
        Registration, SignInStep, SignedUp,
    },
};
use secrecy::SecretString;

/// Where a sign-in with a password stands.
#[derive(Debug)]
pub enum PasswordStep {
    /// Done: a session of our own.
    Done(Renewed),
    /// Something more is asked for.
    Challenged(Challenge),
}

/// Everything that can be done with passwords.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Passwords<'d> {
    desk: &'d Desk,
    sign_in: &'d dyn PasswordSignIn,
    registration: &'d dyn PasswordRegistration,
}

impl<'d> Passwords<'d> {
    /// At this desk; nothing where nobody keeps passwords.
    #[must_use]
    pub fn at(desk: &'d Desk) -> Option<Self> {
        let sign_in = desk.business.passwords.as_deref()?;
        let registration = desk.business.registration.as_deref()?;
        Some(Self { desk, sign_in, registration })
    }

    /// Registers a person, who then proves the address by a code.
    pub async fn register(&self, registration: &Registration) -> Result<SignedUp, Failure> {
        Ok(self.registration.sign_up(registration).await?)
    }

    /// Proves the address by its code.
    pub async fn confirm(&self, username: &str, code: &SecretString) -> Result<(), Failure> {
        Ok(self.registration.confirm(username, code).await?)
    }

    /// Sends the code again. Answers the same for people whom nobody knows.
    pub async fn resend(&self, username: &str) -> Result<(), Failure> {
        Ok(self.registration.resend(username).await?)
    }

    /// Sends a code for choosing a new password. Answers the same for people whom nobody knows.
    pub async fn forgot(&self, username: &str) -> Result<(), Failure> {
        Ok(self.registration.forgot(username).await?)
    }

    /// Chooses a new password by that code.
    pub async fn reset(
        &self,
        username: &str,
        code: &SecretString,
        password: &SecretString,
    ) -> Result<(), Failure> {
        Ok(self.registration.reset(username, code, password).await?)
    }

    /// Begins with name and password.
    pub async fn login(
        &self,
        username: &str,
        password: &SecretString,
        whence: &Whence,
    ) -> Result<PasswordStep, Failure> {
        let step = self.sign_in.start(username, password).await?;
        self.after(step, whence).await
    }

    /// Answers a challenge.
    pub async fn respond(
        &self,
        challenge: &Challenge,
        answer: &SecretString,
        whence: &Whence,
    ) -> Result<PasswordStep, Failure> {
        let step = self.sign_in.respond(challenge, answer).await?;
        self.after(step, whence).await
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
