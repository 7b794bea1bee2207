//! The people who can sign in with a click, the same at every provider.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// What forms and the control API call them: `ada`.
    pub(crate) key: String,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    /// Organisations at GitHub: name, role, state.
    #[serde(default)]
    pub(crate) organisations: Vec<Membership>,
}

/// A place in an organisation at GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) organisation: String,
    /// `admin`, `member` or `billing_manager`.
    pub(crate) role: String,
    /// `active` or `pending`.
    pub(crate) state: String,
}

impl Person {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }

    /// GitHub's name for them.
    pub(crate) fn login(&self) -> String {
        let name = self.name().to_ascii_lowercase();
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    }

    /// A number that is theirs at one provider, the same in every sandbox.
    pub(crate) fn number(&self, provider: &str) -> u64 {
        let digest = Sha256::digest(format!("{provider}/{}", self.key));
        let first = digest.iter().take(6).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        first.saturating_add(1_000_000)
    }

    /// An id in hexadecimal that is theirs at one provider.
    pub(crate) fn digest(&self, provider: &str) -> String {
        Sha256::digest(format!("{provider}/{}", self.key)).iter().fold(
            String::new(),
            |mut text, byte| {
                use std::fmt::Write as _;
                let _ = write!(text, "{byte:02x}");
                text
            },
        )
    }

    /// The subject that Google knows them by: 21 digits.
    pub(crate) fn google_subject(&self) -> String {
        format!("1{:020}", self.number("google"))
    }
}

/// Everybody who is there from the start. Cleo's address is not verified.
pub(crate) fn first() -> Vec<Person> {
    let person = |key: &str, given: &str, family: &str, verified: bool| Person {
        key: key.to_owned(),
        given: given.to_owned(),
        family: family.to_owned(),
        email: format!("{key}@bakery.example"),
        email_verified: verified,
        organisations: Vec::new(),
    };
    let place = |role: &str, state: &str| Membership {
        organisation: "sandbox-bakery".to_owned(),
        role: role.to_owned(),
        state: state.to_owned(),
    };
    vec![
        Person {
            organisations: vec![place("admin", "active")],
            ..person("ada", "Ada", "Baker", true)
        },
        Person {
            organisations: vec![place("member", "active")],
            ..person("ben", "Ben", "Cook", true)
        },
        Person {
            organisations: vec![place("member", "pending")],
            ..person("cleo", "Cleo", "Diaz", false)
        },
        person("dan", "Dan", "Evans", true),
    ]
}
