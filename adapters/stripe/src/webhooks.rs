//! Stripe as a source of webhooks.

use crate::{hint::read_hint, signature::verify};
use herald_application::ports::{Hint, WebhookHeaders, WebhookRefused, WebhookSource};
use herald_kernel::Instant;
use secrecy::SecretString;

/// Tells Stripe's calls from forgeries.
#[derive(Debug, Clone)]
pub struct Webhooks {
    secrets: Vec<SecretString>,
}

impl Webhooks {
    /// With the endpoint's secrets: two while one replaces the other. Without any, nothing passes.
    #[must_use]
    pub const fn new(secrets: Vec<SecretString>) -> Self {
        Self { secrets }
    }
}

impl WebhookSource for Webhooks {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Instant,
    ) -> Result<Hint, WebhookRefused> {
        // Without a secret there is nothing to check, whatever the call looks like.
        let header = headers.get("stripe-signature").unwrap_or_default();
        verify(&self.secrets, header, body, now)?;
        read_hint(body)
    }
}
