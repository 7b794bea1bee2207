//! An e-mail address: a way to reach a person, never the person's key.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::fmt;

/// The longest address that mail servers must carry (RFC 5321).
const LENGTH_AT_MOST: usize = 254;
/// The longest part before the `@` (RFC 5321).
const LOCAL_LENGTH_AT_MOST: usize = 64;

/// An address of the form `person@host.tld`.
///
/// The host is kept in lower case; the part before the `@` keeps the spelling its owner chose.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// Text that no mail could be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address such as ada@example.org")]
pub struct InvalidEmail;

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Do both reach the same mailbox? Every host in use ignores case before the `@` too.
    #[must_use]
    pub fn same_mailbox(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl TryFrom<&str> for Email {
    type Error = InvalidEmail;

    fn try_from(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        if text.len() > LENGTH_AT_MOST || !is_local(local) || !is_host(host) {
            return Err(InvalidEmail);
        }
        Ok(Self(format!("{local}@{}", host.to_lowercase())))
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::try_from(text.as_str())
    }
}

/// No quoting: addresses that need it exist on paper only, and invite header injection.
fn is_local(local: &str) -> bool {
    let odd = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '@' | '"' | '<' | '>' | '(' | ')')
            || matches!(c, ',' | ';' | ':' | '\\' | '[' | ']')
    };
    (1..=LOCAL_LENGTH_AT_MOST).contains(&local.len())
        && !local.contains(odd)
        && local.split('.').all(|part| !part.is_empty())
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    host.contains('.') && host.split('.').all(label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[e-mail]")
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_host_is_spelled_in_lower_case_and_a_person_as_they_like() {
        let email = Email::try_from(" Ada.Lovelace@Example.ORG ").expect("valid");
        assert_eq!(email.as_str(), "Ada.Lovelace@example.org");
        let shouted = Email::try_from("ADA.LOVELACE@example.org").expect("valid");
        assert!(email.same_mailbox(&shouted) && email != shouted);
    }

    #[test]
    fn text_that_no_mail_can_be_sent_to_is_refused() {
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "a da@example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@example.org\nBcc: eve@example.org",
            "\"ada\"@example.org",
            "ada@exa_mple.org",
            ".ada@example.org",
            "a@b@example.org",
        ] {
            assert_eq!(Email::try_from(text), Err(InvalidEmail), "{text}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        assert_eq!(Email::try_from(long), Err(InvalidEmail));
    }

    #[test]
    fn an_address_is_never_printed_for_debugging() {
        let email = Email::try_from("ada@example.org").expect("valid");
        assert_eq!(format!("{email:?}"), "[e-mail]");
    }

    proptest! {
        #[test]
        fn an_address_reads_back_as_it_was_written(text in "[ -~]{1,8}@[a-zA-Z.-]{1,12}") {
            if let Ok(email) = Email::try_from(text) {
                let json = serde_json::to_string(&email).expect("serialises");
                prop_assert_eq!(serde_json::from_str::<Email>(&json).expect("reads back"), email);
            }
        }
    }
}
