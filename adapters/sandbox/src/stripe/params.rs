//! Stripe's form parameters: `a[b][0][c]=d` as a tree, read strictly.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::json::Json;
use super::refusal::Refusal;

/// The parameters of one request; every leaf is a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Params(Value);

/// How deep brackets may nest.
const DEPTH: usize = 8;

impl Params {
    pub(super) fn read(query: &[u8], body: &[u8]) -> Result<Self, Refusal> {
        let mut tree = json!({});
        for (name, value) in form_urlencoded::parse(query).chain(form_urlencoded::parse(body)) {
            let path = split(&name)
                .ok_or_else(|| Refusal::invalid(format!("Invalid parameter name: {name}")))?;
            grow(&mut tree, &path, &value).ok_or_else(|| {
                Refusal::invalid(format!("Invalid parameter: {name}")).param(&name)
            })?;
        }
        Ok(Self(arrays(tree)))
    }

    /// A nested part, to be read the same way.
    pub(super) fn under(&self, path: &str) -> Self {
        Self(self.0.at(path).clone())
    }

    pub(super) fn items(&self, path: &str) -> Vec<Self> {
        self.0.all(path).iter().cloned().map(Self).collect()
    }

    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        self.0.all(path).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(super) fn members(&self, path: &str) -> Option<&Map<String, Value>> {
        self.0.at(path).as_object()
    }

    pub(super) fn value(&self, path: &str) -> &Value {
        self.0.at(path)
    }

    pub(super) fn given(&self, path: &str) -> bool {
        self.0.has(path)
    }

    /// Names at the top, for rules about which may go together.
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
    }

    /// A text that is given and not empty.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.maybe(path)
    }

    pub(super) fn required(&self, path: &str) -> Result<&str, Refusal> {
        self.text(path).ok_or_else(|| Refusal::missing(&bracketed(path)))
    }

    pub(super) fn int(&self, path: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(path) else { return Ok(None) };
        let wrong = || {
            Refusal::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(&bracketed(path))
        };
        text.parse().map(Some).map_err(|_| wrong())
    }

    pub(super) fn flag(&self, path: &str) -> Result<Option<bool>, Refusal> {
        match self.text(path) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => {
                Err(Refusal::invalid(format!("Invalid boolean: {text}")).param(&bracketed(path)))
            }
        }
    }

    pub(super) fn one_of(&self, path: &str, known: &[&str]) -> Result<Option<&str>, Refusal> {
        let Some(text) = self.text(path) else { return Ok(None) };
        if known.contains(&text) {
            return Ok(Some(text));
        }
        let name = bracketed(path);
        let list = known.join(", ");
        Err(Refusal::invalid(format!("Invalid {name}: must be one of {list}")).param(&name))
    }

    /// Refuses the first parameter that no pattern names. In a pattern `#` stands for a place in
    /// an array, `*` for any name, and `**` for everything below.
    pub(super) fn only(&self, patterns: &[&str]) -> Result<(), Refusal> {
        let mut path = Vec::new();
        strange(&self.0, &mut path, patterns).map_or(Ok(()), |name| Err(Refusal::unknown(&name)))
    }
}

/// `items.0.price` as Stripe writes it: `items[0][price]`.
fn bracketed(path: &str) -> String {
    let mut parts = path.split('.');
    let head = parts.next().unwrap_or_default().to_owned();
    parts.fold(head, |name, part| format!("{name}[{part}]"))
}

fn split(name: &str) -> Option<Vec<&str>> {
    let Some((head, rest)) = name.split_once('[') else { return Some(vec![name]) };
    let inner = rest.strip_suffix(']')?;
    let mut path = vec![head];
    path.extend(inner.split("]["));
    (!head.is_empty() && path.len() <= DEPTH).then_some(path)
}

/// Every level is an object at first; an empty name takes the next number.
fn grow(node: &mut Value, path: &[&str], value: &str) -> Option<()> {
    let (head, rest) = path.split_first()?;
    let members = node.as_object_mut()?;
    let name = if head.is_empty() { members.len().to_string() } else { (*head).to_owned() };
    if rest.is_empty() {
        return members.insert(name, json!(value)).is_none().then_some(());
    }
    grow(members.entry(name).or_insert_with(|| json!({})), rest, value)
}

/// Objects whose names are all numbers become arrays.
fn arrays(node: Value) -> Value {
    let Value::Object(members) = node else { return node };
    let numbers = members.keys().map(|name| name.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut all: Vec<_> =
                numbers.into_iter().zip(members.into_iter().map(|m| m.1)).collect();
            all.sort_by_key(|(place, _)| *place);
            all.into_iter().map(|(_, value)| arrays(value)).collect()
        }
        _ => members.into_iter().map(|(name, value)| (name, arrays(value))).collect(),
    }
}

fn strange(node: &Value, path: &mut Vec<(String, bool)>, patterns: &[&str]) -> Option<String> {
    let below: Vec<(String, bool, &Value)> = match (node.as_object(), node.as_array()) {
        (Some(members), _) => members.iter().map(|(n, v)| (n.clone(), false, v)).collect(),
        (_, Some(all)) => {
            all.iter().enumerate().map(|(place, v)| (place.to_string(), true, v)).collect()
        }
        (None, None) => return None,
    };
    for (name, place, value) in below {
        path.push((name, place));
        if !patterns.iter().chain(&["expand.#"]).any(|pattern| begins(pattern, path)) {
            let names: Vec<&str> = path.iter().map(|(name, _)| name.as_str()).collect();
            return Some(bracketed(&names.join(".")));
        }
        if let Some(found) = strange(value, path, patterns) {
            return Some(found);
        }
        path.pop();
    }
    None
}

/// Whether a pattern allows this path or something below it.
fn begins(pattern: &str, path: &[(String, bool)]) -> bool {
    let mut wanted = pattern.split('.');
    path.iter().all(|(name, place)| match wanted.next() {
        Some("**") => {
            wanted = "**".split('.');
            true
        }
        Some("*") => true,
        Some("#") => *place,
        Some(wanted) => wanted == name,
        None => false,
    })
}

impl From<Value> for Params {
    fn from(tree: Value) -> Self {
        Self(tree)
    }
}
