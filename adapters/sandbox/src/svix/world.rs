//! The messages that were made, delivered or not.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// Something that a provider has to tell.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) provider: String,
    /// The event's type, for example `user.created`.
    pub(crate) kind: String,
    /// The body, byte by byte the same in every delivery.
    pub(crate) body: String,
    pub(crate) at: Millis,
    pub(crate) delivered: bool,
}

/// One change of what is remembered of webhooks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    Made { message: Message },
    Delivered { id: String },
}

/// Every message, oldest first.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) messages: Vec<Message>,
    places: HashMap<String, usize>,
}

impl World {
    /// Believes a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Made { message } => {
                self.places.insert(message.id.clone(), self.messages.len());
                self.messages.push(message);
            }
            Change::Delivered { id } => {
                let place = self.places.get(&id).copied();
                if let Some(message) = place.and_then(|place| self.messages.get_mut(place)) {
                    message.delivered = true;
                }
            }
        }
    }

    /// One message.
    pub(crate) fn get(&self, id: &str) -> Option<&Message> {
        self.messages.get(*self.places.get(id)?)
    }

    /// One provider's messages, oldest first.
    pub(crate) fn of<'a>(&'a self, provider: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.iter().filter(move |message| message.provider == provider)
    }
}

impl From<Change> for crate::world::Change {
    fn from(what: Change) -> Self {
        Self::Svix { what }
    }
}
