//! What is kept of a key instead of the key. Hashing itself happens outside the domain.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, hint::black_box};

/// HMAC-SHA-256 of a key's text under a pepper that no database holds.
///
/// Without the pepper it proves nothing to anybody, so it may stand in an event. No slow hash: the
/// key has 190 bits, and slowness would only be a lever for those who call without a key.
#[derive(Clone, Copy)]
pub struct KeyDigest([u8; 32]);

/// Text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 hexadecimal digits")]
pub struct InvalidDigest;

impl KeyDigest {
    /// Wraps what the application computed.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Are they the same? Takes equally long wherever they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let differences = self.0.iter().zip(&other.0).fold(0, |sum, (a, b)| sum | (a ^ b));
        black_box(differences) == 0
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(is_hex) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(index * 2..index * 2 + 2)?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}
impl Eq for KeyDigest {}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[digest]")
    }
}
impl Serialize for KeyDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for KeyDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or(InvalidDigest).map_err(D::Error::custom)
    }
}

/// Under which a key is found: the first 8 hexadecimal digits of the SHA-256 of its text.
///
/// It is public, and several keys may share it; only the digest says which key it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Lookup(String);

/// Text that is not eight hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is looked up by 8 hexadecimal digits in lower case")]
pub struct InvalidLookup;

impl Lookup {
    /// The look-up of a key whose text has this SHA-256.
    #[must_use]
    pub fn of(sha256: &[u8; 32]) -> Self {
        Self(KeyDigest::new(*sha256).to_string().chars().take(8).collect())
    }

    /// As stored and indexed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Lookup {
    type Error = InvalidLookup;

    fn try_from(text: String) -> Result<Self, InvalidLookup> {
        if text.len() == 8 && text.bytes().all(is_hex) {
            Ok(Self(text))
        } else {
            Err(InvalidLookup)
        }
    }
}
impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for Lookup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_digest_reads_back_and_differs_in_every_bit(bytes: [u8; 32], bit in 0..256_usize) {
            let digest = KeyDigest::new(bytes);
            let json = serde_json::to_string(&digest).expect("serialises");
            prop_assert_eq!(json.len(), 66);
            let read: KeyDigest = serde_json::from_str(&json).expect("reads back");
            prop_assert!(read.matches(&digest));
            let mut other = bytes;
            other[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!KeyDigest::new(other).matches(&digest));
        }
    }

    #[test]
    fn what_is_no_digest_does_not_read_as_one() {
        for text in ["", "00", &"0".repeat(63), &"G".repeat(64), &"+f".repeat(32)] {
            assert!(serde_json::from_value::<KeyDigest>(text.into()).is_err(), "{text}");
        }
        assert_eq!(format!("{:?}", KeyDigest::new([1; 32])), "[digest]");
    }

    #[test]
    fn a_look_up_is_the_beginning_of_a_hash() {
        let mut hash = [0xff; 32];
        hash[..4].copy_from_slice(&[0x00, 0xab, 0x12, 0x9f]);
        let lookup = Lookup::of(&hash);
        assert_eq!(lookup.as_str(), "00ab129f");
        let json = serde_json::to_value(&lookup).expect("serialises");
        assert_eq!(serde_json::from_value::<Lookup>(json).expect("reads back"), lookup);
        for text in ["", "00AB129F", "00ab129", "00ab129ff"] {
            assert_eq!(Lookup::try_from(text.to_owned()), Err(InvalidLookup), "{text}");
        }
    }
}
