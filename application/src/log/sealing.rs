//! Personal values in events: a ciphertext in the log, a value in the domain.
//!
//! The digest covers the ciphertext, so destroying an account's key leaves the chain intact.

use super::keyring::{DataKey, KeyringError};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

const OPEN: &str = "$personal";
const SEALED: &str = "$enc";
const FORGOTTEN: &str = "$forgotten";

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

/// Replaces every `{"$enc": …}` by what it holds, or by `{"$forgotten": null}` without a key.
pub(crate) fn open(
    payload: &mut Value,
    key: Option<&DataKey>,
    place: &Place<'_>,
) -> Result<(), KeyringError> {
    let mut failure = None;
    walk(payload, &mut |object, pointer| {
        let sealed = sole_entry(object, SEALED)?;
        let Some(key) = key else { return Some(json!({ FORGOTTEN: null })) };
        match open_one(sealed, key, &place.at(pointer)) {
            Ok(plain) => Some(json!({ OPEN: plain })),
            Err(error) => {
                failure = Some(error);
                None
            }
        }
    });
    failure.map_or(Ok(()), Err)
}

/// Does the payload carry anything to seal or to open?
pub(crate) fn is_personal(payload: &Value) -> bool {
    match payload {
        Value::Object(entries) => {
            entries.contains_key(OPEN)
                || entries.contains_key(SEALED)
                || entries.values().any(is_personal)
        }
        Value::Array(items) => items.iter().any(is_personal),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn open_one(sealed: &Value, key: &DataKey, place: &str) -> Result<Value, KeyringError> {
    let text = sealed.as_str().ok_or(KeyringError::Tampered)?;
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| KeyringError::Tampered)?;
    let plain = key.open(place, &bytes)?;
    serde_json::from_slice(&plain).map_err(|_| KeyringError::Tampered)
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

    fn key() -> DataKey {
        DataKey::for_tests(7)
    }

    fn place(sequence: u64) -> Place<'static> {
        Place { kind: "post", id: Uuid::from_u128(1), sequence }
    }

    #[test]
    fn a_personal_value_is_sealed_wherever_it_stands_and_comes_back() {
        let plain = json!({"type": "x", "a": {"$personal": "ada"}, "l": [{"$personal": {"b": 1}}]});
        let mut stored = plain.clone();
        seal(&mut stored, &key(), &place(1));
        assert!(!stored.to_string().contains("ada"), "{stored}");
        let mut read = stored.clone();
        open(&mut read, Some(&key()), &place(1)).expect("it opens");
        assert_eq!(read, plain);
        let moved = open(&mut stored, Some(&key()), &place(2));
        assert_eq!(
            moved,
            Err(KeyringError::Tampered),
            "a sealed value opens in its own event only"
        );
    }

    #[test]
    fn without_its_key_a_value_is_forgotten() {
        let mut stored = json!({"a": {"$personal": "ada"}, "b": 2});
        seal(&mut stored, &key(), &place(1));
        open(&mut stored, None, &place(1)).expect("forgetting is no error");
        assert_eq!(stored, json!({"a": {"$forgotten": null}, "b": 2}));
    }
}
