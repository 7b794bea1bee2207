//! Personal values in events: a ciphertext in the log, a value in the domain.
//!
//! The digest covers the ciphertext, so destroying an account's key leaves the chain intact.

use super::{
    canonical,
    keyring::{DataKey, KeyringError},
};
use crate::ports::{entries, string};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::{Value, json, value::RawValue};
use uuid::Uuid;

const OPEN: &str = "$personal";
const SEALED: &str = "$enc";

/// Where an event stands: its ciphertexts open nowhere else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) kind: &'p str,
    pub(crate) id: Uuid,
    pub(crate) sequence: u64,
}

impl Place<'_> {
    fn at(&self, pointer: &str) -> String {
        format!("event\n{}\n{}\n{}\n{pointer}", self.kind, self.id, self.sequence)
    }
}

/// Replaces every `{"$personal": …}` by `{"$enc": "<base64>"}`.
pub(crate) fn seal(payload: &mut Value, key: &DataKey, place: &Place<'_>) {
    walk(payload, &mut |object, pointer| {
        let plain = sole_entry(object, OPEN)?;
        let sealed = key.seal(&place.at(pointer), plain.to_string().as_bytes());
        Some(json!({ SEALED: STANDARD_NO_PAD.encode(sealed) }))
    });
}

/// The payload with every `{"$enc": …}` replaced by what it holds, or by `{"$forgotten": null}`
/// without a key. Of the text, only what leads to a sealed value is taken apart.
pub(crate) fn open(
    payload: &str,
    key: Option<&DataKey>,
    place: &Place<'_>,
) -> Result<String, KeyringError> {
    let opening = Opening { key, place };
    let mut opened = String::with_capacity(payload.len());
    opening.value(payload, &mut String::new(), &mut opened)?;
    Ok(opened)
}

/// Does the text of a payload carry anything to open? It may say so of one that does not.
pub(crate) fn may_be_sealed(payload: &str) -> bool {
    payload.contains("\"$enc\"")
}

struct Opening<'o> {
    key: Option<&'o DataKey>,
    place: &'o Place<'o>,
}

impl Opening<'_> {
    /// Writes `json`, to which `pointer` leads, and which does so again afterwards.
    fn value(
        &self,
        json: &str,
        pointer: &mut String,
        out: &mut String,
    ) -> Result<(), KeyringError> {
        match json.bytes().next() {
            Some(b'{') if may_be_sealed(json) => self.object(json, pointer, out),
            Some(b'[') if may_be_sealed(json) => self.array(json, pointer, out),
            _ => {
                out.push_str(json);
                Ok(())
            }
        }
    }

    fn object(
        &self,
        json: &str,
        pointer: &mut String,
        out: &mut String,
    ) -> Result<(), KeyringError> {
        let mut all = Vec::new();
        // What is no JSON holds nothing that was sealed; whoever reads the event will say so.
        if entries(json, |name, value| all.push((name, value))).is_err() {
            out.push_str(json);
            return Ok(());
        }
        if let [(name, sealed)] = all.as_slice()
            && name == SEALED
        {
            return self.sealed(sealed, pointer, out);
        }
        let here = pointer.len();
        let mut before = '{';
        for (name, value) in all {
            out.push(before);
            canonical::write_text(out, &name);
            out.push(':');
            pointer.push('/');
            pointer.push_str(&name);
            self.value(value, pointer, out)?;
            pointer.truncate(here);
            before = ',';
        }
        out.push('}');
        Ok(())
    }

    fn array(
        &self,
        json: &str,
        pointer: &mut String,
        out: &mut String,
    ) -> Result<(), KeyringError> {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) else {
            out.push_str(json);
            return Ok(());
        };
        let here = pointer.len();
        let mut before = '[';
        for (index, item) in items.into_iter().enumerate() {
            out.push(before);
            pointer.push('/');
            pointer.push_str(&index.to_string());
            self.value(item.get(), pointer, out)?;
            pointer.truncate(here);
            before = ',';
        }
        out.push(']');
        Ok(())
    }

    fn sealed(&self, sealed: &str, pointer: &str, out: &mut String) -> Result<(), KeyringError> {
        let Some(key) = self.key else {
            out.push_str("{\"$forgotten\":null}");
            return Ok(());
        };
        let text = string(sealed).ok_or(KeyringError::Tampered)?;
        let bytes = STANDARD_NO_PAD.decode(text.as_bytes()).map_err(|_| KeyringError::Tampered)?;
        let plain = key.open(&self.place.at(pointer), &bytes)?;
        let plain = String::from_utf8(plain).map_err(|_| KeyringError::Tampered)?;
        out.push_str("{\"$personal\":");
        out.push_str(&plain);
        out.push('}');
        Ok(())
    }
}

/// Does the payload carry anything to seal?
pub(crate) fn is_personal(payload: &Value) -> bool {
    match payload {
        Value::Object(entries) => entries.contains_key(OPEN) || entries.values().any(is_personal),
        Value::Array(items) => items.iter().any(is_personal),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn sole_entry<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let entries = object.as_object()?;
    if entries.len() == 1 { entries.get(name) } else { None }
}

/// Calls `replace` on every object, outermost first; what it answers takes the object's place and is
/// not entered.
fn walk(value: &mut Value, replace: &mut impl FnMut(&Value, &str) -> Option<Value>) {
    enter(value, &mut String::new(), replace);
}

/// `pointer` leads to `value`, and does so again afterwards.
fn enter(
    value: &mut Value,
    pointer: &mut String,
    replace: &mut impl FnMut(&Value, &str) -> Option<Value>,
) {
    let here = pointer.len();
    match value {
        Value::Object(_) => {
            if let Some(replacement) = replace(value, pointer) {
                *value = replacement;
                return;
            }
            for (name, entry) in value.as_object_mut().into_iter().flatten() {
                pointer.push('/');
                pointer.push_str(name);
                enter(entry, pointer, replace);
                pointer.truncate(here);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                enter(item, pointer, replace);
                pointer.truncate(here);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> DataKey {
        DataKey::for_tests(7)
    }

    fn place(sequence: u64) -> Place<'static> {
        Place { kind: "post", id: Uuid::from_u128(1), sequence }
    }

    /// The tree of what opens.
    fn opened(
        stored: &Value,
        key: Option<&DataKey>,
        place: &Place<'_>,
    ) -> Result<Value, KeyringError> {
        let text = open(&stored.to_string(), key, place)?;
        Ok(serde_json::from_str(&text).expect("what opens is JSON"))
    }

    #[test]
    fn a_personal_value_is_sealed_wherever_it_stands_and_comes_back() {
        let plain = json!({"type": "x", "a": {"$personal": "ada"}, "l": [{"$personal": {"b": 1}}]});
        let mut stored = plain.clone();
        seal(&mut stored, &key(), &place(1));
        assert!(!stored.to_string().contains("ada"), "{stored}");
        assert_eq!(opened(&stored, Some(&key()), &place(1)), Ok(plain));
        assert_eq!(
            opened(&stored, Some(&key()), &place(2)),
            Err(KeyringError::Tampered),
            "a sealed value opens in its own event only"
        );
    }

    #[test]
    fn a_sealed_value_opens_in_its_own_place_of_the_event_only() {
        let mut stored = json!({"a": {"$personal": "ada"}, "b": {"$personal": "bob"}, "c": [0, 1]});
        seal(&mut stored, &key(), &place(1));
        let mut moved = stored.clone();
        moved["b"] = stored["a"].clone();
        assert_eq!(opened(&moved, Some(&key()), &place(1)), Err(KeyringError::Tampered));
        let mut listed = stored.clone();
        listed["c"][1] = stored["a"].clone();
        assert_eq!(opened(&listed, Some(&key()), &place(1)), Err(KeyringError::Tampered));
        stored["b"] = json!({"$enc": 7});
        assert_eq!(opened(&stored, Some(&key()), &place(1)), Err(KeyringError::Tampered));
    }

    #[test]
    fn without_its_key_a_value_is_forgotten() {
        let mut stored = json!({"a": {"$personal": "ada"}, "b": 2});
        seal(&mut stored, &key(), &place(1));
        let forgotten = json!({"a": {"$forgotten": null}, "b": 2});
        assert_eq!(opened(&stored, None, &place(1)), Ok(forgotten));
    }

    #[test]
    fn what_only_looks_sealed_stays_as_it_is() {
        for text in [
            r#"{"a": "\"$enc\"", "b": "$enc"}"#,
            r#"{"a": {"$enc": "AAAA", "b": 1}}"#,
            r#"{"$enc": "AAAA", "b": 1}"#,
            r#""$enc""#,
            r#"{"a": {"$enc": "#,
        ] {
            let read = open(text, Some(&key()), &place(1)).expect("nothing is sealed");
            let same = |text: &str| serde_json::from_str::<Value>(text).ok();
            assert_eq!(same(&read), same(text), "{text}");
        }
    }

    /// Any JSON, with personal values anywhere and names that need escapes.
    fn payload() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(|value| json!({ "$personal": value })),
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-c\"/ü\n]{0,3}", inner, 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_was_sealed_opens_to_what_it_was(plain in payload(), spaced: bool) {
            let mut stored = plain.clone();
            seal(&mut stored, &key(), &place(1));
            let text = if spaced {
                serde_json::to_string_pretty(&stored).expect("JSON")
            } else {
                stored.to_string()
            };
            let text = open(&text, Some(&key()), &place(1)).expect("it opens");
            prop_assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), plain);
        }
    }
}
