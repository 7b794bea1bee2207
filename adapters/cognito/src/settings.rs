//! What is configured about Cognito: the pool, the application client, and our own AWS credentials.

use herald_http_client::{Settings as Http, Url};
use secrecy::SecretString;
use std::time::Duration;

/// How a user pool is reached, and as which application client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the service is: `https://cognito-idp.{region}.amazonaws.com/`.
    pub endpoint: Url,
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// The pool's id, such as `eu-central-1_aBcDeFgHi`.
    pub pool: String,
    /// The pool as `iss` names it: `https://cognito-idp.{region}.amazonaws.com/{pool}`.
    pub issuer: String,
    /// The application client's public name.
    pub client_id: String,
    /// Its secret, if it has one.
    pub client_secret: Option<SecretString>,
    /// Our own credentials, for the directory. Without them passwords work and the directory does not.
    pub credentials: Option<AwsCredentials>,
    /// Where in the pool our notes stand.
    pub attributes: Attributes,
    /// How many people a page has, 1 to 60.
    pub page: u8,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// Pause after a first failed try of a repeatable call.
    pub base_delay: Duration,
}

/// Credentials of an AWS user or role.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// The access key's public half.
    pub key_id: String,
    /// Its secret half.
    pub secret: SecretString,
    /// The token of a role's session, where it is one.
    pub session_token: Option<SecretString>,
}

/// Custom attributes, as the pool declares them. A pool cannot rename one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// Holds the Stripe customer.
    pub stripe_customer: String,
    /// Holds the plan, where the pool declares it.
    pub plan: Option<String>,
    /// Holds whether onboarding is done, where the pool declares it.
    pub onboarding_completed: Option<String>,
}

impl Default for Attributes {
    fn default() -> Self {
        let stripe_customer = "custom:stripe_customer_id".to_owned();
        Self { stripe_customer, plan: None, onboarding_completed: None }
    }
}

impl Settings {
    /// The settings for a pool at AWS's own address, everything else by default.
    #[must_use]
    pub fn new(
        endpoint: Url,
        region: impl Into<String>,
        pool: impl Into<String>,
        client_id: impl Into<String>,
    ) -> Self {
        let pool = pool.into();
        Self {
            issuer: format!("{}/{pool}", endpoint.as_str().trim_end_matches('/')),
            endpoint,
            region: region.into(),
            pool,
            client_id: client_id.into(),
            client_secret: None,
            credentials: None,
            attributes: Attributes::default(),
            page: 60,
            https_only: false,
            timeout: Duration::from_secs(15),
            base_delay: Duration::from_millis(500),
        }
    }

    pub(crate) fn http(&self) -> Http {
        Http {
            timeout: self.timeout,
            base_delay: self.base_delay,
            https_only: self.https_only,
            max_response_bytes: 2 * 1024 * 1024,
            ..Http::new("cognito", self.endpoint.clone())
        }
    }
}
