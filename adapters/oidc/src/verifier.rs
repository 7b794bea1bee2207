//! Tokens of several issuers at once: sent to their issuer by name, believed by its keys alone.

use crate::{Issuer, Unusable, health::IssuerHealth, jwt::Jwt, trusted::Trusted};
use async_trait::async_trait;
use herald_application::ports::{HealthCheck, TokenRefused, TokenVerifier, VerifiedToken};
use herald_http_client::{Environment, RealEnvironment};
use herald_kernel::Instant;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// Proves bearer tokens of every configured issuer.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuers: Arc<[Arc<Trusted>]>,
    environment: Arc<dyn Environment>,
}

impl Verifier {
    /// A verifier in real time. Nothing is read before the first token, or [`Self::warm_up`].
    pub fn try_new(issuers: Vec<Issuer>) -> Result<Self, Unusable> {
        Self::try_new_in(issuers, Arc::new(RealEnvironment))
    }

    /// A verifier with time from `environment`.
    pub fn try_new_in(
        issuers: Vec<Issuer>,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, Unusable> {
        let mut trusted: Vec<Arc<Trusted>> = Vec::with_capacity(issuers.len());
        for issuer in issuers {
            let same = |other: &Arc<Trusted>| {
                other.is(&issuer.issuer) && other.issuer.profile == issuer.profile
            };
            if trusted.iter().any(same) {
                return Err(Unusable::Twice(issuer.issuer));
            }
            trusted.push(Arc::new(Trusted::try_new(issuer, None, Arc::clone(&environment))?));
        }
        Ok(Self { issuers: trusted.into(), environment })
    }

    /// Reads every issuer's keys, so that the first token need not wait. Failures are logged.
    pub async fn warm_up(&self) {
        let reading = self.issuers.iter().map(|trusted| async move {
            if let Err(cause) = trusted.keys.read_now().await {
                tracing::warn!(provider = trusted.issuer.name, cause, "keys were not read");
            }
        });
        futures::future::join_all(reading).await;
    }

    /// One health check for each issuer.
    #[must_use]
    pub fn health_checks(&self) -> Vec<Arc<dyn HealthCheck>> {
        let check = |trusted: &Arc<Trusted>| -> Arc<dyn HealthCheck> {
            Arc::new(IssuerHealth::new(Arc::clone(trusted), Arc::clone(&self.environment)))
        };
        self.issuers.iter().map(check).collect()
    }
}

#[async_trait]
impl TokenVerifier for Verifier {
    async fn verify(
        &self,
        token: &SecretString,
        now: Instant,
    ) -> Result<VerifiedToken, TokenRefused> {
        let jwt = Jwt::parse(token.expose_secret())?;
        self.route(&jwt)?.verify(&jwt, now).await
    }
}

impl Verifier {
    /// The issuer whose token it says it is. Nothing is believed yet.
    fn route(&self, jwt: &Jwt<'_>) -> Result<&Trusted, TokenRefused> {
        let iss = jwt.claims.text("iss").ok_or(TokenRefused::Malformed)?;
        let mut named = self.issuers.iter().filter(|trusted| trusted.is(iss)).peekable();
        if named.peek().is_none() {
            return Err(TokenRefused::Issuer);
        }
        named.find(|trusted| trusted.reads(&jwt.claims)).map(AsRef::as_ref).ok_or(TokenRefused::Use)
    }
}
