//! Reading and writing members of JSON objects by dotted paths, without ever failing.

use serde_json::{Value, json};

static NULL: Value = Value::Null;

/// What the stand-in asks of an object: a member that is absent reads as null, empty or zero.
pub(super) trait Json {
    /// The member at a dotted path; null when there is none.
    fn at(&self, path: &str) -> &Value;
    fn put(&mut self, path: &str, value: impl Into<Value>);

    fn text(&self, path: &str) -> &str {
        self.at(path).as_str().unwrap_or_default()
    }

    /// A text that is there and not empty.
    fn maybe(&self, path: &str) -> Option<&str> {
        self.at(path).as_str().filter(|text| !text.is_empty())
    }

    fn owned(&self, path: &str) -> String {
        self.text(path).to_owned()
    }

    fn int(&self, path: &str) -> i64 {
        self.at(path).as_i64().unwrap_or_default()
    }

    fn maybe_int(&self, path: &str) -> Option<i64> {
        self.at(path).as_i64()
    }

    fn flag(&self, path: &str) -> bool {
        self.at(path).as_bool().unwrap_or_default()
    }

    fn has(&self, path: &str) -> bool {
        !self.at(path).is_null()
    }

    fn all(&self, path: &str) -> &[Value] {
        self.at(path).as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

impl Json for Value {
    fn at(&self, path: &str) -> &Value {
        path.split('.').try_fold(self, step).unwrap_or(&NULL)
    }

    fn put(&mut self, path: &str, value: impl Into<Value>) {
        let Some((head, tail)) = path.split_once('.') else {
            insert(self, path, value.into());
            return;
        };
        if step(self, head).is_none_or(Value::is_null) {
            insert(self, head, json!({}));
        }
        let place = head.parse::<usize>().ok().filter(|_| self.is_array());
        let next = match place {
            Some(place) => self.get_mut(place),
            None => self.get_mut(head),
        };
        if let Some(next) = next {
            next.put(tail, value);
        }
    }
}

fn step<'v>(node: &'v Value, name: &str) -> Option<&'v Value> {
    node.get(name).or_else(|| node.get(name.parse::<usize>().ok()?))
}

fn insert(node: &mut Value, name: &str, value: Value) {
    if let Some(members) = node.as_object_mut() {
        members.insert(name.to_owned(), value);
    } else if let Some(slot) = name.parse::<usize>().ok().and_then(|place| node.get_mut(place)) {
        *slot = value;
    }
}

/// Stripe's list object around items that are held inside another object.
pub(super) fn list(url: &str, data: Vec<Value>) -> Value {
    let data = Value::Array(data);
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}
