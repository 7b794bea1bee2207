//! The API as it describes itself, and requests that are made of that description.

use super::visitor::Visitor;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Write as _};

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { kind name
        fields(includeDeprecated: true) { name args { name type { ...T } } type { ...T } }
        inputFields { name type { ...T } } enumValues { name } possibleTypes { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { name } } } } }";

/// Everything that can be asked.
pub(crate) struct Schema {
    types: BTreeMap<String, Value>,
}

/// Something that can be asked: `query post`, `mutation createPost`.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    arguments: Vec<Value>,
    result: String,
}

impl Schema {
    /// Asks the API for it, as somebody who is signed in.
    pub(crate) async fn read(person: &Visitor) -> Self {
        let described = person.gql(INTROSPECTION, json!({})).await;
        let types = described["__schema"]["types"].as_array().expect("types");
        let named =
            |kind: &Value| (kind["name"].as_str().unwrap_or_default().to_owned(), kind.clone());
        Self { types: types.iter().map(named).collect() }
    }

    /// Every query, mutation and subscription.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let roots =
            [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")];
        roots.into_iter().flat_map(|(kind, root)| self.rooted(kind, root)).collect()
    }

    fn rooted(&self, kind: &'static str, root: &str) -> Vec<Operation> {
        let fields = self.types[root]["fields"].as_array().expect("fields");
        let operation = |field: &Value| Operation {
            kind,
            name: field["name"].as_str().expect("a name").to_owned(),
            arguments: field["args"].as_array().expect("arguments").clone(),
            result: innermost(&field["type"]),
        };
        fields.iter().map(operation).collect()
    }

    /// A document that calls an operation with variables, and selects everything down to `depth`.
    pub(crate) fn document(&self, operation: &Operation, depth: usize) -> String {
        let (mut declared, mut passed) = (String::new(), String::new());
        for argument in &operation.arguments {
            let name = argument["name"].as_str().expect("a name");
            let _ = write!(declared, "${name}: {} ", printed(&argument["type"]));
            let _ = write!(passed, "{name}: ${name} ");
        }
        let wrap = |text: String| if text.is_empty() { text } else { format!("({text})") };
        let (declared, passed) = (wrap(declared), wrap(passed));
        let (kind, name) = (operation.kind, &operation.name);
        let selected = self.selection(&operation.result, depth);
        format!("{kind} Op{declared} {{ {name}{passed} {selected} }}")
    }

    /// The variables of that document; `choose` answers the values of ids, texts and optional fields.
    pub(crate) fn variables(
        &self,
        operation: &Operation,
        choose: &dyn Fn(&str) -> Option<Value>,
    ) -> Value {
        Value::Object(self.fields(&operation.arguments, choose))
    }

    fn fields(
        &self,
        fields: &[Value],
        choose: &dyn Fn(&str) -> Option<Value>,
    ) -> Map<String, Value> {
        let mut object = Map::new();
        for field in fields {
            let name = field["name"].as_str().expect("a name");
            let required = field["type"]["kind"] == "NON_NULL";
            let chosen = choose(name);
            if required || chosen.is_some() {
                object.insert(name.to_owned(), self.value(&field["type"], chosen, choose));
            }
        }
        object
    }

    fn value(
        &self,
        kind: &Value,
        chosen: Option<Value>,
        choose: &dyn Fn(&str) -> Option<Value>,
    ) -> Value {
        let name = kind["name"].as_str().unwrap_or_default();
        match kind["kind"].as_str().expect("a kind") {
            "NON_NULL" => self.value(&kind["ofType"], chosen, choose),
            "LIST" => json!([self.value(&kind["ofType"], chosen, choose)]),
            "ENUM" => chosen.unwrap_or_else(|| self.types[name]["enumValues"][0]["name"].clone()),
            "INPUT_OBJECT" => {
                let fields = self.types[name]["inputFields"].as_array().expect("fields");
                Value::Object(self.fields(fields, choose))
            }
            _ => chosen.unwrap_or_else(|| sample(name)),
        }
    }

    fn selection(&self, name: &str, depth: usize) -> String {
        let kind = &self.types[name];
        if kind["kind"] == "UNION" || kind["kind"] == "INTERFACE" {
            let mut text = "{ __typename ".to_owned();
            for one in kind["possibleTypes"].as_array().into_iter().flatten() {
                let one = one["name"].as_str().expect("a name");
                let _ = write!(text, "... on {one} {} ", self.scalars(one));
            }
            return text + "}";
        }
        let Some(fields) = kind["fields"].as_array() else { return String::new() };
        let mut text = "{ __typename ".to_owned();
        for field in fields {
            let inner = innermost(&field["type"]);
            let leaf = self.types[&inner]["fields"].is_null()
                && self.types[&inner]["possibleTypes"].is_null();
            let plain = field["args"].as_array().is_none_or(Vec::is_empty);
            let name = field["name"].as_str().expect("a name");
            if leaf {
                let _ = write!(text, "{name} ");
            } else if depth > 0 && plain {
                let _ = write!(text, "{name} {} ", self.selection(&inner, depth - 1));
            }
        }
        text + "}"
    }

    /// A type's id alone: types of a union may not disagree about the rest.
    fn scalars(&self, name: &str) -> &'static str {
        let fields = self.types[name]["fields"].as_array().expect("fields");
        let has_id = fields.iter().any(|field| field["name"] == "id");
        if has_id { "{ id }" } else { "{ __typename }" }
    }
}

/// A value that makes sense where nothing better is known.
fn sample(scalar: &str) -> Value {
    match scalar {
        "Int" => json!(1),
        "Float" => json!(1.5),
        "Boolean" => json!(true),
        "DateTime" => json!("2031-02-01T00:00:00Z"),
        "LocalTime" => json!("2031-03-05T09:00:00"),
        "Date" => json!("2031-03-03"),
        "Zone" => json!("Europe/Berlin"),
        "BigInt" => json!("1"),
        _ => json!("something"),
    }
}

fn innermost(kind: &Value) -> String {
    match kind["name"].as_str() {
        Some(name) => name.to_owned(),
        None => innermost(&kind["ofType"]),
    }
}

fn printed(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", printed(&kind["ofType"])),
        Some("LIST") => format!("[{}]", printed(&kind["ofType"])),
        _ => kind["name"].as_str().expect("a name").to_owned(),
    }
}
