//! The terms by which aggregates decide: what an account may use, what a key may do, and the rules
//! that the account sets itself.
//!
//! **Invariant:** these are values. Whoever decides takes them as arguments, so that a post need
//! not know how an account pays, nor an account what a key is.

mod entitlements;
mod feature;
mod policy;
mod quota;
mod rights;
mod scope;

pub use entitlements::{Entitlements, MetricCadence, ModelClass, Tier};
pub use feature::{Feature, Features};
pub use policy::{ApprovalPolicy, Policy, PolicyOutOfRange};
pub use quota::Quota;
pub use rights::{Reach, Rights};
pub use scope::{InvalidScope, Scope};
