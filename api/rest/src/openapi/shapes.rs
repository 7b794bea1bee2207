//! The shapes of what the routes take and answer.

use serde_json::{Map, Value, json};

/// What may be asked beside a password.
const CHALLENGES: [&str; 4] =
    ["NEW_PASSWORD_REQUIRED", "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"];

pub(super) fn content(kind: &str, schema: &str) -> Value {
    json!({ kind: { "schema": reference(schema) } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

pub(super) fn text() -> Value {
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

pub(super) fn schemas() -> Value {
    let mut all = inputs();
    for more in [people(), answers()] {
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
    }
    all
}

fn inputs() -> Value {
    let password = json!({ "type": "string", "description": "Only where passwords are kept" });
    let texts = json!({ "type": "array", "items": text() });
    let instant = json!({ "type": "string", "format": "date-time" });
    json!({
        "Register": input(&["email"], json!({
            "email": text(), "password": password, "name": text(),
        })),
        "Login": input(&["email"], json!({ "email": text(), "password": password })),
        "Confirm": input(&["email", "code"], json!({ "email": text(), "code": text() })),
        "Mailbox": input(&["email"], json!({ "email": text() })),
        "Met": input(&["challenge", "username", "session", "answer"], json!({
            "challenge": { "enum": CHALLENGES }, "username": text(), "session": text(),
            "answer": text(),
        })),
        "Grant": object(&["grant_type"], json!({
            "grant_type": { "enum": ["urn:herald:link", "refresh_token"] },
            "link": { "type": "string", "description": "The last part of a link to sign in" },
            "refresh_token": text(),
        })),
        "Reset": input(&["email", "code", "password"], json!({
            "email": text(), "code": text(), "password": text(),
        })),
        "NewAccount": input(&["business", "name"], json!({
            "business": text(), "name": text(), "email": text(), "zone": text(),
        })),
        "NewPolicy": input(&[], policy()),
        "NewZone": input(&["zone"], json!({ "zone": text() })),
        "Checkout": input(&["tier"], json!({
            "tier": text(), "interval": { "enum": ["month", "year"] }, "currency": text(),
            "country": text(), "vat_id": text(),
            "success_url": text(), "cancel_url": text(),
        })),
        "Change": input(&["tier"], json!({
            "tier": text(), "interval": { "enum": ["month", "year"] },
        })),
        "Cancel": input(&[], json!({ "at": { "enum": ["period_end", "now"] } })),
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

/// An account's rules, all of which are answered.
const POLICY: [&str; 3] = ["approval", "late_grace_minutes", "posts_per_day"];

fn policy() -> Value {
    json!({
        "approval": { "enum": ["optional", "required", "four_eyes"] },
        "late_grace_minutes": { "type": "integer", "minimum": 0, "maximum": 43_200 },
        "posts_per_day": { "type": "integer", "minimum": 1, "maximum": 1_000 },
    })
}

fn people() -> Value {
    let whole = json!({ "type": "integer" });
    json!({
        "Registered": object(&["next"], json!({
            "next": { "enum": ["login", "confirm"] }, "code_sent_to": optional("string"),
        })),
        "SignedIn": { "oneOf": [reference("Session"), reference("Challenge")] },
        "GrantRefused": object(&["error"], json!({
            "error": { "enum": ["invalid_request", "invalid_grant", "unsupported_grant_type"] },
        })),
        "Session": object(&["access_token", "token_type", "expires_in", "refresh_token"], json!({
            "access_token": text(), "token_type": { "const": "Bearer" }, "expires_in": whole,
            "refresh_token": text(),
        })),
        "Challenge": object(&["next", "challenge", "username", "session"], json!({
            "next": { "const": "challenge" }, "challenge": { "enum": CHALLENGES },
            "username": text(), "session": text(), "sent_to": optional("string"),
        })),
        "Mailed": object(&["next"], json!({ "next": { "const": "mail" } })),
        "Next": object(&["next"], json!({ "next": { "enum": ["login", "confirm", "reset"] } })),
        "NewAccountOpened": object(&["account", "member", "role"], json!({
            "account": text(), "member": text(), "role": text(),
        })),
        "Account": object(&["account", "status", "zone", "policy", "opened_at"], json!({
            "account": text(), "business": optional("string"),
            "status": { "enum": ["active", "suspended", "deletion_scheduled", "deleted"] },
            "zone": text(), "policy": object(&POLICY, policy()),
            "opened_at": { "type": "string", "format": "date-time" },
        })),
        "Me": object(&[], json!({
            "identity": text(), "issuer": text(), "api_key": text(), "account": text(),
            "accounts": { "type": "array", "items": object(&["account", "member", "role"], json!({
                "account": text(), "member": text(), "role": text(), "business": optional("string"),
            })) },
        })),
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
            "type": { "type": "string", "description": "Of a limit: `…#quota-exceeded`" },
            "violated-policies": { "type": "array", "items": text() },
        })),
        "BillingStatus": billing_status(),
        "Usage": usage(),
        "UsageTable": text(),
        "Money": object(&["minor", "currency"], json!({ "minor": whole, "currency": text() })),
        "Preview": object(&["due", "subtotal", "tax", "lines"], json!({
            "due": reference("Money"), "subtotal": reference("Money"), "tax": reference("Money"),
            "lines": { "type": "array", "items": object(&["description", "amount", "proration"],
                json!({ "description": text(), "amount": reference("Money"),
                    "proration": { "type": "boolean" } })) },
        })),
        "Invoice": invoice(),
        "Invoices": list_of("Invoice"),
        "OpenedPage": object(&["url"], json!({
            "url": text(), "expires_at": optional("string"),
        })),
        "PendingPage": object(&["url"], json!({
            "url": { "type": "null", "description": "Ask again with the same key" },
        })),
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

fn invoice() -> Value {
    let address = |about: &str| json!({ "type": ["string", "null"], "description": about });
    object(
        &["id", "status", "total", "tax", "paid", "created_at"],
        json!({
            "id": text(), "number": optional("string"),
            "status": { "enum": ["draft", "open", "paid", "uncollectible", "void"] },
            "total": reference("Money"), "tax": reference("Money"), "paid": reference("Money"),
            "created_at": { "type": "string", "format": "date-time" },
            "paid_at": optional("string"),
            "page_url": address("Where it is shown and paid: lets in whoever has it"),
            "pdf_url": address("Its PDF: lets in whoever has it"),
        }),
    )
}

/// The tier, what it allows, what waits and what was refused.
fn billing_status() -> Value {
    let instant = json!({ "type": "string", "format": "date-time" });
    let limit = json!({ "type": ["integer", "null"], "description": "null: no limit" });
    let limits = [
        "posts_per_month",
        "networks",
        "connections",
        "seats",
        "api_keys",
        "api_calls_per_month",
        "ai_credits_per_month",
    ];
    let limits: Map<_, _> =
        limits.map(|name| (name.to_owned(), limit.clone())).into_iter().collect();
    let change = json!({
        "type": ["object", "null"], "description": "A change that waits",
        "properties": { "tier": text(), "tier_version": { "type": "integer" },
            "effective_at": optional("string"), "awaits_payment_until": optional("string") },
    });
    let problem = json!({
        "type": ["object", "null"], "description": "What the payment provider refused last",
        "properties": { "what": text(), "code": text(), "at": instant },
    });
    let access = object(
        &["state"],
        json!({
            "state": { "enum": ["free", "trial", "full", "grace", "restricted", "ended"] },
            "until": optional("string"), "ends_at": optional("string"), "reason": text(),
        }),
    );
    object(
        &["tier", "tier_version", "access", "period_start", "period_end", "limits"],
        json!({
            "tier": text(), "tier_version": { "type": "integer" }, "access": access,
            "period_start": instant, "period_end": instant, "ends_at": optional("string"),
            "change": change, "problem": problem,
            "limits": { "type": "object", "properties": limits },
        }),
    )
}

fn usage() -> Value {
    let instant = json!({ "type": "string", "format": "date-time" });
    let counter = object(
        &["counter", "limit", "used", "held", "breakdown"],
        json!({
            "counter": { "enum": ["posts", "api_calls", "ai_credits"] },
            "limit": { "type": ["integer", "null"], "description": "null: no limit" },
            "used": { "type": "integer" },
            "held": { "type": "integer", "description": "Set aside and not used yet" },
            "breakdown": { "type": "object", "description": "Used, by operation" },
        }),
    );
    let counters = json!({ "type": "array", "items": counter });
    object(
        &["period_start", "resets_at", "counters"],
        json!({
            "period_start": instant, "resets_at": instant, "counters": counters,
        }),
    )
}
