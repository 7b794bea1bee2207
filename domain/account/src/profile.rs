//! What a business sells, to whom and how it speaks: what every plan and every text starts from.

use herald_kernel::Text;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::fmt;

/// The name of a business.
pub type AccountName = Text<120>;
/// The name of a person.
pub type PersonName = Text<120>;
/// One thing that a business wants to reach.
pub type Goal = Text<300>;

/// More goals than this are none.
pub const GOALS_AT_MOST: usize = 10;

/// What a business says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessProfile {
    /// What it is called.
    pub name: AccountName,
    /// What it sells.
    pub sells: Text<2000>,
    /// Whom it wants to reach.
    pub audience: Text<2000>,
    /// How it speaks.
    pub tone: Text<500>,
    /// What it wants to reach, at most [`GOALS_AT_MOST`].
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Where to read more.
    #[serde(default)]
    pub website: Option<Website>,
}

/// The address of a website, starting with `https://` or `http://`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Website(Text<300>);

/// Text that is not the address of a website.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the address of a website such as https://example.org")]
pub struct InvalidWebsite;

impl Website {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for Website {
    type Error = InvalidWebsite;

    fn try_from(text: String) -> Result<Self, InvalidWebsite> {
        let text = Text::try_from(text).map_err(|_| InvalidWebsite)?;
        let (scheme, rest) = text.as_str().split_once("://").ok_or(InvalidWebsite)?;
        let known = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A name before an `@` is a password in the making, or a trap for the reader.
        let plain = !host.is_empty() && !host.contains('@') && !rest.contains(char::is_whitespace);
        if known && plain { Ok(Self(text)) } else { Err(InvalidWebsite) }
    }
}

impl TryFrom<&str> for Website {
    type Error = InvalidWebsite;

    fn try_from(text: &str) -> Result<Self, InvalidWebsite> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Website {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_is_an_address_that_a_browser_opens() {
        for text in ["https://example.org", "HTTP://example.org/shop?a=b", "https://exämple.org"] {
            assert_eq!(Website::try_from(text).expect("valid").as_str(), text);
        }
        for text in [
            "example.org",
            "javascript://alert(1)",
            "https://",
            "https:///path",
            "https://ada:secret@example.org",
            "https://example.org/a b",
            "",
        ] {
            assert_eq!(Website::try_from(text), Err(InvalidWebsite), "{text}");
        }
    }
}
