//! The one client under all providers: how Herald speaks HTTP to the outside, and how it gives up.
//!
//! A provider adapter describes a call as a [`Request`] or a [`Commit`] and reads an [`Answer`] or
//! an [`Error`]. Timeouts, retries, limits, the circuit breaker, the cache, metrics and redaction
//! live here and nowhere else.
//!
//! **Invariant:** a [`Commit`] goes over the wire at most once. It has a connection of its own:
//! there is no pool, no redirect, no proxy and no retry anywhere beneath it.
//!
//! **Invariant:** no secret and no query string appears in a log line, a metric, a `Debug` or a
//! `Display` of this crate.

mod answer;
mod breaker;
mod budget;
mod cache;
mod client;
mod commit;
mod environment;
mod error;
mod limits;
mod multipart;
mod redact;
mod request;
mod retry;
mod settings;
mod telemetry;
mod tls;
mod when;
mod wire;

pub use answer::Answer;
pub use breaker::BreakerState;
pub use cache::CacheKey;
pub use client::{Client, Standing};
pub use commit::{CommitAnswer, Deadline, LostCause, OpenCommit, UnsentCause};
pub use environment::{Environment, RealEnvironment};
pub use error::{Error, Failure, NetworkCause};
pub use limits::LimitStanding;
pub use multipart::Multipart;
pub use redact::redact;
pub use request::{Commit, Request};
pub use settings::{BreakerSettings, CacheSettings, InvalidSettings, Settings};
pub use tls::install_default;

pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use url::Url;
