//! What one GraphQL request may ask for, counted before anything is executed.

mod guard;
mod lexis;
mod nulls;
mod order;
mod weight;

pub(crate) use guard::coded;
pub use guard::{Guard, Run, guarded};
pub use lexis::{Overgrown, measure};
pub(crate) use order::Order;
pub use weight::{Weight, WeightError, weigh};

use std::time::Duration;

/// The bounds of one request and of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body or of a WebSocket message.
    pub body: usize,
    /// Lexical tokens of a document.
    pub tokens: usize,
    /// Brackets within brackets, and selections within selections once fragments are unfolded: what
    /// the stacks of a parser and of all later walks pay for.
    pub nesting: usize,
    /// Operations in one document; one of them is executed.
    pub operations: usize,
    /// What an ordinary request may select.
    pub ordinary: Budget,
    /// What a request for the schema itself may select.
    pub introspection: Budget,
    /// Errors in one answer.
    pub errors: usize,
    /// How long a query or a mutation may take.
    pub timeout: Duration,
    /// How long a client may take to send its request.
    pub upload: Duration,
    /// Operations that run at one time on one WebSocket connection.
    pub per_connection: usize,
    /// How long a WebSocket client may take until it says who it is.
    pub greeting: Duration,
    /// How often a silent WebSocket client is asked whether it is there.
    pub ping: Duration,
}

/// How much may be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Fields within fields.
    pub depth: usize,
    /// Selected fields, fragments unfolded, `__typename` included.
    pub fields: usize,
    /// Of these, at the root.
    pub roots: usize,
    /// Fields under another name.
    pub aliases: usize,
    /// The static cost, as the schema computes it.
    pub cost: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            tokens: 15_000,
            nesting: 64,
            operations: 10,
            ordinary: Budget { depth: 15, fields: 250, roots: 30, aliases: 30, cost: 1_000 },
            introspection: Budget { depth: 20, fields: 600, roots: 5, aliases: 30, cost: 1_000 },
            errors: 20,
            timeout: Duration::from_secs(10),
            upload: Duration::from_secs(10),
            per_connection: 20,
            greeting: Duration::from_secs(5),
            ping: Duration::from_secs(20),
        }
    }
}
