//! Resend's webhooks: signed by Svix, they say what became of a mail.

use async_trait::async_trait;
use bytes::Bytes;
use herald_application::{
    desk::Desk,
    failure::Failure,
    inbox::{Applied, WebhookApplier},
    notices,
    ports::{Hint, SuppressedBy, WebhookHeaders, WebhookRefused, WebhookSource},
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

/// Subjects are in it too, and not looked at.
#[derive(Default, Deserialize)]
struct Data {
    email_id: Option<String>,
    #[serde(default)]
    to: Vec<String>,
    bounce: Option<Bounce>,
}

#[derive(Deserialize)]
struct Bounce {
    #[serde(rename = "type")]
    kind: Option<String>,
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

/// Counts what did not arrive, and suppresses addresses that bounced for good or complained. Resend
/// keeps a list of its own, tells of it by `email.suppressed`, and shows it to no key for sending: so
/// here, the signed body is believed and nobody is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Returns;

#[async_trait]
impl WebhookApplier for Returns {
    async fn apply(&self, desk: &Arc<Desk>, hint: &Hint, raw: &Bytes) -> Applied {
        match returned(&hint.kind) {
            Some(kind) => {
                if let Err(failure) = suppress(desk, hint, raw).await {
                    return failure.into();
                }
                metrics::counter!("herald_mail_returned_total", "kind" => kind).increment(1);
                let mail = hint.object.as_deref().unwrap_or_default();
                tracing::warn!(mail, kind, "a mail did not arrive");
                Applied::Done
            }
            None => Applied::Ignored(format!("`{}` asks for nothing", hint.kind)),
        }
    }
}

/// Suppresses whom an event is about, if it is of a kind for that.
async fn suppress(desk: &Desk, hint: &Hint, raw: &Bytes) -> Result<(), Failure> {
    // What was verified when it came is read again, so it is of its documented form.
    let Ok(event) = serde_json::from_slice::<Event>(raw) else { return Ok(()) };
    let Some(cause) = cause(&hint.kind, event.data.bounce.as_ref()) else { return Ok(()) };
    let since = hint.occurred_at.unwrap_or_else(|| desk.clock.now());
    for address in &event.data.to {
        notices::suppress(desk, address, cause, since).await?;
    }
    Ok(())
}

/// A mailbox that is full or away for a day is there again tomorrow.
fn cause(kind: &str, bounce: Option<&Bounce>) -> Option<SuppressedBy> {
    let for_good = bounce.and_then(|bounce| bounce.kind.as_deref()) == Some("Permanent");
    match kind {
        "email.bounced" if for_good => Some(SuppressedBy::Bounce),
        "email.complained" => Some(SuppressedBy::Complaint),
        _ => None,
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
    fn who_bounced_for_good_or_complained_is_suppressed_and_nobody_else() {
        let bounce = |kind: &str| Bounce { kind: Some(kind.to_owned()) };
        let permanent = bounce("Permanent");
        assert_eq!(cause("email.bounced", Some(&permanent)), Some(SuppressedBy::Bounce));
        assert_eq!(cause("email.complained", None), Some(SuppressedBy::Complaint));
        for kind in ["Transient", "Undetermined", ""] {
            assert_eq!(cause("email.bounced", Some(&bounce(kind))), None);
        }
        assert_eq!(cause("email.bounced", None), None);
        for kind in ["email.suppressed", "email.failed", "email.delivered", ""] {
            assert_eq!(cause(kind, Some(&permanent)), None, "{kind}");
        }
    }

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
