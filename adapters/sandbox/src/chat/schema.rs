//! Making an answer fit the JSON schema that it was asked to follow.

use serde_json::{Map, Value, json};

/// Schemas that refer to themselves end here.
const DEEPEST: usize = 16;

/// `value` as far as the schema has room for it; what is required and missing is made up.
pub(crate) fn conform(value: Option<Value>, schema: &Value) -> Value {
    Shape { root: schema }.fit(value, schema, "", 0)
}

struct Shape<'s> {
    root: &'s Value,
}

impl<'s> Shape<'s> {
    fn fit(&self, value: Option<Value>, schema: &'s Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let schema = self.chosen(value.as_ref(), schema);
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
            let kept = value.filter(|value| allowed.contains(value));
            return kept.or_else(|| allowed.first().cloned()).unwrap_or(Value::Null);
        }
        match kind(value.as_ref(), schema) {
            "object" => self.object(value, schema, depth),
            "array" => self.array(value, schema, name, depth),
            "string" => string(value, schema, name),
            "integer" => {
                value.filter(|v| v.is_i64() || v.is_u64()).unwrap_or_else(|| least(schema))
            }
            "number" => value.filter(Value::is_number).unwrap_or_else(|| least(schema)),
            "boolean" => value.filter(Value::is_boolean).unwrap_or(json!(false)),
            _ => value.unwrap_or(Value::Null),
        }
    }

    /// Follows references and picks the branch that fits the value best.
    fn chosen(&self, value: Option<&Value>, schema: &'s Value) -> &'s Value {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
                let Some(target) = path.strip_prefix('#').and_then(|p| self.root.pointer(p)) else {
                    return schema;
                };
                schema = target;
            } else if let Some(branches) =
                ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)?.as_array())
            {
                let fitting = |branch: &&Value| value.is_some_and(|value| takes(branch, value));
                let full = |branch: &&Value| branch.get("type") != Some(&json!("null"));
                let branch = branches
                    .iter()
                    .find(fitting)
                    .or_else(|| branches.iter().find(full))
                    .or_else(|| branches.first());
                let Some(branch) = branch else { return schema };
                schema = branch;
            } else {
                return schema;
            }
        }
        schema
    }

    fn object(&self, value: Option<Value>, schema: &'s Value, depth: usize) -> Value {
        let mut given = match value {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut shown = Map::new();
        for (name, inner) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let kept = given.remove(name);
            if kept.is_some() || required.contains(&name.as_str()) {
                shown.insert(name.clone(), self.fit(kept, inner, name, depth.saturating_add(1)));
            }
        }
        if schema.get("additionalProperties") != Some(&json!(false)) {
            shown.extend(given);
        }
        Value::Object(shown)
    }

    fn array(&self, value: Option<Value>, schema: &'s Value, name: &str, depth: usize) -> Value {
        let count = |key: &str| {
            schema.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
        };
        let invented = value.is_none();
        let mut items = match value {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        items.truncate(count("maxItems").unwrap_or(usize::MAX));
        let fewest = count("minItems").unwrap_or(usize::from(invented)).min(50);
        let missing = fewest.saturating_sub(items.len());
        let Some(inner) = schema.get("items") else { return Value::Array(items) };
        let all = items.into_iter().map(Some).chain(std::iter::repeat_n(None, missing));
        Value::Array(all.map(|item| self.fit(item, inner, name, depth.saturating_add(1))).collect())
    }
}

/// The type that the value shall have: its own, where the schema takes it.
fn kind<'a>(value: Option<&Value>, schema: &'a Value) -> &'a str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            let own = value.and_then(|value| kinds.iter().find(|kind| is(value, kind)));
            own.or_else(|| kinds.iter().find(|kind| **kind != "null")).copied().unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "any",
    }
}

fn takes(branch: &Value, value: &Value) -> bool {
    match branch.get("type") {
        Some(Value::String(kind)) => is(value, kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(|k| is(value, k)),
        _ => branch.get("properties").is_some() && value.is_object(),
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn string(value: Option<Value>, schema: &Value, name: &str) -> Value {
    let text = match value {
        Some(Value::String(text)) => text,
        _ => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => "2026-12-01T09:00:00Z".to_owned(),
            Some("date") => "2026-12-01".to_owned(),
            _ => format!("A plausible {}", if name.is_empty() { "answer" } else { name }),
        },
    };
    match schema.get("maxLength").and_then(Value::as_u64) {
        Some(most) => json!(
            text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect::<String>()
        ),
        None => json!(text),
    }
}

fn least(schema: &Value) -> Value {
    schema.get("minimum").cloned().unwrap_or(json!(1))
}

#[cfg(test)]
mod tests {
    use super::conform;
    use serde_json::json;

    #[test]
    fn what_fits_is_kept_and_what_is_missing_is_made_up() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["items", "note"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": "#/$defs/item" } },
                "note": { "type": ["string", "null"], "maxLength": 6 },
            },
            "$defs": { "item": {
                "type": "object", "required": ["slot", "tone"], "properties": {
                    "slot": { "type": "integer" }, "tone": { "enum": ["warm", "dry"] },
                    "comment": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                },
            } },
        });
        let written = json!({ "items": [{ "slot": 3, "comment": null }], "strategy": {} });
        assert_eq!(
            conform(Some(written), &schema),
            json!({ "items": [{ "slot": 3, "tone": "warm", "comment": null }], "note": "A plau" })
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({ "type": "object", "required": ["next"],
            "properties": { "next": { "$ref": "#" } } });
        assert!(conform(None, &schema).is_object());
    }
}
