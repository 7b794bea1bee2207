//! The published description of every route, made from one table.

use axum::response::Html;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// One operation: method, path, what it does, what it takes, what it answers, and with which status.
type Operation =
    (&'static str, &'static str, &'static str, Option<&'static str>, &'static str, u16);

const OPERATIONS: [Operation; 23] = [
    ("post", "/auth/register", "Register with a password", Some("Register"), "Registered", 201),
    ("post", "/auth/login", "Sign in with a password", Some("Login"), "SignedIn", 200),
    ("get", "/auth/me", "Who asks, and where they may act", None, "Me", 200),
    ("get", "/billing/status", "What the account may use", None, "BillingStatus", 200),
    ("post", "/billing/checkout", "Open a page to pay on", Some("Checkout"), "OpenedPage", 201),
    ("post", "/billing/portal", "Open the pages of bills", Some("Portal"), "OpenedPage", 201),
    ("get", "/billing/usage", "What the account used this month", None, "Usage", 200),
    ("get", "/billing/usage/export", "What the account used, as CSV", None, "UsageTable", 200),
    ("post", "/api-keys/generate", "Issue a key", Some("NewKey"), "IssuedKey", 201),
    ("get", "/api-keys/list", "The account's keys", None, "KeyList", 200),
    ("delete", "/api-keys/{key}", "End a key", None, "", 204),
    ("get", "/posts", "The account's posts", None, "PostList", 200),
    ("post", "/posts", "Write a post", Some("NewPost"), "Post", 201),
    ("get", "/posts/{post}", "One post", None, "Post", 200),
    ("post", "/posts/{post}/schedule", "Give a post its time", Some("Time"), "Post", 200),
    ("post", "/posts/{post}/publish", "Publish a post now", None, "Post", 200),
    ("post", "/posts/{post}/cancel", "Give a post up", None, "Post", 200),
    ("get", "/plans", "The account's content plans", None, "PlanList", 200),
    ("get", "/plans/{plan}", "One content plan", None, "Plan", 200),
    ("post", "/plans/{plan}/generate", "Have a plan written", None, "Plan", 202),
    ("post", "/plans/{plan}/approve", "Approve a plan as read", Some("PlanApproval"), "Plan", 200),
    ("post", "/plans/{plan}/materialize", "Make posts of it", Some("Materialize"), "Plan", 200),
    ("get", "/connections", "The account's connections", None, "ConnectionList", 200),
];

/// The one answer that is no JSON.
const TABLE: &str = "UsageTable";

/// The description, in version 3.1 of `OpenAPI`.
#[must_use]
pub fn document() -> Value {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let entry = paths.entry(operation.1).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(operation.0.to_owned(), describe(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Herald", "version": env!("CARGO_PKG_VERSION"),
            "description": "Thin routes over the same use cases as the GraphQL API.",
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn describe((method, path, summary, takes, answers, status): &Operation) -> Value {
    let mut parameters = path_parameters(path);
    if answers.ends_with("List") {
        parameters.extend(["limit", "after", "status"].map(|name| {
            let kind = if name == "limit" {
                json!({"type": "integer", "minimum": 1, "maximum": 100})
            } else {
                text()
            };
            json!({ "name": name, "in": "query", "schema": kind })
        }));
    }
    if *answers == TABLE {
        let about = "A month such as `2026-11`, included; all when absent.";
        parameters.extend(["from", "to"].map(
            |name| json!({ "name": name, "in": "query", "schema": text(), "description": about }),
        ));
    }
    if *method == "post" {
        let about = "Names the request: the same key and input again change nothing.";
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": text(), "description": about,
        }));
    }
    let mut answer = json!({ "description": summary });
    if let (false, Some(fields)) = (answers.is_empty(), answer.as_object_mut()) {
        let kind = if *answers == TABLE { "text/csv" } else { "application/json" };
        fields.insert("content".to_owned(), content(kind, answers));
    }
    let problem = json!({
        "description": "Why not, and what to do",
        "content": content("application/problem+json", "Problem"),
    });
    let mut described = json!({
        "operationId": operation_id(method, path),
        "summary": summary,
        "parameters": parameters,
        "responses": { status.to_string(): answer, "default": problem },
    });
    if let (Some(takes), Some(fields)) = (takes, described.as_object_mut()) {
        let body = json!({ "required": true, "content": content("application/json", takes) });
        fields.insert("requestBody".to_owned(), body);
    }
    let open = path.starts_with("/auth/") && *method == "post";
    if let (true, Some(fields)) = (open, described.as_object_mut()) {
        fields.insert("security".to_owned(), json!([]));
    }
    described
}

fn path_parameters(path: &str) -> Vec<Value> {
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter =
        |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": text() });
    parts.map(parameter).collect()
}

/// `postPostsPostSchedule`: a name that generators can make a method of.
fn operation_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for part in path.split(|letter: char| !letter.is_ascii_alphabetic()) {
        let mut letters = part.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}

fn content(kind: &str, schema: &str) -> Value {
    json!({ kind: { "schema": reference(schema) } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn optional(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

#[expect(clippy::needless_pass_by_value, reason = "it is written where it is given")]
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// What is sent must hold nothing else: a misspelt field is refused.
fn input(required: &[&str], properties: Value) -> Value {
    let mut schema = object(required, properties);
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

fn list_of(schema: &str) -> Value {
    let items = json!({ "type": "array", "items": reference(schema) });
    object(&["items"], json!({ "items": items, "next": text() }))
}

fn schemas() -> Value {
    let mut all = inputs();
    if let (Some(all), Value::Object(answers)) = (all.as_object_mut(), answers()) {
        all.extend(answers);
    }
    all
}

fn inputs() -> Value {
    let texts = json!({ "type": "array", "items": text() });
    let instant = json!({ "type": "string", "format": "date-time" });
    json!({
        "Register": input(
            &["email", "password"],
            json!({ "email": text(), "password": text(), "name": text() }),
        ),
        "Login": input(&["email", "password"], json!({ "email": text(), "password": text() })),
        "Checkout": input(&["tier"], json!({
            "tier": text(), "interval": { "enum": ["month", "year"] }, "currency": text(),
            "success_url": text(), "cancel_url": text(),
        })),
        "Portal": input(&[], json!({ "return_url": text() })),
        "NewKey": input(&["name"], json!({
            "name": text(), "expires_at": instant,
            "scopes": { "type": "array", "items": { "enum": ["read", "write", "publish"] } },
        })),
        "NewPost": input(&["text", "connections"], json!({
            "text": text(), "connections": texts, "thread": texts, "first_comment": text(),
            "made_with_ai": { "type": "boolean" },
        })),
        "Time": input(&[], json!({ "at": instant, "local": text(), "zone": text() })),
        "PlanApproval": input(&["revision", "content_hash"], json!({
            "revision": { "type": "integer" }, "content_hash": text(),
        })),
        "Materialize": input(&[], json!({ "schedule": { "type": "boolean" } })),
    })
}

fn answers() -> Value {
    let instant = json!({ "type": "string", "format": "date-time" });
    let texts = json!({ "type": "array", "items": text() });
    let anything = json!({ "type": "object" });
    let target = object(
        &["id", "connection", "network", "status"],
        json!({ "id": text(), "connection": text(), "network": text(), "status": text() }),
    );
    let whole = json!({ "type": "integer" });
    json!({
        "Problem": object(&["title", "status", "code", "detail"], json!({
            "title": text(), "status": whole, "code": text(), "detail": text(), "field": text(),
            "retryable": { "type": "boolean" },
        })),
        "Registered": object(&["next"], json!({ "next": text(), "code_sent_to": optional("string") })),
        "SignedIn": anything, "Me": anything, "BillingStatus": anything, "Usage": anything,
        "UsageTable": text(),
        "OpenedPage": object(&["url"], json!({ "url": optional("string"), "expires_at": optional("string") })),
        "IssuedKey": object(&["id", "key"], json!({ "id": text(), "key": optional("string") })),
        "Key": object(&["id", "status", "scopes", "created_at"], json!({
            "id": text(), "name": optional("string"), "display": optional("string"),
            "status": text(), "scopes": texts, "created_at": instant,
            "expires_at": optional("string"),
        })),
        "KeyList": list_of("Key"),
        "Post": object(&["id", "status", "targets", "created_at"], json!({
            "id": text(), "status": text(), "text": optional("string"),
            "scheduled_at": optional("string"), "created_at": instant, "updated_at": instant,
            "targets": { "type": "array", "items": target },
        })),
        "PostList": list_of("Post"),
        "Plan": object(&["id", "status", "plan"], json!({
            "id": text(), "status": text(), "plan": anything, "created_at": instant,
            "updated_at": instant,
        })),
        "PlanList": list_of("Plan"),
        "Connection": object(&["id", "network", "status"], json!({
            "id": text(), "network": text(), "status": text(), "handle": optional("string"),
            "display_name": optional("string"), "next_action": optional("string"),
            "created_at": instant,
        })),
        "ConnectionList": list_of("Connection"),
    })
}

/// The table as a page to read.
pub(crate) fn page() -> Html<String> {
    let mut rows = String::new();
    for (method, path, summary, takes, answers, status) in &OPERATIONS {
        // Writing to a String cannot fail.
        let _ = write!(
            rows,
            "<tr><td>{}</td><td><code>{path}</code></td><td>{summary}</td><td>{}</td>\
             <td>{status} {answers}</td></tr>",
            method.to_uppercase(),
            takes.unwrap_or("–"),
        );
    }
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Herald: REST API</title>\
         <meta name=viewport content='width=device-width'>\
         <style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.4rem;\
         border-bottom:1px solid #ccc}}</style><h1>REST API</h1>\
         <p>Send <code>Authorization: Bearer …</code> with an API key or a session. Errors are \
         <code>application/problem+json</code> with a stable <code>code</code>. The whole \
         description: <a href=/openapi.json>/openapi.json</a>.</p>\
         <table><tr><th>Method<th>Path<th>What<th>Takes<th>Answers</tr>{rows}</table></html>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_schema_that_is_named_exists() {
        let document = document();
        let known = document["components"]["schemas"].as_object().expect("schemas");
        let text = document.to_string();
        let named = text.split("#/components/schemas/").skip(1);
        let named: BTreeSet<_> = named.filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.len() > 10);
        for name in named {
            assert!(known.contains_key(name), "{name}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document();
        let paths = document["paths"].as_object().expect("paths");
        let all = paths.values().filter_map(Value::as_object).flat_map(Map::values);
        let ids: Vec<_> = all.map(|it| it["operationId"].as_str().expect("an id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert_eq!(ids.len(), OPERATIONS.len());
    }
}
