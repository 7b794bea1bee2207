//! The form of the answers, as providers take it: JSON schemas in the subset that all of them know.

use serde_json::{Value, json};

/// The form of a strategy, with its name.
#[must_use]
pub fn strategy() -> (String, Value) {
    let pillar = object(&json!({ "name": text(), "why": text() }));
    let strategy = object(&json!({
        "summary": text(),
        "pillars": { "type": "array", "items": pillar },
        "cadence_note": text(),
    }));
    ("content_strategy".to_owned(), object(&json!({ "strategy": strategy })))
}

/// The form of a batch of posts, with its name.
#[must_use]
pub fn posts() -> (String, Value) {
    let item = object(&json!({
        "slot": { "type": "integer" },
        "text": text(),
        "segments": { "type": "array", "items": text() },
        "first_comment": { "type": ["string", "null"] },
        "rationale": text(),
    }));
    let items = json!({ "items": { "type": "array", "items": item } });
    ("content_posts".to_owned(), object(&items))
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// An object of exactly these properties: strict providers want each of them required.
fn object(properties: &Value) -> Value {
    let names: Vec<_> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_closed_and_requires_all_that_it_names() {
        fn check(schema: &Value) {
            if schema["type"] == "object" {
                assert_eq!(schema["additionalProperties"], false, "{schema}");
                let properties = schema["properties"].as_object().expect("properties");
                let required = schema["required"].as_array().expect("required");
                assert_eq!(properties.len(), required.len(), "{schema}");
                properties.values().for_each(check);
            }
            if schema["type"] == "array" {
                check(&schema["items"]);
            }
        }
        for (name, schema) in [strategy(), posts()] {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            check(&schema);
        }
    }
}
