//! The published description of every route, made from one table.

mod shapes;

use serde_json::{Map, Value, json};
use shapes::{content, schemas, text};

/// One operation: method, path, what it does, what it takes, and what it answers: first what is hoped
/// for, each with its status. An empty shape is no body.
type Operation = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [(u16, &'static str)],
);

const OPERATIONS: [Operation; 39] = [
    (
        "post",
        "/auth/register",
        "Register",
        Some("Register"),
        &[(201, "Registered"), (202, "Mailed")],
    ),
    (
        "post",
        "/auth/login",
        "Sign in, or have a link mailed",
        Some("Login"),
        &[(200, "SignedIn"), (202, "Mailed")],
    ),
    (
        "post",
        "/auth/token",
        "Begin or renew a session",
        Some(FORM),
        &[(200, "Session"), (400, OAUTH)],
    ),
    ("get", "/auth/me", "Who asks, and where they may act", None, &[(200, "Me")]),
    ("post", "/auth/confirm", "Prove an address by its code", Some("Confirm"), &[(200, "Next")]),
    (
        "post",
        "/auth/confirm/resend",
        "Have that code sent again",
        Some("Mailbox"),
        &[(202, "Next")],
    ),
    ("post", "/auth/challenge", "Answer what login asked", Some("Met"), &[(200, "SignedIn")]),
    (
        "post",
        "/auth/forgot",
        "Have a code sent for a new password",
        Some("Mailbox"),
        &[(202, "Next")],
    ),
    ("post", "/auth/reset", "Choose a new password by its code", Some("Reset"), &[(200, "Next")]),
    ("post", "/accounts", "Open an account", Some("NewAccount"), &[(201, "NewAccountOpened")]),
    ("get", "/account", "The account, with its rules", None, &[(200, "Account")]),
    (
        "post",
        "/account/policy",
        "Change the rules for its posts",
        Some("NewPolicy"),
        &[(200, "Account")],
    ),
    (
        "post",
        "/account/zone",
        "Mean its times in another zone",
        Some("NewZone"),
        &[(200, "Account")],
    ),
    ("get", "/billing/status", "What the account may use", None, &[(200, "BillingStatus")]),
    (
        "post",
        "/billing/checkout",
        "Open a page to pay on",
        Some("Checkout"),
        &[(201, "OpenedPage"), (202, "PendingPage")],
    ),
    (
        "post",
        "/billing/portal",
        "Open the pages of bills",
        Some("Portal"),
        &[(201, "OpenedPage"), (202, "PendingPage")],
    ),
    ("get", "/billing/usage", "What the account used this month", None, &[(200, "Usage")]),
    ("get", "/billing/preview", "What another tier would cost now", None, &[(200, "Preview")]),
    ("post", "/billing/change", "Pay for another tier", Some("Change"), &[(200, "BillingStatus")]),
    ("delete", "/billing/change", "Stay in the tier after all", None, &[(200, "BillingStatus")]),
    ("post", "/billing/cancel", "Stop paying", Some("Cancel"), &[(200, "BillingStatus")]),
    ("post", "/billing/resume", "Go on paying after all", None, &[(200, "BillingStatus")]),
    ("get", "/billing/invoices", "The account's bills", None, &[(200, "Invoices")]),
    ("get", "/billing/usage/export", "What the account used, as CSV", None, &[(200, "UsageTable")]),
    ("post", "/api-keys/generate", "Issue a key", Some("NewKey"), &[(201, "IssuedKey")]),
    ("get", "/api-keys/list", "The account's keys", None, &[(200, "KeyList")]),
    ("delete", "/api-keys/{key}", "End a key", None, &[(204, "")]),
    ("get", "/posts", "The account's posts", None, &[(200, "PostList")]),
    ("post", "/posts", "Write a post", Some("NewPost"), &[(201, "Post")]),
    ("get", "/posts/{post}", "One post", None, &[(200, "Post")]),
    ("post", "/posts/{post}/schedule", "Give a post its time", Some("Time"), &[(200, "Post")]),
    ("post", "/posts/{post}/publish", "Publish a post now", None, &[(200, "Post")]),
    ("post", "/posts/{post}/cancel", "Give a post up", None, &[(200, "Post")]),
    ("get", "/plans", "The account's content plans", None, &[(200, "PlanList")]),
    ("get", "/plans/{plan}", "One content plan", None, &[(200, "Plan")]),
    ("post", "/plans/{plan}/generate", "Have a plan written", None, &[(202, "Plan")]),
    (
        "post",
        "/plans/{plan}/approve",
        "Approve a plan as read",
        Some("PlanApproval"),
        &[(200, "Plan")],
    ),
    (
        "post",
        "/plans/{plan}/materialize",
        "Make posts of it",
        Some("Materialize"),
        &[(200, "Plan")],
    ),
    ("get", "/connections", "The account's connections", None, &[(200, "ConnectionList")]),
];

const JSON: &str = "application/json";
/// The one answer that is no JSON.
const TABLE: &str = "UsageTable";
/// The one input that is no JSON, and its refusal: as RFC 6749 has them.
const FORM: &str = "Grant";
const OAUTH: &str = "GrantRefused";

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

fn describe(operation: &Operation) -> Value {
    let (method, path, summary, takes, answers) = operation;
    let problem = json!({
        "description": "Why not, and what to do",
        "content": content("application/problem+json", "Problem"),
    });
    let answers =
        answers.iter().map(|(status, shape)| (status.to_string(), answer(summary, shape)));
    let mut described = json!({
        "operationId": operation_id(method, path),
        "summary": summary,
        "parameters": parameters(operation),
        "responses": answers.chain([("default".to_owned(), problem)]).collect::<Map<_, _>>(),
    });
    let Some(fields) = described.as_object_mut() else { return described };
    if let Some(takes) = takes {
        let kind = if *takes == FORM { "application/x-www-form-urlencoded" } else { JSON };
        let body = json!({ "required": true, "content": content(kind, takes) });
        fields.insert("requestBody".to_owned(), body);
    }
    if is_open(method, path) {
        fields.insert("security".to_owned(), json!([]));
    }
    described
}

fn answer(summary: &str, shape: &str) -> Value {
    match shape {
        "" => json!({ "description": summary }),
        TABLE => json!({ "description": summary, "content": content("text/csv", shape) }),
        _ => json!({ "description": summary, "content": content(JSON, shape) }),
    }
}

/// Is it for whoever has no credential yet?
fn is_open(method: &str, path: &str) -> bool {
    path.starts_with("/auth/") && method == "post"
}

fn parameters((method, path, _, _, answers): &Operation) -> Vec<Value> {
    let mut parameters = path_parameters(path);
    let shape = answers.first().map_or("", |(_, shape)| *shape);
    parameters.extend(query(shape));
    // Whoever signs in or opens an account acts in none yet.
    if !is_open(method, path) && !["/auth/me", "/accounts"].contains(path) {
        let about = "The account to act in; for whoever takes part in several, and for services.";
        parameters.push(header(herald_door::ACCOUNT, about));
    }
    if *method != "get" && !is_open(method, path) {
        let about = "Names the request: the same key and input again change nothing.";
        parameters.push(header("Idempotency-Key", about));
    }
    parameters
}

fn header(name: &str, about: &str) -> Value {
    json!({ "name": name, "in": "header", "schema": text(), "description": about })
}

/// What an address says behind its question mark, by what it answers.
fn query(shape: &str) -> Vec<Value> {
    let one = |name: &str, schema: Value| json!({ "name": name, "in": "query", "schema": schema });
    let limit =
        |most: u8| one("limit", json!({ "type": "integer", "minimum": 1, "maximum": most }));
    match shape {
        TABLE => {
            let month = json!({ "type": "string",
                "description": "A month such as `2026-11`, included; all when absent." });
            vec![one("from", month.clone()), one("to", month)]
        }
        "Invoices" => vec![limit(50), one("after", text())],
        "Preview" => {
            let mut tier = one("tier", text());
            if let Some(fields) = tier.as_object_mut() {
                fields.insert("required".to_owned(), true.into());
            }
            vec![tier, one("interval", json!({ "enum": ["month", "year"] }))]
        }
        list if list.ends_with("List") => {
            vec![limit(100), one("after", text()), one("status", text())]
        }
        _ => Vec::new(),
    }
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

    /// The names of an operation's parameters, and the statuses that it lists.
    fn described(method: &str, path: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let document = document();
        let operation = &document["paths"][path][method];
        let named = operation["parameters"].as_array().expect("parameters").iter();
        let named = named.map(|it| it["name"].as_str().expect("a name").to_owned()).collect();
        (named, operation["responses"].as_object().expect("answers").keys().cloned().collect())
    }

    #[test]
    fn what_is_answered_where_no_passwords_are_kept_and_while_a_page_opens_is_listed() {
        for path in ["/auth/register", "/auth/login", "/billing/checkout", "/billing/portal"] {
            let (_, statuses) = described("post", path);
            assert!(statuses.contains("202"), "{path}: {statuses:?}");
        }
        let (_, statuses) = described("post", "/auth/token");
        assert!(statuses.contains("200") && statuses.contains("400"), "{statuses:?}");
    }

    #[test]
    fn every_change_can_be_named_and_every_act_in_an_account_names_it() {
        for (method, path, ..) in OPERATIONS {
            let (named, _) = described(method, path);
            let open = is_open(method, path);
            assert_eq!(named.contains("Idempotency-Key"), method != "get" && !open, "{path}");
            let in_account = !open && !["/auth/me", "/accounts"].contains(&path);
            assert_eq!(named.contains("herald-account"), in_account, "{path}");
        }
    }
}
