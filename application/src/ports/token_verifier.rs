//! Whose is this token, and does the one who signed it still stand behind it?

use async_trait::async_trait;
use herald_kernel::Instant;
use secrecy::SecretString;
use std::fmt;

/// Checks bearer tokens (JWT) of every issuer that is configured.
///
/// Implementations MUST know the issuer's keys beforehand: no network call per token, and a bounded
/// number however many tokens with unknown keys come in. They MUST fail closed: an issuer, an
/// algorithm or a claim that they do not know is a refusal.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// What the token says, once all of it is proven at `now`.
    async fn verify(
        &self,
        token: &SecretString,
        now: Instant,
    ) -> Result<VerifiedToken, TokenRefused>;
}

/// What a proven token says. Identity is `(issuer, subject)`, never an e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Who vouches, as configured.
    pub issuer: String,
    /// The issuer's own, stable name for the person.
    pub subject: String,
    /// The e-mail address, when the token carries one.
    pub email: Option<ClaimedEmail>,
    /// The display name.
    pub name: Option<String>,
    /// The issuer's session, for ending ours when that one ends.
    pub session: Option<String>,
    /// The organisation that the person acts in.
    pub organisation: Option<ClaimedOrganisation>,
    /// The Stripe customer that the issuer keeps for the person (`custom:stripe_customer_id`,
    /// `stripe_customer_id`). A hint: our own record decides.
    pub stripe_customer: Option<String>,
    /// After this the token is worth nothing.
    pub expires_at: Instant,
}

/// An e-mail address and what its issuer says of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimedEmail {
    /// The address as the issuer writes it.
    pub address: String,
    /// Whether the issuer says that the person was proven to read it.
    pub verified: bool,
}

/// An organisation as the issuer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedOrganisation {
    /// The issuer's id.
    pub id: String,
    /// Its readable name in addresses.
    pub slug: Option<String>,
    /// The person's role in it.
    pub role: Option<String>,
}

/// Why a token was not believed. None of them says anything of the token's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// No JWT, too large, or one that contradicts itself.
    #[error("this is no token that can be read")]
    Malformed,
    /// `none`, a shared secret, or not the algorithm of the key.
    #[error("the token is not signed as its issuer signs")]
    Algorithm,
    /// The issuer publishes no such key.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the token's signature is wrong")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Nobody whom we trust.
    #[error("the token's issuer is not trusted here")]
    Issuer,
    /// Made for somebody else.
    #[error("the token is meant for another audience")]
    Audience,
    /// Made for this audience, but handed to an application that is not ours.
    #[error("the token was handed to another party")]
    AuthorizedParty,
    /// An ID token where an access token is wanted, or the reverse.
    #[error("the token was made for another use")]
    Use,
    /// Not the answer to our own question.
    #[error("the token answers another request")]
    Nonce,
    /// The session waits for a task, such as the choice of an organisation.
    #[error("the session waits for the person to finish a task at the issuer")]
    Pending,
    /// The issuer's keys could not be read: the token may be good. Try again.
    #[error("the issuer's keys cannot be read at present")]
    Unavailable,
}

impl TokenRefused {
    /// A stable code for metrics and logs. To the caller all but [`Self::Unavailable`] are one 401.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Algorithm => "TOKEN_ALGORITHM",
            Self::UnknownKey => "TOKEN_UNKNOWN_KEY",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYet => "TOKEN_NOT_YET",
            Self::Issuer => "TOKEN_ISSUER",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::AuthorizedParty => "TOKEN_AUTHORIZED_PARTY",
            Self::Use => "TOKEN_USE",
            Self::Nonce => "TOKEN_NONCE",
            Self::Pending => "TOKEN_PENDING",
            Self::Unavailable => "TOKEN_ISSUER_UNAVAILABLE",
        }
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClaimedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.verified { "[verified address]" } else { "[unverified address]" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_says_of_a_person_is_not_printed() {
        let token = VerifiedToken {
            issuer: "https://clerk.example".to_owned(),
            subject: "user_1".to_owned(),
            email: Some(ClaimedEmail { address: "CANARY@example.org".to_owned(), verified: true }),
            name: Some("CANARY".to_owned()),
            session: None,
            organisation: None,
            stripe_customer: None,
            expires_at: Instant::from_micros(0).expect("a date"),
        };
        assert!(!format!("{token:?} {:?}", token.email).contains("CANARY"));
        assert!(format!("{token:?}").contains("user_1"));
    }
}
