//! What Clerk remembers: users and their sessions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Millis;
use crate::identity::people;

/// When everybody who is there from the start was created.
const BEGINNING: Millis = 1_757_289_600_000;

/// An address of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Email {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) verified: bool,
}

/// A user, as far as Clerk's answers show one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    /// What forms and the control API call them; empty for those who came later.
    #[serde(default)]
    pub(crate) key: String,
    pub(crate) external_id: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) emails: Vec<Email>,
    pub(crate) primary_email: Option<String>,
    pub(crate) public_metadata: Map<String, Value>,
    pub(crate) private_metadata: Map<String, Value>,
    pub(crate) unsafe_metadata: Map<String, Value>,
    pub(crate) banned: bool,
    pub(crate) created_at: Millis,
    pub(crate) updated_at: Millis,
    pub(crate) last_sign_in_at: Option<Millis>,
}

impl User {
    /// The primary address, wherever it stands in the list.
    pub(crate) fn primary(&self) -> Option<&Email> {
        self.emails.iter().find(|email| Some(&email.id) == self.primary_email.as_ref())
    }

    pub(crate) fn name(&self) -> String {
        [self.first_name.as_deref(), self.last_name.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A session of a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) user: String,
    /// `active`, `pending`, `revoked`, `ended`.
    pub(crate) status: String,
    pub(crate) created_at: Millis,
    pub(crate) updated_at: Millis,
}

/// One change of what Clerk remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    UserSaved { user: Box<User> },
    UserDeleted { id: String },
    SessionSaved { session: Session },
}

/// Everything that Clerk remembers.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) sessions: BTreeMap<String, Session>,
}

impl Default for World {
    fn default() -> Self {
        let users = people::first().into_iter().map(|person| {
            let digest = person.digest("clerk");
            let short: String = digest.chars().take(24).collect();
            let email = Email {
                id: format!("idn_2{short}"),
                address: person.email.clone(),
                verified: person.email_verified,
            };
            let user = User {
                id: format!("user_2{short}"),
                key: person.key.clone(),
                external_id: None,
                username: None,
                first_name: Some(person.given),
                last_name: Some(person.family),
                primary_email: Some(email.id.clone()),
                emails: vec![email],
                public_metadata: Map::new(),
                private_metadata: Map::new(),
                unsafe_metadata: Map::new(),
                banned: false,
                created_at: BEGINNING,
                updated_at: BEGINNING,
                last_sign_in_at: None,
            };
            (user.id.clone(), user)
        });
        Self { users: users.collect(), sessions: BTreeMap::new() }
    }
}

impl World {
    /// Believes a change; all rules were applied before it was written down.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::UserSaved { user } => drop(self.users.insert(user.id.clone(), *user)),
            Change::UserDeleted { id } => {
                self.users.remove(&id);
                self.sessions.retain(|_, session| session.user != id);
            }
            Change::SessionSaved { session } => {
                drop(self.sessions.insert(session.id.clone(), session));
            }
        }
    }

    /// The user of an id, a key or an address.
    pub(crate) fn find(&self, name: &str) -> Option<&User> {
        let named = |user: &&User| {
            (!user.key.is_empty() && user.key == name)
                || user.emails.iter().any(|email| email.address.eq_ignore_ascii_case(name))
        };
        self.users.get(name).or_else(|| self.users.values().find(named))
    }
}

impl From<Change> for crate::world::Change {
    fn from(what: Change) -> Self {
        Self::Clerk { what }
    }
}
