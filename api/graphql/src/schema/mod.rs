//! The GraphQL schema: what can be asked, commanded and followed.
//!
//! **Invariant:** every root finds out who asks, and whether their role allows it, before it looks
//! at anything.
//! **Invariant:** what belongs to another account is answered like what does not exist.

pub mod documents;
mod errors;
mod fault;
mod input;
mod mutation;
mod paging;
mod query;
mod reads;
mod scalars;
mod subscription;
#[cfg(test)]
mod tests;
mod types;
mod visitor;
mod why;

pub use mutation::Mutation;
pub use query::{Checkup, Query};
pub use subscription::Subscription;
pub(crate) use visitor::Known;

use async_graphql::{Schema, SchemaBuilder};
use herald_application::desk::Desk;
use std::sync::Arc;

/// The whole schema.
pub type Herald = Schema<Query, Mutation, Subscription>;

/// What the schema shows beside what is at the desk.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Extras {
    /// How every provider is.
    pub checkup: Arc<Checkup>,
}

/// The schema over a desk.
///
/// The transport puts a [`Visitor`](herald_door::Visitor) into every request; without one nobody asks.
#[must_use]
pub fn build(desk: Arc<Desk>, extras: Extras) -> Herald {
    bare().data(desk).data(extras.checkup).finish()
}

/// The schema in its own language: what `docs/schema.graphql` holds.
#[must_use]
pub fn sdl() -> String {
    bare().finish().sdl()
}

/// The schema without anything behind it: enough to describe it, and to refuse.
fn bare() -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription);
    crate::limits::guarded(builder)
}
