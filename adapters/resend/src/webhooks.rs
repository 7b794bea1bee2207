//! Resend's webhooks: signed by Svix, they say what became of a mail.

use async_trait::async_trait;
use bytes::Bytes;
use herald_application::{
    desk::Desk,
    inbox::{Applied, WebhookApplier},
    ports::{Hint, WebhookHeaders, WebhookRefused, WebhookSource},
    webhook_signature::{KEPT_HEADERS, Signed},
};
use herald_kernel::Instant;
use secrecy::SecretString;
use serde::Deserialize;
use std::sync::Arc;

/// Tells Resend's calls from forgeries.
#[derive(Debug, Clone)]
pub struct Webhooks {
    secrets: Vec<SecretString>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    created_at: Option<String>,
    #[serde(default)]
    data: Data,
}

/// Addresses and subjects are in it too, and not looked at.
#[derive(Default, Deserialize)]
struct Data {
    email_id: Option<String>,
}

impl Webhooks {
    /// Endpoints with these signing secrets, `whsec_…`; several while one is being replaced.
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
        let signed = Signed::from_headers(|name| headers.get(name))?;
        signed.verify(&self.secrets, body, now)?;
        let event: Event = serde_json::from_slice(body).map_err(|_| WebhookRefused::Malformed)?;
        let email = event.data.email_id.filter(|id| !id.is_empty());
        Ok(Hint {
            event_id: signed.id.to_owned(),
            key: email.clone().unwrap_or_else(|| signed.id.to_owned()),
            object: email,
            kind: event.kind,
            api_version: None,
            occurred_at: event.created_at.and_then(|at| at.parse().ok()),
        })
    }

    fn kept_headers(&self) -> &'static [&'static str] {
        &KEPT_HEADERS
    }
}

/// Counts what did not arrive. Resend itself writes no more to an address that bounced for good or
/// complained, and tells so by `email.suppressed`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Returns;

#[async_trait]
impl WebhookApplier for Returns {
    async fn apply(&self, _: &Arc<Desk>, hint: &Hint, _: &Bytes) -> Applied {
        match returned(&hint.kind) {
            Some(kind) => {
                metrics::counter!("herald_mail_returned_total", "kind" => kind).increment(1);
                let mail = hint.object.as_deref().unwrap_or_default();
                tracing::warn!(mail, kind, "a mail did not arrive");
                Applied::Done
            }
            None => Applied::Ignored(format!("`{}` asks for nothing", hint.kind)),
        }
    }
}

/// How a mail failed, if it did. A label is one of ours, never the caller's text.
fn returned(kind: &str) -> Option<&'static str> {
    match kind {
        "email.bounced" => Some("bounced"),
        "email.complained" => Some("complained"),
        "email.suppressed" => Some("suppressed"),
        "email.failed" => Some("failed"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_arrive_is_told_from_what_did() {
        for kind in ["email.bounced", "email.complained", "email.suppressed", "email.failed"] {
            assert_eq!(returned(kind), kind.strip_prefix("email."));
        }
        for kind in ["email.sent", "email.delivered", "email.opened", "contact.created", ""] {
            assert_eq!(returned(kind), None);
        }
    }
}
