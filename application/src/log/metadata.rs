//! Who did it, when, why and through which door: the same flat strings beside every event.

use crate::ports::{StoredJson, entries, string};
use herald_kernel::{AccountId, ApiKeyId, CommandId, IdentityId, Instant, MemberId};
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt};
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person in an account.
    Member(MemberId),
    /// A signed-in person who is no member yet.
    Person(IdentityId),
    /// A program with a key of the account.
    ApiKey(ApiKeyId),
    /// A background job, by its natural key: it says what the job did, and outlives it.
    Job(String),
    /// Herald itself: a command line, a schedule.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(member) => write!(f, "member:{member}"),
            Self::Person(identity) => write!(f, "person:{identity}"),
            Self::ApiKey(key) => write!(f, "api_key:{key}"),
            Self::Job(job) => write!(f, "job:{job}"),
            Self::System => f.write_str("system:herald"),
        }
    }
}

/// The door that a command came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The GraphQL API.
    Graphql,
    /// The REST API.
    Rest,
    /// A background job.
    Job,
    /// A provider's webhook or callback.
    Webhook,
    /// The command line.
    Cli,
}

impl Via {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graphql => "graphql",
            Self::Rest => "rest",
            Self::Job => "job",
            Self::Webhook => "webhook",
            Self::Cli => "cli",
        }
    }
}

/// What is stored beside every event of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMeta {
    /// Whose event it is.
    pub account: AccountId,
    /// Who acts.
    pub actor: Actor,
    /// The command, so that it is followed once.
    pub command: CommandId,
    /// A keyed fingerprint of the request, so that a reused key is noticed.
    pub fingerprint: String,
    /// What it belongs to: the same through a whole chain of causes.
    pub correlation: Uuid,
    /// What caused it: `event:` and the ordinal of the event that led to the job, `request:…`,
    /// `webhook:…`, or what else moved somebody.
    pub causation: String,
    /// When, by the application's clock: business time.
    pub occurred_at: Instant,
    /// Through which door.
    pub via: Via,
}

impl EventMeta {
    /// A JSON object of flat strings, as stored beside the event.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |value: &dyn fmt::Display| Value::String(value.to_string());
        let entries = [
            ("account_id", text(&self.account)),
            ("actor", text(&self.actor)),
            ("command_id", text(&self.command)),
            ("fingerprint", text(&self.fingerprint)),
            ("correlation_id", text(&self.correlation)),
            ("causation_id", text(&self.causation)),
            ("occurred_at", text(&self.occurred_at)),
            ("via", text(&self.via.as_str())),
        ];
        Value::Object(
            entries.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<Map<_, _>>(),
        )
    }
}

/// What is read of the metadata beside an event, in one go. A foreign writer's may lack any of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told<'m> {
    pub(crate) account: Option<AccountId>,
    pub(crate) actor: Option<Cow<'m, str>>,
    pub(crate) correlation: Option<Uuid>,
    pub(crate) occurred_at: Option<Instant>,
}

impl<'m> Told<'m> {
    pub(crate) fn read(metadata: &'m StoredJson) -> Self {
        let mut told = Self::default();
        let read = entries(metadata.as_str(), |name, value| match name.as_ref() {
            "account_id" => told.account = string(value).and_then(|text| text.parse().ok()),
            "actor" => told.actor = string(value),
            "correlation_id" => told.correlation = string(value).and_then(|text| text.parse().ok()),
            "occurred_at" => told.occurred_at = string(value).and_then(|text| text.parse().ok()),
            _ => {}
        });
        if read.is_ok() { told } else { Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_beside_an_event_is_what_was_written() {
        let meta = EventMeta {
            account: AccountId::new(Uuid::from_u128(1)),
            actor: Actor::Member(MemberId::new(Uuid::from_u128(2))),
            command: CommandId::new(Uuid::from_u128(3)),
            fingerprint: "f".repeat(64),
            correlation: Uuid::from_u128(4),
            causation: "request:\"ada\"".to_owned(),
            occurred_at: "2026-11-21T09:00:00.123456Z".parse().expect("an instant"),
            via: Via::Rest,
        };
        let stored = StoredJson::from(&meta.to_json());
        let told = Told::read(&stored);
        assert_eq!(told.account, Some(meta.account));
        assert_eq!(told.actor.as_deref(), Some(meta.actor.to_string().as_str()));
        assert_eq!(told.correlation, Some(meta.correlation));
        assert_eq!(told.occurred_at, Some(meta.occurred_at));
    }

    #[test]
    fn a_foreign_writers_metadata_tell_nothing_and_are_no_error() {
        for foreign in ["{}", "null", "[]", r#"{"account_id": 7, "actor": null}"#, "{"] {
            assert_eq!(Told::read(&StoredJson::new(foreign)), Told::default(), "{foreign}");
        }
    }
}
