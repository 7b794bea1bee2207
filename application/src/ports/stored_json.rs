//! JSON as it is stored: its text. A tree is built of it only for whoever needs one, which costs as
//! much as all the rest of reading an event.

use super::StoreError;
use serde::{
    Deserialize, Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, fmt};

/// The text of a JSON value, as an engine stores it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredJson(Box<str>);

impl StoredJson {
    /// Takes a text. That it is JSON shows when it is read.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parsed. `Corrupt` when the stored text is not JSON.
    pub fn value(&self) -> Result<Value, StoreError> {
        let not_json = |_| StoreError::Corrupt("a stored event is not JSON".to_owned());
        serde_json::from_str(&self.0).map_err(not_json)
    }

    /// The string that stands under `name` in an object.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut found = None;
        let read = entries(&self.0, |entry, value| {
            if entry == name {
                found = string(value);
            }
        });
        read.ok().and(found)
    }
}

impl fmt::Debug for StoredJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for StoredJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Value> for StoredJson {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into())
    }
}

/// Tells every entry of the object that `json` is: its name, and the text of its value.
pub(crate) fn entries<'j>(
    json: &'j str,
    tell: impl FnMut(Cow<'j, str>, &'j str),
) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Entries(tell))?;
    reader.end()
}

/// The string that `json` is, copied only where something in it is escaped.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(json).ok().map(|text| text.0)
}

#[derive(Deserialize)]
struct Text<'j>(#[serde(borrow)] Cow<'j, str>);

struct Entries<F>(F);

impl<'j, F: FnMut(Cow<'j, str>, &'j str)> Visitor<'j> for Entries<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            (self.0)(name, map.next_value::<&'j RawValue>()?.get());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_found_under_its_name_and_nothing_else_is() {
        let json = StoredJson::new(
            r#"{"a": "x", "n": {"a": "inner"}, "e": "Gr\u00fc\u00dfe\n", "\u0062": "y", "i": 7}"#,
        );
        let found = |name| json.text(name).map(Cow::into_owned);
        assert_eq!(found("a").as_deref(), Some("x"));
        assert_eq!(found("e").as_deref(), Some("Grüße\n"));
        assert_eq!(found("b").as_deref(), Some("y"));
        assert_eq!(
            (found("n"), found("i"), found("inner"), found("missing")),
            (None, None, None, None)
        );
    }

    #[test]
    fn what_is_no_object_has_nothing_in_it() {
        for json in ["", "null", "[1]", "\"a\"", "{\"a\": \"x\"", "{\"a\": \"x\"} x"] {
            assert_eq!(StoredJson::new(json).text("a"), None, "{json}");
        }
    }

    #[test]
    fn the_tree_is_that_of_the_text_and_no_tree_is_told() {
        let value = serde_json::json!({"a": [1, "x"], "b": null});
        assert_eq!(StoredJson::from(&value).value(), Ok(value));
        assert!(matches!(StoredJson::new("{").value(), Err(StoreError::Corrupt(_))));
    }
}
