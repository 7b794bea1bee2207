//! The words of the protocol `graphql-transport-ws`.

use crate::http::Written;
use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// Who I am.
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// Carry this out and tell me its results under this id.
    Subscribe { id: String, payload: Value },
    /// I no longer want to hear of it.
    Complete { id: String },
    /// Are you there?
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// I am here.
    Pong {
        #[serde(default, rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'m> {
    /// You are let in.
    ConnectionAck,
    /// A result.
    Next { id: &'m str, payload: &'m Written },
    /// It was not carried out.
    Error { id: &'m str, payload: &'m [ServerError] },
    /// No more results.
    Complete { id: &'m str },
    /// I am here.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
}

/// Why the connection ends, as the protocol numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    /// Not a message of the protocol.
    NotUnderstood,
    /// An operation before the greeting.
    NotGreeted,
    /// No credential, or one that is not good, or no longer.
    Forbidden,
    /// No greeting in time.
    TooLate,
    /// Two operations of one id.
    SameId,
    /// Two greetings.
    GreetedTwice,
    /// Signs of life are missing.
    Silent,
    /// The server stops.
    Stopping,
}

impl Farewell {
    /// The close code and its reason.
    pub(super) const fn spelled(self) -> (u16, &'static str) {
        match self {
            Self::NotUnderstood => (4400, "Invalid message"),
            Self::NotGreeted => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::TooLate => (4408, "Connection initialisation timeout"),
            Self::SameId => (4409, "Subscriber already exists"),
            Self::GreetedTwice => (4429, "Too many initialisation requests"),
            Self::Silent => (1001, "No sign of life"),
            Self::Stopping => (1001, "The server stops; connect again"),
        }
    }
}
