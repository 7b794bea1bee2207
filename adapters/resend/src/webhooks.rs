//! Resend's webhooks: signed by Svix, they say what became of a mail.

use herald_application::ports::{
    Hint, MailReturn, Returned, WebhookHeaders, WebhookRefused, WebhookSource,
};
use herald_kernel::Instant;
use herald_svix::{KEPT_HEADERS, Signed};
use secrecy::SecretString;
use serde::Deserialize;

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

/// Reads a verified body: a mail that did not arrive or was not wanted, if it tells of one.
#[must_use]
pub fn read_return(body: &[u8]) -> Option<MailReturn> {
    let event: Event = serde_json::from_slice(body).ok()?;
    let bounce = event.data.bounce.and_then(|bounce| bounce.kind);
    let how = match event.kind.as_str() {
        "email.bounced" => Returned::Bounced { for_good: bounce.as_deref() == Some("Permanent") },
        "email.complained" => Returned::Complained,
        "email.suppressed" => Returned::Suppressed,
        "email.failed" => Returned::Failed,
        _ => return None,
    };
    Some(MailReturn { how, to: event.data.to })
}
