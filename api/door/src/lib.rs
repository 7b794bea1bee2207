//! What stands before every way in, whether GraphQL, REST, a callback or a webhook: who asks, from
//! where, and how much of it is too much.
//!
//! **Invariant:** the door decides who is let in, never what they may do there.

mod cookie;
mod credential;
mod door;
mod knock;
mod noted;
mod origins;
mod reception;
mod turned_away;
mod visitor;

pub use cookie::{cookie, dropped};
pub use credential::{Credential, bearer_token};
pub use door::{Charge, Door};
pub use knock::{ACCOUNT, Knock};
pub use noted::{RequestId, Source};
pub use origins::Origins;
pub use reception::Reception;
pub use turned_away::{Limited, QUOTA_EXCEEDED, TurnedAway};
pub use visitor::Visitor;
