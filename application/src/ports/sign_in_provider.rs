//! How a person signs in through somebody who knows them: Google, GitHub, any OIDC provider.

use super::{ClaimedEmail, TokenRefused};
use async_trait::async_trait;
use secrecy::SecretString;
use std::fmt;
use url::Url;

/// A provider's sign-in by authorisation code with PKCE.
///
/// Implementations translate and nothing more: no retry, no state. A code is single-use, so an
/// answer that was not seen is [`SignInFailure::Unknown`]: the person begins again. `state` is the
/// caller's to check, once, against the browser's own session.
#[async_trait]
pub trait SignInProvider: Send + Sync {
    /// The provider's name as settings, routes and buttons spell it.
    fn name(&self) -> &str;

    /// Where to send the person's browser. May read the provider's published addresses, once.
    async fn authorization_url(&self, request: &SignInRequest) -> Result<Url, SignInFailure>;

    /// Trades the code, and says who the person is.
    async fn exchange(&self, exchange: &SignInExchange) -> Result<SignedIn, SignInFailure>;
}

/// What the provider's page is asked for.
#[derive(Debug, Clone)]
pub struct SignInRequest {
    /// Ties the answer to this browser and this attempt; single-use.
    pub state: String,
    /// PKCE: base64url of SHA-256 of the verifier, without padding.
    pub code_challenge: String,
    /// Ties the ID token to this attempt.
    pub nonce: String,
    /// Where the provider sends the person back to: one address per provider.
    pub redirect_uri: Url,
}

/// What came back, and what proves that we asked for it.
#[derive(Debug, Clone)]
pub struct SignInExchange {
    /// The single-use code.
    pub code: SecretString,
    /// The PKCE verifier.
    pub code_verifier: SecretString,
    /// The nonce of the request.
    pub nonce: String,
    /// The same address as in the request, byte for byte.
    pub redirect_uri: Url,
    /// The answer's `iss` parameter (RFC 9207), when it had one: guards against mix-up.
    pub issuer: Option<String>,
}

/// A person whom the provider vouches for. Identity is `(issuer, subject)`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who vouches.
    pub issuer: String,
    /// The provider's own, stable name for the person.
    pub subject: String,
    /// The display name.
    pub name: Option<String>,
    /// The addresses that the provider knows, the primary one first.
    pub emails: Vec<ClaimedEmail>,
    /// What was granted beyond signing in. Only where a setting asks for it.
    pub grant: Option<SignInGrant>,
}

/// A token that outlives the sign-in, such as for the person's repositories. It is kept in
/// the vault and nowhere else.
#[derive(Clone)]
pub struct SignInGrant {
    /// Opens the provider's API.
    pub access: SecretString,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// How a sign-in failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInFailure {
    /// The provider said no; `code` is its own word for it.
    #[error("the provider refused: {code}")]
    Refused {
        /// The provider's error code.
        code: String,
    },
    /// The provider's answer does not prove who the person is.
    #[error("the provider's answer is not trusted: {0}")]
    NotTrusted(#[from] TokenRefused),
    /// The provider has not verified an address of the person.
    #[error("the provider has not verified the person's e-mail address")]
    EmailNotVerified,
    /// The person is no active member of the organisation that is required.
    #[error("the person is not a member of the organisation that may sign in here")]
    NotAMember,
    /// It never left: may be tried again while the code lives.
    #[error("the provider was not reached: {cause}")]
    NotSent {
        /// Why.
        cause: String,
    },
    /// It was sent, and the end was not seen: the code may be used up, so the person begins again.
    #[error("the provider's answer was not seen: {cause}")]
    Unknown {
        /// Why.
        cause: String,
    },
}

impl SignInFailure {
    /// A stable code for people and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "SIGN_IN_REFUSED",
            Self::NotTrusted(_) => "SIGN_IN_NOT_TRUSTED",
            Self::EmailNotVerified => "SIGN_IN_EMAIL_NOT_VERIFIED",
            Self::NotAMember => "SIGN_IN_NOT_A_MEMBER",
            Self::NotSent { .. } => "SIGN_IN_PROVIDER_NOT_REACHED",
            Self::Unknown { .. } => "SIGN_IN_OUTCOME_UNKNOWN",
        }
    }

    /// For logs: by which rule an answer was not trusted, else the same as [`Self::code`].
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotTrusted(refused) => refused.code(),
            Self::Refused { .. }
            | Self::EmailNotVerified
            | Self::NotAMember
            | Self::NotSent { .. }
            | Self::Unknown { .. } => self.code(),
        }
    }
}

impl SignedIn {
    /// The first address that the provider has verified.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        self.emails.iter().find(|email| email.verified).map(|email| email.address.as_str())
    }
}

impl PartialEq for SignInGrant {
    fn eq(&self, other: &Self) -> bool {
        use secrecy::ExposeSecret as _;
        self.access.expose_secret() == other.access.expose_secret() && self.scopes == other.scopes
    }
}
impl Eq for SignInGrant {}

impl fmt::Debug for SignInGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a grant of {:?}", self.scopes)
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("emails", &self.emails)
            .finish_non_exhaustive()
    }
}
