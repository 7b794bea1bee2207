//! The ways to go wrong, as the control API takes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a fault strikes before the effect, which then never happens, or after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing happened.
    #[default]
    Before,
    /// It happened; only the answer suffers.
    After,
}

/// Where in an exchange the connection is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The request was read, nothing happened, not one byte is answered.
    #[default]
    BeforeEffect,
    /// It happened, not one byte is answered.
    AfterEffect,
    /// It happened, half of the answer arrives.
    MidBody,
}

/// The ways to go wrong. Every parameter has a default, so a bare name is a whole fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Everything happens, later; `after`: at once, but the answer comes late.
    Delay {
        /// How much later, in milliseconds.
        #[serde(default = "one_second")]
        ms: u64,
        /// Before which side of the effect to wait.
        #[serde(default)]
        effect: Effect,
    },
    /// Another status than the true one.
    Status {
        /// The status.
        #[serde(default = "server_error")]
        code: u16,
        /// The body; without one, the provider's own shape for this status.
        #[serde(default)]
        body: Option<Value>,
        /// Headers to add, for example a `location`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Whether it happened nevertheless.
        #[serde(default)]
        effect: Effect,
    },
    /// The TCP connection ends.
    Cut {
        /// Where.
        #[serde(default)]
        when: Cut,
        /// With a reset (RST) instead of an orderly end (FIN).
        #[serde(default)]
        reset: bool,
    },
    /// The connection stays open and nothing is ever answered.
    Hang {
        /// Whether it happened.
        #[serde(default)]
        effect: Effect,
    },
    /// The true status with a body that nobody can read.
    Garbage {
        /// The body; without one, something that is almost JSON.
        #[serde(default)]
        body: Option<String>,
        /// Whether it happened.
        #[serde(default = "after")]
        effect: Effect,
    },
    /// 429 with `Retry-After`; nothing happened.
    RateLimited {
        /// Seconds or a date, or absent; printed as given.
        #[serde(default)]
        retry_after: Option<Value>,
    },
    /// Lookups and listings hide what is younger. Stays until removed unless `times` is given.
    Lag {
        /// How young, in seconds of the sandbox's time.
        #[serde(default = "a_minute")]
        seconds: i64,
    },
    /// The permission behind the token is taken back just before the request.
    Revoked,
    /// It happened, and the answer never ends.
    #[serde(alias = "oversized_body")]
    Oversized {
        /// How much is sent, in bytes.
        #[serde(default = "a_gibibyte")]
        bytes: u64,
    },
    /// It happened, and the answer comes byte by byte.
    #[serde(alias = "drip")]
    SlowDrip {
        /// The pause before each byte, in milliseconds.
        #[serde(default = "one_second")]
        ms: u64,
    },
}

fn one_second() -> u64 {
    1000
}
fn server_error() -> u16 {
    500
}
fn after() -> Effect {
    Effect::After
}
fn a_minute() -> i64 {
    60
}
fn a_gibibyte() -> u64 {
    1 << 30
}
