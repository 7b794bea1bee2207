//! How a person lets us act for their account on a network.

use async_trait::async_trait;
use herald_kernel::Instant;
use secrecy::SecretString;
use url::Url;

/// A network's OAuth 2.0 server, seen from inside.
///
/// Implementations translate and nothing more: no retry, no state. Exchange and refresh are not
/// repeatable (codes and refresh tokens are single-use), so an answer that was not seen is
/// `Unknown`, never a refusal.
#[async_trait]
pub trait SocialAuthorization: Send + Sync {
    /// Where to send the person's browser.
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url;

    /// Trades a code for tokens.
    async fn exchange(&self, request: &ExchangeRequest) -> Result<TokenSet, ExchangeFailure>;

    /// Trades a refresh token for new tokens.
    async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenSet, RefreshFailure>;

    /// Whose account the token acts for. A read: it may be repeated.
    async fn identify(
        &self,
        access_token: &SecretString,
    ) -> Result<ProviderAccount, ExchangeFailure>;

    /// Gives a token back. Best effort: an error changes nothing for us.
    async fn revoke(&self, token: &SecretString) -> Result<(), RefreshFailure>;
}

/// What the consent page is asked for.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Ties the answer to the connection and the attempt.
    pub state: String,
    /// PKCE: base64url of SHA-256 of the verifier, without padding.
    pub code_challenge: String,
    /// Where the network sends the person back to.
    pub redirect_uri: Url,
}

/// What is traded for tokens.
#[derive(Debug, Clone)]
pub struct ExchangeRequest {
    /// The single-use code.
    pub code: SecretString,
    /// The PKCE verifier.
    pub code_verifier: SecretString,
    /// The same address as in the authorization request, byte for byte.
    pub redirect_uri: Url,
}

/// Tokens, as a network hands them out.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// Opens the API.
    pub access: SecretString,
    /// When it stops to.
    pub access_expires_at: Instant,
    /// Renews the access, when given. An absent one never replaces a stored one.
    pub refresh: Option<SecretString>,
    /// When it stops to, when the network says so.
    pub refresh_expires_at: Option<Instant>,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// The account behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAccount {
    /// The network's own, stable id.
    pub id: String,
    /// The public handle without `@`.
    pub handle: String,
    /// The display name.
    pub name: String,
    /// How long a text may be, in the network's own counting.
    pub text_limit: u32,
}

/// How an exchange or an identification failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeFailure {
    /// The network said no; `code` is its own word for it.
    #[error("the network refused: {code}")]
    Refused {
        /// The network's error code.
        code: String,
    },
    /// It never left: may be tried again while the code lives.
    #[error("the network was not reached: {cause}")]
    NotSent {
        /// Why.
        cause: String,
    },
    /// It was sent and the answer was not seen.
    #[error("the network's answer was not seen: {cause}")]
    Unknown {
        /// Why.
        cause: String,
    },
}

/// How a refresh failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshFailure {
    /// A recognised refusal: the person must reconnect.
    #[error("the network rejected the token: {code}")]
    Rejected {
        /// The network's error code.
        code: String,
    },
    /// Certainly not done: may be tried again.
    #[error("the network is in trouble: {cause}")]
    Transient {
        /// Why.
        cause: String,
    },
    /// Perhaps done: the successor may be lost.
    #[error("the network's answer was not seen: {cause}")]
    Unknown {
        /// Why.
        cause: String,
    },
}
