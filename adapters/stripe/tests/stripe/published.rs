//! What Stripe publishes about the parameters of the operations that we use.

use crate::fake::Asked;
use serde_json::Value;

/// Fails unless every request goes to a published address and carries only parameters that both the
/// present version and the one of 2023 know, where the operation existed then.
pub(crate) fn follows(asked: &[Asked]) {
    let published: Value =
        serde_json::from_str(include_str!("published.json")).expect("a JSON file");
    let operations = published["operations"].as_object().expect("operations");
    for one in asked {
        let line = one.line();
        // A fixed address wins over one with an id in its place.
        let exact = operations.get(line);
        let shaped = || operations.iter().find(|(name, _)| same_shape(name, line)).map(|it| it.1);
        let rules = exact.or_else(shaped);
        let rules =
            rules.unwrap_or_else(|| std::panic::panic_any(format!("{line} is not published")));
        let given = one.parameters();
        for (name, value) in &given {
            for version in ["new", "old"] {
                if let Some(known) = rules.get(version).filter(|known| !is_bare(known)) {
                    let rule = rule(known, name).or_else(|| expand(name));
                    let rule = rule.unwrap_or_else(|| {
                        std::panic::panic_any(format!("{line}: {name} is not in the {version} one"))
                    });
                    assert!(fits(&rule, value), "{line}: {name}={value} against {rule}");
                }
            }
        }
        for needed in rules["required"].as_array().into_iter().flatten() {
            let needed = needed.as_str().expect("a name");
            let there = |name: &String| name == needed || name.starts_with(&format!("{needed}["));
            assert!(given.keys().any(there), "{line} lacks {needed}");
        }
    }
}

/// Some documents list no parameters of reads.
fn is_bare(known: &Value) -> bool {
    known.as_object().is_none_or(serde_json::Map::is_empty)
}

fn expand(name: &str) -> Option<Value> {
    name.starts_with("expand[").then(|| Value::from("string"))
}

fn same_shape(published: &str, line: &str) -> bool {
    let (ours, theirs) = (line.split('/'), published.split('/'));
    ours.clone().count() == theirs.clone().count()
        && ours.zip(theirs).all(|(our, their)| our == their || their.starts_with('{'))
}

/// `items[0][price]` is published as `items[][price]`, and `metadata[x]` as `metadata[*]`.
fn rule(known: &Value, name: &str) -> Option<Value> {
    let parts = name.split('[').map(|part| {
        let inner = part.trim_end_matches(']');
        if inner.parse::<u32>().is_ok() { String::from("]") } else { part.to_owned() }
    });
    let plain = parts.collect::<Vec<_>>().join("[");
    let star = plain.rsplit_once('[').map(|(front, _)| format!("{front}[*]"));
    let found = known.get(&plain).or_else(|| known.get(star?));
    found.cloned()
}

fn fits(rule: &Value, value: &str) -> bool {
    match rule {
        Value::Array(words) => {
            words.iter().any(|word| word == value) || value.parse::<bool>().is_ok()
        }
        Value::String(kind) => match kind.as_str() {
            "integer" => value.parse::<i64>().is_ok(),
            "boolean" => value.parse::<bool>().is_ok(),
            _ => true,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}
