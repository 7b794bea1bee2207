//! Clerk's webhooks: signed by Svix, hints at whom to read again.

use crate::wire;
use herald_application::ports::{
    DirectoryEvent, Hint, WebhookHeaders, WebhookRefused, WebhookSource,
};
use herald_kernel::Instant;
use herald_svix::{KEPT_HEADERS, Signed};
use secrecy::SecretString;
use serde::Deserialize;

/// Tells Clerk's calls from forgeries.
#[derive(Debug, Clone)]
pub struct Webhooks {
    secrets: Vec<SecretString>,
}

/// A body that is not of Clerk's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no event of Clerk's")]
pub struct Unreadable;

/// What every event has.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    timestamp: Option<i64>,
    data: Data,
}

/// Users name themselves by `id`, sessions name theirs by `user_id`.
#[derive(Deserialize)]
struct Data {
    id: Option<String>,
    user_id: Option<String>,
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
        let subject = event.subject().map(str::to_owned);
        Ok(Hint {
            // Clerk's events have no id of their own: the message's is the same at every delivery.
            event_id: signed.id.to_owned(),
            key: subject.clone().unwrap_or_else(|| signed.id.to_owned()),
            object: event.data.id.or(subject),
            kind: event.kind,
            api_version: None,
            occurred_at: event.timestamp.and_then(wire::instant),
        })
    }

    fn kept_headers(&self) -> &'static [&'static str] {
        &KEPT_HEADERS
    }
}

/// Reads a verified body.
pub fn read_event(body: &[u8]) -> Result<DirectoryEvent, Unreadable> {
    let event: Event = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let subject = || event.subject().map(str::to_owned).ok_or(Unreadable);
    let session = || event.data.id.clone().ok_or(Unreadable);
    Ok(match event.kind.as_str() {
        "user.created" | "user.updated" => DirectoryEvent::UserChanged { subject: subject()? },
        "user.deleted" => DirectoryEvent::UserDeleted { subject: subject()? },
        "session.created" => {
            DirectoryEvent::SessionStarted { subject: subject()?, session: session()? }
        }
        "session.ended" | "session.removed" | "session.revoked" => {
            DirectoryEvent::SessionEnded { subject: subject()?, session: session()? }
        }
        _ => DirectoryEvent::Ignored { kind: event.kind },
    })
}

impl Event {
    /// The person whom it is about.
    fn subject(&self) -> Option<&str> {
        let named = self.data.user_id.as_deref();
        let own = self.data.id.as_deref().filter(|_| self.kind.starts_with("user."));
        named.or(own).filter(|subject| !subject.is_empty())
    }
}
