//! GraphQL over HTTP, by its specification: one handler under `/graphql`.
//!
//! **Invariant:** a request that is not carried out (malformed, invalid, too large, from a bad
//! credential) never reaches a resolver.

mod accept;
mod answer;
mod body;
mod endpoint;
mod prepare;

pub use accept::{Format, negotiate};
pub use answer::Problem;
pub(crate) use answer::Written;
pub(crate) use body::from_value;
pub use body::{Asked, BodyError, read_request};
pub use endpoint::{Endpoint, router};
pub use prepare::{Prepared, prepare};
