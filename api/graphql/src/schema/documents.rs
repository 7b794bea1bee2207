//! The contract as files: the schema, the events and the errors, generated and never written by
//! hand.

use super::errors::ERRORS;
use herald_account::Account;
use herald_api_key::ApiKey;
use herald_content_plan::ContentPlan;
use herald_kernel::{Claim, Decider, Fact};
use herald_post::Post;
use herald_social_connection::SocialConnection;
use herald_subscription::{Credits, Subscription, Usage};
use serde::Serialize;
use std::fmt::Write as _;

/// One type of event, as the log stores it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventType {
    /// For example `post.scheduled`.
    pub name: String,
    /// The stream that it belongs to.
    pub stream: &'static str,
    /// The version in which it is written now.
    pub version: u16,
}

/// Every type of event, by stream, in the order of its declaration.
#[must_use]
pub fn event_types() -> Vec<EventType> {
    fn of<D: Decider>() -> Vec<EventType> {
        let names = <D::Event as Fact>::NAMES.iter();
        // No payload has changed its shape yet; a test notices when one says otherwise.
        let event = |name: &&str| EventType {
            name: format!("{}.{name}", D::STREAM),
            stream: D::STREAM,
            version: 1,
        };
        names.map(event).collect()
    }
    [
        of::<Account>(),
        of::<ApiKey>(),
        of::<Claim>(),
        of::<SocialConnection>(),
        of::<Credits>(),
        of::<ContentPlan>(),
        of::<Post>(),
        of::<Subscription>(),
        of::<Usage>(),
    ]
    .concat()
}

/// What `docs/events.json` holds.
#[must_use]
pub fn events_json() -> String {
    let lines = event_types().into_iter().filter_map(|event| serde_json::to_string(&event).ok());
    let lines: Vec<_> = lines.map(|line| format!("  {line}")).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// What `docs/errors.md` holds.
#[must_use]
pub fn errors_md() -> String {
    let mut text = INTRODUCTION.to_owned();
    for error in ERRORS {
        let anchor = error.code.to_ascii_lowercase();
        let retry = error.retry.as_str();
        let _ = writeln!(
            text,
            "| <a id=\"{anchor}\"></a>`{}` | {} | {} | {retry} | {} |",
            error.code, error.meaning, error.who, error.next
        );
    }
    text
}

const INTRODUCTION: &str = "\
# Errors

Generated from the table in `api/graphql/src/schema/errors.rs`; a test compares the two, and the \
table with every code that the sources use.

What a caller can mend is a `userError` of the mutation's payload: `code`, `message`, `path`, \
`retryable`, `docUrl`. Everything else is a top-level error with the same code in \
`extensions.code`. Codes only ever grow in number; a code never changes its meaning.

| code | what it means | who acts | again as it is? | what to do next |
|---|---|---|---|---|
";
