//! What the identity providers remember: people, grants, and which key signs.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::people::{self, Person};
use crate::clock::Millis;

/// Consent given on a page and not yet exchanged. Only the code's hash is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) issuer: String,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Whether a refresh token was asked for.
    pub(crate) offline: bool,
    pub(crate) expires_at: Millis,
}

/// What an access or refresh token stands for. Only its hash is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) issuer: String,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    /// When the person signed in, by the machine's clock.
    #[serde(default)]
    pub(crate) signed_in_at: Millis,
    /// Tokens of one sign-in end together.
    pub(crate) family: String,
    pub(crate) expires_at: Option<Millis>,
}

/// One change of what the identity providers remember.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    CodeIssued {
        key: String,
        code: Code,
    },
    CodeUsed {
        key: String,
    },
    AccessGranted {
        key: String,
        grant: Grant,
    },
    RefreshGranted {
        key: String,
        grant: Grant,
    },
    /// A rotated refresh token: remembered, so that its reuse is noticed.
    RefreshUsed {
        key: String,
    },
    FamilyEnded {
        family: String,
    },
    UserEnded {
        issuer: String,
        user: String,
    },
    PersonSaved {
        person: Person,
    },
    KeyRotated {
        issuer: String,
        keep_old: bool,
    },
}

/// Which generation of keys signs, and whether the one before is still published.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Generation {
    pub(crate) number: usize,
    pub(crate) old_published: bool,
}

/// Everything that the identity providers share and remember.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Grant>,
    pub(crate) refresh: HashMap<String, Grant>,
    pub(crate) spent: HashMap<String, Grant>,
    generations: HashMap<String, Generation>,
}

impl Default for World {
    fn default() -> Self {
        let people = people::first().into_iter().map(|person| (person.key.clone(), person));
        Self {
            people: people.collect(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            spent: HashMap::new(),
            generations: HashMap::new(),
        }
    }
}

impl World {
    /// Believes a change; all rules were applied before it was written down.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::CodeIssued { key, code } => {
                let issued = code.expires_at;
                self.codes.retain(|_, kept| kept.expires_at.saturating_add(600_000) > issued);
                self.codes.insert(key, code);
            }
            Change::CodeUsed { key } => drop(self.codes.remove(&key)),
            Change::AccessGranted { key, grant } => self.remember(key, grant),
            Change::RefreshGranted { key, grant } => drop(self.refresh.insert(key, grant)),
            Change::RefreshUsed { key } => {
                if let Some(grant) = self.refresh.remove(&key) {
                    self.spent.insert(key, grant);
                }
            }
            Change::FamilyEnded { family } => self.end(|grant| grant.family == family),
            Change::UserEnded { issuer, user } => {
                self.end(|grant| grant.issuer == issuer && grant.user == user);
            }
            Change::PersonSaved { person } => {
                drop(self.people.insert(person.key.clone(), person));
            }
            Change::KeyRotated { issuer, keep_old } => {
                let generation = self.generations.entry(issuer).or_default();
                generation.number = generation.number.saturating_add(1);
                generation.old_published = keep_old;
            }
        }
    }

    /// The generation of an issuer's keys.
    pub(crate) fn generation(&self, issuer: &str) -> Generation {
        self.generations.get(issuer).copied().unwrap_or_default()
    }

    /// The person of a key or an e-mail address.
    pub(crate) fn person(&self, name: &str) -> Option<&Person> {
        self.people.get(name).or_else(|| self.people.values().find(|person| person.email == name))
    }

    fn end(&mut self, matches: impl Fn(&Grant) -> bool) {
        self.access.retain(|_, grant| !matches(grant));
        self.refresh.retain(|_, grant| !matches(grant));
        self.spent.retain(|_, grant| !matches(grant));
    }

    /// Expired tokens are forgotten once there are many.
    fn remember(&mut self, key: String, grant: Grant) {
        const MANY: usize = 20_000;
        if self.access.len() >= MANY {
            let newest = grant.expires_at.unwrap_or_default();
            let day = 86_400_000;
            self.access
                .retain(|_, kept| kept.expires_at.is_none_or(|at| at.saturating_add(day) > newest));
        }
        self.access.insert(key, grant);
    }
}

impl From<Change> for crate::world::Change {
    fn from(what: Change) -> Self {
        Self::Identity { what }
    }
}
