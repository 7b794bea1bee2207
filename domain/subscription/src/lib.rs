//! What an account may use, and the policy it sets itself: values that commands take.
//!
//! The Subscription aggregate (checkout, trial, grace, downgrade) moves in here later. Until then
//! the other aggregates already decide by its values, so that nothing changes for them when
//! billing arrives.

mod entitlements;
mod policy;
mod quota;

pub use entitlements::{Entitlements, ModelClass, Tier};
pub use policy::{ApprovalPolicy, Policy, PolicyOutOfRange};
pub use quota::Quota;
