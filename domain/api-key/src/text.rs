//! The text of a key: shown once, never stored, never printed.

use crate::{base62, checksum::crc32};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, hint::black_box, mem, str::FromStr};

/// What secret scanners look for: the form of every key that was ever issued.
pub const KEY_PATTERN: &str = "herald_sk_(live|dev)_[0-9A-Za-z]{38}";

const PREFIX: &str = "herald_sk_";
const CHECKSUM_LENGTH: usize = 6;
const RANDOM_LENGTH: usize = 32;

/// Where a key acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// On the real platforms.
    Live,
    /// On the sandbox, and never on a real platform.
    Dev,
}

impl Environment {
    /// Every environment.
    pub const ALL: [Self; 2] = [Self::Live, Self::Dev];

    /// As stored, and as a key's text says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Dev => "dev",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text of a key: `herald_sk_{live|dev}_`, 32 random letters and 6 of checksum.
///
/// The 32 letters carry 190 bits. The checksum is the CRC-32 of everything before it: it finds slips
/// before any look-up and lets scanners tell a leaked key from look-alikes; it proves nothing else.
/// The text is not copied, and overwritten when it is dropped.
pub struct KeyText(String);

/// Text that is no key. None of these says anything about keys that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyText {
    /// Too short or too long, or not plain letters.
    #[error("this does not have the length of a key")]
    Length,
    /// A slip of the pen, or a part is missing.
    #[error("the checksum of this key is wrong")]
    Checksum,
    /// It does not begin as a key of ours.
    #[error("a key begins with `herald_sk_live_` or `herald_sk_dev_`")]
    Prefix,
    /// A letter that is neither a digit nor a Latin letter.
    #[error("a key consists of digits and Latin letters")]
    Letter,
}

impl KeyText {
    /// The key that these random bytes make. Their quality is the key's: draw them from the
    /// operating system, and use them for nothing else.
    #[must_use]
    pub fn compose(environment: Environment, random: &[u8; 32]) -> Self {
        let mut text = format!("{PREFIX}{environment}_{}", base62::digits(random));
        let checksum = base62::six_digits(crc32(text.as_bytes()));
        text.push_str(&checksum);
        Self(text)
    }

    /// Reads a key that a caller presented, the checksum before all else.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyText> {
        let lengths = Environment::ALL.map(length);
        if !lengths.contains(&text.len()) {
            return Err(InvalidKeyText::Length);
        }
        let (body, checksum) =
            text.split_at_checked(text.len() - CHECKSUM_LENGTH).ok_or(InvalidKeyText::Letter)?;
        if base62::six_digits(crc32(body.as_bytes())) != checksum {
            return Err(InvalidKeyText::Checksum);
        }
        let random = body.strip_prefix(PREFIX).and_then(|rest| {
            Environment::ALL
                .iter()
                .find_map(|environment| rest.strip_prefix(environment.as_str())?.strip_prefix('_'))
        });
        let random = random.ok_or(InvalidKeyText::Prefix)?;
        if random.len() != RANDOM_LENGTH || !random.bytes().all(base62::is_digit) {
            return Err(InvalidKeyText::Letter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret itself, for the one answer that shows it and for hashing.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Where the key acts, as its text says.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let is_dev = self.0.len() == length(Environment::Dev);
        if is_dev { Environment::Dev } else { Environment::Live }
    }

    /// The last four letters. They belong to the checksum, so they leave the key with at least 166
    /// of its 190 bits.
    #[must_use]
    pub fn last4(&self) -> Last4 {
        let start = self.0.len().saturating_sub(4);
        Last4(self.0.get(start..).unwrap_or_default().to_owned())
    }

    /// How the key is called where people see it: `herald_sk_live_…a1B2`.
    #[must_use]
    pub fn display(&self) -> String {
        self.last4().display(self.environment())
    }
}

const fn length(environment: Environment) -> usize {
    PREFIX.len() + environment.as_str().len() + 1 + RANDOM_LENGTH + CHECKSUM_LENGTH
}

impl FromStr for KeyText {
    type Err = InvalidKeyText;

    fn from_str(text: &str) -> Result<Self, InvalidKeyText> {
        Self::parse(text)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[API key]")
    }
}

impl Drop for KeyText {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Else the compiler may leave out what nobody reads.
        black_box(&bytes);
    }
}

/// The last four letters of a key: enough for its owner to tell it from the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Last4(String);

/// Text that is not the end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key ends in four digits or Latin letters")]
pub struct InvalidLast4;

impl Last4 {
    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How a key of this ending is called where people see it.
    #[must_use]
    pub fn display(&self, environment: Environment) -> String {
        format!("{PREFIX}{environment}_…{}", self.0)
    }
}

impl TryFrom<String> for Last4 {
    type Error = InvalidLast4;

    fn try_from(text: String) -> Result<Self, InvalidLast4> {
        let fits = text.len() == 4 && text.bytes().all(base62::is_digit);
        if fits { Ok(Self(text)) } else { Err(InvalidLast4) }
    }
}

impl<'de> Deserialize<'de> for Last4 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
