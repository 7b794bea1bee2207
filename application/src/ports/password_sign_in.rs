//! Signing in with a password that an identity provider keeps. We pass passwords on and keep none.

use async_trait::async_trait;
use secrecy::SecretString;
use std::time::Duration;

/// Signing in, from the password to the tokens.
///
/// No call is repeated beneath: a code or a session is single-use, and a wrong password counts.
#[async_trait]
pub trait PasswordSignIn: Send + Sync {
    /// Begins with name and password; ends in tokens or in a challenge.
    async fn start(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SignInStep, PasswordFailure>;

    /// Answers a challenge; ends in tokens or in the next challenge.
    async fn respond(
        &self,
        challenge: &Challenge,
        answer: &SecretString,
    ) -> Result<SignInStep, PasswordFailure>;

    /// Trades a refresh token for new tokens.
    async fn refresh(
        &self,
        refresh_token: &SecretString,
    ) -> Result<PasswordTokens, PasswordFailure>;

    /// Whose name this is: issuer and subject, where the provider tells us. For the log of tries that
    /// failed and for ending sessions, and for nothing that is answered.
    async fn whose(&self, username: &str) -> Option<(String, String)>;

    /// Ends every session of the person at the provider. Repeatable.
    async fn sign_out_everywhere(&self, access_token: &SecretString)
    -> Result<(), PasswordFailure>;
}

/// Having a password: registering, proving an address, choosing a new password.
#[async_trait]
pub trait PasswordRegistration: Send + Sync {
    /// Registers a person, who then proves the address by a code.
    async fn sign_up(&self, registration: &Registration) -> Result<SignedUp, PasswordFailure>;

    /// Proves the address by its code.
    async fn confirm(&self, username: &str, code: &SecretString) -> Result<(), PasswordFailure>;

    /// Sends the code again. Answers the same for people whom nobody knows.
    async fn resend(&self, username: &str) -> Result<(), PasswordFailure>;

    /// Sends a code for choosing a new password. Answers the same for people whom nobody knows.
    async fn forgot(&self, username: &str) -> Result<(), PasswordFailure>;

    /// Chooses a new password by that code.
    async fn reset(
        &self,
        username: &str,
        code: &SecretString,
        password: &SecretString,
    ) -> Result<(), PasswordFailure>;
}

/// A person who registers.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "all of it is personal or secret")]
pub struct Registration {
    /// The name to sign in with; mostly the address.
    pub username: String,
    /// The address.
    pub email: String,
    /// The display name.
    pub name: Option<String>,
    /// The chosen password.
    pub password: SecretString,
}

/// Somebody registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUp {
    /// The provider's own, stable name for the person.
    pub subject: String,
    /// Whether they may sign in already, without proving the address.
    pub confirmed: bool,
    /// Where the code went.
    pub delivery: Option<CodeDelivery>,
}

/// Where a code went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeDelivery {
    /// The masked destination, such as `a***@e***`.
    pub destination: Option<String>,
    /// `EMAIL` or `SMS`.
    pub medium: Option<String>,
}

/// Where a sign-in stands.
#[derive(Debug, Clone)]
pub enum SignInStep {
    /// Done.
    Done(PasswordTokens),
    /// Something more is asked for.
    Challenged(Challenge),
}

/// What is asked for before tokens are given. It goes back and forth unchanged.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// What is asked for.
    pub kind: ChallengeKind,
    /// Continues the provider's session; single-use.
    pub session: SecretString,
    /// The name that the challenge is for, as the provider wants it repeated.
    pub username: String,
    /// Where a code went, masked.
    pub destination: Option<String>,
}

/// What a challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChallengeKind {
    /// A new password in place of a temporary one.
    NewPassword,
    /// A code that came by SMS.
    SmsCode,
    /// A code that came by e-mail.
    EmailCode,
    /// A code from an authenticator app.
    AppCode,
}

impl ChallengeKind {
    /// As the interface spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewPassword => "NEW_PASSWORD_REQUIRED",
            Self::SmsCode => "SMS_MFA",
            Self::EmailCode => "EMAIL_OTP",
            Self::AppCode => "SOFTWARE_TOKEN_MFA",
        }
    }

    /// From its spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::NewPassword, Self::SmsCode, Self::EmailCode, Self::AppCode]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Tokens of a person who signed in. The ID token is for the [`super::TokenVerifier`] to prove.
#[derive(Debug, Clone)]
pub struct PasswordTokens {
    /// Says who the person is.
    pub id: SecretString,
    /// Opens the provider's own API.
    pub access: SecretString,
    /// Renews both; absent when the earlier one stays good.
    pub refresh: Option<SecretString>,
    /// How long id and access are good.
    pub expires_in: Duration,
}

/// How a call about a password failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFailure {
    /// Wrong name or password, or a session that is over: which of them is never said.
    #[error("name, password or session is not accepted; begin again, or choose a new password")]
    NotAuthorized,
    /// The name is taken.
    #[error("somebody is registered by this name; sign in, or choose a new password")]
    Taken,
    /// The address is not proven yet.
    #[error("the address is not confirmed yet; send the code that was mailed, or ask for another")]
    NotConfirmed,
    /// An operator demands a new password.
    #[error("a new password must be chosen first; ask for a code as if it were forgotten")]
    ResetRequired,
    /// The password breaks the provider's policy; `message` is its explanation.
    #[error("the password is not good enough: {message}")]
    WeakPassword {
        /// For the person.
        message: String,
    },
    /// The code is wrong.
    #[error("the code is wrong or too old; read it again, or ask for another")]
    CodeMismatch,
    /// The code is too old.
    #[error("the code has expired; ask for another")]
    CodeExpired,
    /// Too many tries or messages: wait.
    #[error("too many attempts; wait before the next")]
    TooManyAttempts,
    /// An input that the provider does not take; `message` is its explanation.
    #[error("the provider does not accept the input: {message}")]
    Invalid {
        /// For the person.
        message: String,
    },
    /// A challenge that cannot be met here, such as setting up an authenticator.
    #[error("the provider asks for what cannot be done here: {name}")]
    UnsupportedChallenge {
        /// The provider's name of it.
        name: String,
    },
    /// Our own registration at the provider is not right; an operator must look.
    #[error("the provider refused the application: {code}")]
    Misconfigured {
        /// The provider's error code.
        code: String,
    },
    /// It never left: may be tried again.
    #[error("the provider was not reached: {cause}")]
    NotSent {
        /// Why.
        cause: String,
    },
    /// It was sent, and the end was not seen.
    #[error("the provider's answer was not seen: {cause}")]
    Unknown {
        /// Why.
        cause: String,
    },
}

impl PasswordFailure {
    /// A stable code for people and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAuthorized => "PASSWORD_NOT_AUTHORIZED",
            Self::Taken => "PASSWORD_NAME_TAKEN",
            Self::NotConfirmed => "PASSWORD_NOT_CONFIRMED",
            Self::ResetRequired => "PASSWORD_RESET_REQUIRED",
            Self::WeakPassword { .. } => "PASSWORD_TOO_WEAK",
            Self::CodeMismatch => "PASSWORD_CODE_WRONG",
            Self::CodeExpired => "PASSWORD_CODE_EXPIRED",
            Self::TooManyAttempts => "PASSWORD_TOO_MANY_ATTEMPTS",
            Self::Invalid { .. } => "PASSWORD_INPUT_INVALID",
            Self::UnsupportedChallenge { .. } => "PASSWORD_CHALLENGE_UNSUPPORTED",
            Self::Misconfigured { .. } => "PASSWORD_PROVIDER_MISCONFIGURED",
            Self::NotSent { .. } => "PASSWORD_PROVIDER_NOT_REACHED",
            Self::Unknown { .. } => "PASSWORD_OUTCOME_UNKNOWN",
        }
    }
}
