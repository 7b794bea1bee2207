//! The published description of every route, made from one table.

mod shapes;

use serde_json::{Map, Value, json};
use shapes::{content, schemas, text};

/// One operation: method, path, what it does, what it takes, what it answers, and with which status.
type Operation =
    (&'static str, &'static str, &'static str, Option<&'static str>, &'static str, u16);

const OPERATIONS: [Operation; 35] = [
    ("post", "/auth/register", "Register", Some("Register"), "Registered", 201),
    ("post", "/auth/login", "Sign in, or have a link mailed", Some("Login"), "SignedIn", 200),
    ("get", "/auth/me", "Who asks, and where they may act", None, "Me", 200),
    ("post", "/auth/confirm", "Prove an address by its code", Some("Confirm"), "Next", 200),
    ("post", "/auth/confirm/resend", "Have that code sent again", Some("Mailbox"), "Next", 202),
    ("post", "/auth/challenge", "Answer what login asked", Some("Met"), "SignedIn", 200),
    ("post", "/auth/forgot", "Have a code sent for a new password", Some("Mailbox"), "Next", 202),
    ("post", "/auth/reset", "Choose a new password by its code", Some("Reset"), "Next", 200),
    ("post", "/accounts", "Open an account", Some("NewAccount"), "NewAccountOpened", 201),
    ("get", "/billing/status", "What the account may use", None, "BillingStatus", 200),
    ("post", "/billing/checkout", "Open a page to pay on", Some("Checkout"), "OpenedPage", 201),
    ("post", "/billing/portal", "Open the pages of bills", Some("Portal"), "OpenedPage", 201),
    ("get", "/billing/usage", "What the account used this month", None, "Usage", 200),
    ("get", "/billing/preview", "What another tier would cost now", None, "Preview", 200),
    ("post", "/billing/change", "Pay for another tier", Some("Change"), "BillingStatus", 200),
    ("delete", "/billing/change", "Stay in the tier after all", None, "BillingStatus", 200),
    ("post", "/billing/cancel", "Stop paying", Some("Cancel"), "BillingStatus", 200),
    ("post", "/billing/resume", "Go on paying after all", None, "BillingStatus", 200),
    ("get", "/billing/invoices", "The account's bills", None, "Invoices", 200),
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
    if answers == &"Invoices" {
        let limit = json!({ "type": "integer", "minimum": 1, "maximum": 50 });
        parameters.push(json!({ "name": "limit", "in": "query", "schema": limit }));
        parameters.push(json!({ "name": "after", "in": "query", "schema": text() }));
    }
    if answers == &"Preview" {
        parameters
            .push(json!({ "name": "tier", "in": "query", "required": true, "schema": text() }));
        parameters.push(json!({
            "name": "interval", "in": "query", "schema": { "enum": ["month", "year"] },
        }));
    }
    if *answers == TABLE {
        let about = "A month such as `2026-11`, included; all when absent.";
        parameters.extend(["from", "to"].map(
            |name| json!({ "name": name, "in": "query", "schema": text(), "description": about }),
        ));
    }
    let open = path.starts_with("/auth/") && *method == "post";
    if *method == "post" && !open {
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
