//! What an API key may do: scopes, and the rights that are left of them.
//!
//! The aggregate (issue, rotate, revoke) moves in here later; its values exist already so
//! that a caller's rights are one type from the first day.

mod rights;
mod scope;

pub use rights::{Reach, Rights};
pub use scope::{InvalidScope, Scope};
