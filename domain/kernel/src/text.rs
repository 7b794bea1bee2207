//! Text that a person typed, bounded and free of what a database refuses.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::fmt;

/// Trimmed text of 1 to `MAX` characters without control characters other than line breaks and tabs.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// Why text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing was left after trimming.
    #[error("this must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("this has {length} characters; at most {max} are allowed")]
    TooLong {
        /// What was given.
        length: usize,
        /// What is allowed.
        max: usize,
    },
    /// A NUL or another control character, which no person types and PostgreSQL cannot store.
    #[error("this contains a control character")]
    ControlCharacter,
}

impl<const MAX: usize> Text<MAX> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let trimmed = text.trim();
        let length = trimmed.chars().count();
        if length == 0 {
            return Err(InvalidText::Empty);
        }
        if length > MAX {
            return Err(InvalidText::TooLong { length, max: MAX });
        }
        if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(InvalidText::ControlCharacter);
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl<const MAX: usize> TryFrom<&str> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: &str) -> Result<Self, InvalidText> {
        Self::try_from(text.to_owned())
    }
}
impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What people typed may be personal: its length is enough for a log.
        write!(f, "[{} characters]", self.0.chars().count())
    }
}
impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_bounded() {
        assert_eq!(Text::<5>::try_from("  ab ").map(|t| t.to_string()), Ok("ab".to_owned()));
        assert_eq!(Text::<5>::try_from(" \n "), Err(InvalidText::Empty));
        assert_eq!(Text::<5>::try_from("abcdef"), Err(InvalidText::TooLong { length: 6, max: 5 }));
        assert_eq!(Text::<5>::try_from("a\u{0}b"), Err(InvalidText::ControlCharacter));
    }
}
