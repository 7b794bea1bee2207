//! What Cognito remembers: users, the codes it sent, and challenges not yet answered.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::identity::people;
use crate::identity::settings::COGNITO_PASSWORD;
use crate::x::hash;

/// When everybody who is there from the start was created.
const BEGINNING: Millis = 1_757_289_600_000;

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Unconfirmed,
    Confirmed,
    ForceChangePassword,
    ResetRequired,
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Factor {
    Sms,
    /// A code of an authenticator; the secret in base32.
    Totp {
        secret: String,
    },
}

/// A user of the pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// The subject, which is also the user name, as in a pool whose users sign in by e-mail.
    pub(crate) sub: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) status: Status,
    /// The password's hash, bound to the subject.
    pub(crate) password: String,
    pub(crate) factor: Option<Factor>,
    pub(crate) created_at: Millis,
    pub(crate) updated_at: Millis,
}

impl User {
    pub(crate) fn email(&self) -> &str {
        self.attributes.get("email").map_or("", String::as_str)
    }
}

/// The hash that is kept of a password.
pub(crate) fn sealed(sub: &str, password: &str) -> String {
    hash(&format!("{sub}/{password}"))
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    ConfirmSignUp,
    ResetPassword,
    SecondFactor,
    /// Not a code but a first password, sent to somebody whom an administrator created.
    TemporaryPassword,
}

/// A letter or text message with a code in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) user: String,
    pub(crate) to: String,
    /// `EMAIL` or `SMS`.
    pub(crate) medium: String,
    pub(crate) purpose: Purpose,
    pub(crate) code: String,
    pub(crate) at: Millis,
    pub(crate) expires_at: Millis,
}

/// A challenge not yet answered. Only the hash of its session is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) user: String,
    pub(crate) client: String,
    /// `NEW_PASSWORD_REQUIRED`, `SMS_MFA` or `SOFTWARE_TOKEN_MFA`.
    pub(crate) name: String,
    pub(crate) expires_at: Millis,
}

/// One change of what Cognito remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    UserSaved { user: User },
    UserDeleted { sub: String },
    Sent { letter: Letter },
    CodeSpent { user: String, purpose: Purpose },
    CodeMissed { user: String, purpose: Purpose },
    PasswordMissed { user: String, at: Millis },
    PasswordFound { user: String },
    Challenged { key: String, challenge: Challenge },
    Answered { key: String },
}

/// Everything that Cognito remembers.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) letters: Vec<Letter>,
    /// The letter whose code counts, by its place, for each user and purpose.
    live: HashMap<(String, Purpose), usize>,
    pub(crate) misses: HashMap<(String, Purpose), u32>,
    /// How often a password was wrong in a row, and when it last was.
    pub(crate) guesses: HashMap<String, (u32, Millis)>,
    pub(crate) challenges: HashMap<String, Challenge>,
}

impl Default for World {
    fn default() -> Self {
        let users = people::first().into_iter().map(|person| {
            let sub = uuid(&person.digest("cognito"));
            let attributes = BTreeMap::from([
                ("sub".to_owned(), sub.clone()),
                ("email".to_owned(), person.email.clone()),
                ("email_verified".to_owned(), person.email_verified.to_string()),
                ("given_name".to_owned(), person.given.clone()),
                ("family_name".to_owned(), person.family.clone()),
                ("name".to_owned(), person.name()),
            ]);
            let user = User {
                password: sealed(&sub, COGNITO_PASSWORD),
                sub,
                attributes,
                status: Status::Confirmed,
                factor: None,
                created_at: BEGINNING,
                updated_at: BEGINNING,
            };
            (user.sub.clone(), user)
        });
        Self {
            users: users.collect(),
            letters: Vec::new(),
            live: HashMap::new(),
            misses: HashMap::new(),
            guesses: HashMap::new(),
            challenges: HashMap::new(),
        }
    }
}

/// Hexadecimal letters, printed as a UUID of version 4.
pub(crate) fn uuid(digest: &str) -> String {
    let mut text = String::new();
    for (place, letter) in digest.chars().take(32).enumerate() {
        if [8, 12, 16, 20].contains(&place) {
            text.push('-');
        }
        text.push(match place {
            12 => '4',
            16 => '8',
            _ => letter,
        });
    }
    text
}

impl World {
    /// Believes a change; all rules were applied before it was written down.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::UserSaved { user } => drop(self.users.insert(user.sub.clone(), user)),
            Change::UserDeleted { sub } => {
                self.users.remove(&sub);
                self.live.retain(|(user, _), _| *user != sub);
                self.challenges.retain(|_, challenge| challenge.user != sub);
            }
            Change::Sent { letter } => {
                let slot = (letter.user.clone(), letter.purpose);
                self.misses.remove(&slot);
                self.live.insert(slot, self.letters.len());
                self.letters.push(letter);
            }
            Change::CodeSpent { user, purpose } => drop(self.live.remove(&(user, purpose))),
            Change::CodeMissed { user, purpose } => {
                let count = self.misses.entry((user, purpose)).or_default();
                *count = count.saturating_add(1);
            }
            Change::PasswordMissed { user, at } => {
                let (count, last) = self.guesses.entry(user).or_default();
                *count = count.saturating_add(1);
                *last = at;
            }
            Change::PasswordFound { user } => drop(self.guesses.remove(&user)),
            Change::Challenged { key, challenge } => drop(self.challenges.insert(key, challenge)),
            Change::Answered { key } => drop(self.challenges.remove(&key)),
        }
    }

    /// The user of a subject or an address.
    pub(crate) fn find(&self, name: &str) -> Option<&User> {
        let by_email = |user: &&User| user.email().eq_ignore_ascii_case(name);
        self.users.get(name).or_else(|| self.users.values().find(by_email))
    }

    /// The code that counts, if one was sent and not used.
    pub(crate) fn code(&self, user: &str, purpose: Purpose) -> Option<&Letter> {
        self.live.get(&(user.to_owned(), purpose)).and_then(|place| self.letters.get(*place))
    }
}

impl From<Change> for crate::world::Change {
    fn from(what: Change) -> Self {
        Self::Cognito { what }
    }
}
