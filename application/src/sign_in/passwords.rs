//! Signing in and signing up with a password that an identity provider keeps.
//!
//! **Invariant:** how often something may be tried is counted by the name that was given, known or
//! not, before the provider is asked. A code that is wrong and one that is nobody's are one refusal,
//! and what locks a known name at the provider is told to those alone who signed in by it before.

use super::{
    Renewed, Whence, familiar,
    log::{note, note_failed},
    renewal,
};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    limits::{self, Place, Stopped, Tried},
    ports::{
        Challenge, ChallengeKind, PasswordFailure, PasswordRegistration, PasswordSignIn,
        PasswordTokens, Registration, SignInKind, SignInStep, SignedUp,
    },
};
use secrecy::SecretString;
use std::sync::Arc;

/// Where a sign-in with a password stands.
#[derive(Debug)]
pub enum PasswordStep {
    /// Done: a session of our own, and what the device keeps so as to be known again.
    Done(Renewed, SecretString),
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

/// Who asks.
#[derive(Debug, Clone, Default)]
pub struct Asks {
    /// Where from.
    pub whence: Whence,
    /// What their device kept of an earlier sign-in.
    pub kept: Option<SecretString>,
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
    pub async fn confirm(
        &self,
        username: &str,
        code: &SecretString,
        asks: &Asks,
    ) -> Result<(), NotTried> {
        let place = self.may_try(Tried::Code, username, asks)?;
        let confirmed = self.registration.confirm(username, code).await;
        Ok(confirmed.map_err(|failure| told(failure, place, PasswordFailure::CodeMismatch))?)
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

    /// Chooses a new password by that code. Who was signed in with the old one is no more.
    pub async fn reset(
        &self,
        username: &str,
        code: &SecretString,
        password: &SecretString,
        asks: &Asks,
    ) -> Result<(), NotTried> {
        let place = self.may_try(Tried::Code, username, asks)?;
        let reset = self.registration.reset(username, code, password).await;
        reset.map_err(|failure| told(failure, place, PasswordFailure::CodeMismatch))?;
        let whose = self.whose(username, Some(password)).await;
        Ok(replaced(self.desk, whose, &asks.whence).await?)
    }

    /// Begins with name and password.
    pub async fn login(
        &self,
        username: &str,
        password: &SecretString,
        asks: &Asks,
    ) -> Result<PasswordStep, NotTried> {
        let place = self.may_try(Tried::Password, username, asks)?;
        let step = self.sign_in.start(username, password).await;
        let step = step.inspect_err(|failure| self.missed(username, failure, &asks.whence));
        let step = step.map_err(|failure| told(failure, place, PasswordFailure::NotAuthorized))?;
        Ok(self.after(step, username, &asks.whence).await?)
    }

    /// Answers a challenge.
    pub async fn respond(
        &self,
        challenge: &Challenge,
        answer: &SecretString,
        asks: &Asks,
    ) -> Result<PasswordStep, NotTried> {
        self.may_try(Tried::Challenge, &challenge.username, asks)?;
        let whence = &asks.whence;
        let step = self.sign_in.respond(challenge, answer).await;
        let step = step.inspect_err(|failure| self.missed(&challenge.username, failure, whence))?;
        if challenge.kind == ChallengeKind::NewPassword {
            let whose = match &step {
                SignInStep::Done(tokens) => Some(self.prove(tokens).await?.0),
                SignInStep::Challenged(next) => self.whose(&next.username, None).await,
            };
            replaced(self.desk, whose, whence).await?;
        }
        Ok(self.after(step, &challenge.username, whence).await?)
    }

    /// Whose password has just been replaced: the provider tells us, or else signing in with it does,
    /// unless something more is asked for then.
    async fn whose(&self, username: &str, password: Option<&SecretString>) -> Option<Person> {
        if let Some((issuer, subject)) = self.sign_in.whose(username).await {
            return Some(Person::of(&issuer, &subject));
        }
        match self.sign_in.start(username, password?).await {
            Ok(SignInStep::Done(tokens)) => Some(self.prove(&tokens).await.ok()?.0),
            Ok(SignInStep::Challenged(_)) | Err(_) => None,
        }
    }

    fn may_try(&self, what: Tried, username: &str, asks: &Asks) -> Result<Place, NotTried> {
        let name = familiar::mailbox(self.desk, username);
        let kept = asks.kept.as_ref();
        let device = kept.and_then(|kept| familiar::recognise(self.desk, kept, name));
        let place = device.map_or(Place::Address(asks.whence.address), Place::Device);
        limits::charge_try(self.desk, what, name, place).map_err(stopped)?;
        Ok(place)
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
        let name = familiar::mailbox(self.desk, username);
        if !is_one || limits::charge_look_up(self.desk, name).is_err() {
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
        let name = familiar::mailbox(self.desk, username);
        limits::charge_mailbox(self.desk, name).map_err(stopped)
    }

    /// The provider's tokens prove the person once; from then on the session is our own, renewed by
    /// [`super::renew`], and its tokens are not kept.
    async fn after(
        &self,
        step: SignInStep,
        username: &str,
        whence: &Whence,
    ) -> Result<PasswordStep, Failure> {
        match step {
            SignInStep::Challenged(challenge) => Ok(PasswordStep::Challenged(challenge)),
            SignInStep::Done(tokens) => {
                let (person, address) = self.prove(&tokens).await?;
                let renewed = renewal::begin_for(self.desk, &person, whence).await?;
                // A challenge is answered under the provider's name for the person; the next sign-in
                // begins with the address.
                let kept = familiar::remember(self.desk, &[username, &address]);
                Ok(PasswordStep::Done(renewed, kept))
            }
        }
    }

    /// Who it is, and their proven address, if the provider tells it.
    async fn prove(&self, tokens: &PasswordTokens) -> Result<(Person, String), Failure> {
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
        let email = proven.email.filter(|email| email.verified);
        let address = email.map(|email| email.address).unwrap_or_default();
        Ok((Person::of(&proven.issuer, &proven.subject), address))
    }
}

/// Ends what was begun with the password that is no more, and says so in the person's log. It goes on
/// when whoever chose the new one hangs up: they may be the person, and who was signed in a thief.
async fn replaced(desk: &Arc<Desk>, whose: Option<Person>, whence: &Whence) -> Result<(), Failure> {
    let Some(person) = whose else {
        tracing::warn!("a password was replaced, and nobody says whose: no session was ended");
        return Ok(());
    };
    let (at, whence) = (Arc::clone(desk), whence.clone());
    let ending = desk.commands.spawn(async move {
        at.stores.sessions.end_all(person.identity, None).await?;
        note(&at, person.identity, SignInKind::PasswordReplaced, &whence).await;
        Ok(())
    });
    ending.await.unwrap_or_else(|error| Err(Failure::Internal(error.to_string())))
}

/// What only people who exist can meet, a code that is too old or a lock of the provider's, is told a
/// stranger as `plain`: as it is to everybody else.
fn told(failure: PasswordFailure, place: Place, plain: PasswordFailure) -> PasswordFailure {
    match (&failure, place) {
        (PasswordFailure::CodeExpired, _)
        | (PasswordFailure::TooManyAttempts, Place::Address(_)) => plain,
        _ => failure,
    }
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
