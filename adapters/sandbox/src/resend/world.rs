//! What Resend remembers: every mail, and which keys were used.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;

/// A mail that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) bcc: Vec<String>,
    pub(crate) reply_to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) html: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The names of what was attached.
    pub(crate) attachments: Vec<String>,
    pub(crate) scheduled_at: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) at: Millis,
    /// `sent`, `delivered`, `bounced`, …
    pub(crate) last_event: String,
}

/// An answer that is given again for the same key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// A hash of what was sent with the key.
    pub(crate) payload: String,
    pub(crate) answer: Value,
    pub(crate) at: Millis,
}

/// One change of what Resend remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    Accepted { mail: Box<Mail> },
    Answered { key: String, answered: Answered },
    Became { id: String, event: String },
}

/// Everything that Resend remembers.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) mails: Vec<Mail>,
    places: HashMap<String, usize>,
    keys: HashMap<String, Answered>,
}

impl World {
    /// Believes a change; all rules were applied before it was written down.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Accepted { mail } => {
                self.places.insert(mail.id.clone(), self.mails.len());
                self.mails.push(*mail);
            }
            Change::Answered { key, answered } => drop(self.keys.insert(key, answered)),
            Change::Became { id, event } => {
                let place = self.places.get(&id).copied();
                if let Some(mail) = place.and_then(|place| self.mails.get_mut(place)) {
                    mail.last_event = event;
                }
            }
        }
    }

    /// One mail.
    pub(crate) fn get(&self, id: &str) -> Option<&Mail> {
        self.mails.get(*self.places.get(id)?)
    }

    /// What was answered under a key within a day.
    pub(crate) fn answered(&self, key: &str, now: Millis) -> Option<&Answered> {
        self.keys.get(key).filter(|kept| now.saturating_sub(kept.at) < 86_400_000)
    }
}

impl From<Change> for crate::world::Change {
    fn from(what: Change) -> Self {
        Self::Resend { what }
    }
}
