//! The door: whoever knocks is let in as somebody or as nobody, or turned away.

use crate::{Knock, TurnedAway};
use axum::http::HeaderMap;

/// A request that is about to be carried out.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// What is asked, by our own name.
    pub operation: &'a str,
    /// How many fields it selects.
    pub fields: usize,
}

/// Finds out who asks, and counts what they ask.
#[async_trait::async_trait]
pub trait Door: Send + Sync + 'static {
    /// What those who answer get to know of the caller.
    type Visitor: Clone + Send + Sync + 'static;

    /// Lets a caller in. Without a credential they come in as nobody: whoever answers decides what
    /// nobody may do. With a bad one they are turned away.
    async fn admit(&self, knock: Knock) -> Result<Self::Visitor, TurnedAway>;

    /// Is it somebody?
    fn is_signed_in(&self, visitor: &Self::Visitor) -> bool;

    /// Counts a request that is about to be carried out; answers the headers that tell the visitor
    /// where they stand. Without limits there are none.
    async fn charge(&self, _: &Self::Visitor, _: Charge<'_>) -> Result<HeaderMap, TurnedAway> {
        Ok(HeaderMap::new())
    }
}
