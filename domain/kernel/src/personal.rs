//! A value that belongs to a person: readable until its account's key is destroyed.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use std::fmt;

/// A personal value in an event.
///
/// Serialises as `{"$personal": value}`. The journal replaces that object by a ciphertext before it
/// is stored and restores it on reading; once the key is destroyed it reads as [`Self::Forgotten`].
/// The domain knows no cipher.
#[derive(Clone, PartialEq, Eq)]
pub enum Personal<T> {
    /// The key exists.
    Known(T),
    /// The key was destroyed: nobody can read this value again.
    Forgotten,
}

impl<T> Personal<T> {
    /// The value, unless it was forgotten.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Forgotten => None,
        }
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "[personal]",
            Self::Forgotten => "[forgotten]",
        })
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Known(value) => map.serialize_entry("$personal", value)?,
            Self::Forgotten => map.serialize_entry("$forgotten", &())?,
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        enum Wire<T> {
            #[serde(rename = "$personal")]
            Known(T),
            #[serde(rename = "$forgotten")]
            Forgotten(()),
        }
        Ok(match Wire::deserialize(deserializer)? {
            Wire::Known(value) => Self::Known(value),
            Wire::Forgotten(()) => Self::Forgotten,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_is_marked_for_the_journal_and_never_printed() {
        let value = Personal::Known("ada@example.org".to_owned());
        assert_eq!(format!("{value:?}"), "[personal]");
        let json = serde_json::to_value(&value).expect("serialises");
        assert_eq!(json, serde_json::json!({"$personal": "ada@example.org"}));
        assert_eq!(serde_json::from_value::<Personal<String>>(json).expect("reads back"), value);
    }

    #[test]
    fn a_forgotten_value_reads_as_forgotten() {
        let json = serde_json::json!({"$forgotten": null});
        let value: Personal<String> = serde_json::from_value(json).expect("reads");
        assert_eq!(value, Personal::Forgotten);
        assert_eq!(value.known(), None);
    }
}
