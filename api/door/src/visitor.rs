//! Whoever was let in.

use herald_application::{caller::Person, keys::Pass};
use secrecy::SecretString;
use std::net::IpAddr;
use uuid::Uuid;

/// What is known of who asks. Whoever answers finds it with the request.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The signed-in person; `None` is nobody in particular.
    pub person: Option<Person>,
    /// The session by which they are signed in.
    pub session: Option<SecretString>,
    /// Does that person operate the installation? A program never does, whoever issued its key.
    pub operator: bool,
    /// What a program with an API key may do.
    pub pass: Option<Pass>,
    /// The account that they want to act in, where they take part in several.
    pub account: Option<String>,
    /// Where they call from, where that can be told.
    pub source: Option<IpAddr>,
    /// Names the request in logs and in the audit log.
    pub request: Uuid,
}
