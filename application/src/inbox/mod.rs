//! Webhooks in: checked and kept before they are answered, applied once each, in order.
//!
//! **Invariant:** what was answered "taken" is in the inbox, on disk. Whatever happens afterwards, a
//! crash included, is repeated from there.
//! **Invariant:** a body lies sealed; it is opened for its applier and for nobody else.
//! **Invariant:** the body tells whom an event is about and nothing more: appliers ask the provider
//! how things stand, so that a webhook may come twice, late, or in any order.

mod applier;
mod compare;
mod gauge;
mod operate;
mod pump;
mod sealing;
mod sources;
mod take_in;
#[cfg(test)]
mod tests;
mod work;

pub use applier::{Applied, WebhookApplier, caller};
pub use compare::compare;
pub use gauge::gauge;
pub use operate::{ReplayRefused, find, forget_old_bodies, list, replay};
pub use pump::{start, turn};
pub use sources::{Pace, Source, Sources};
pub use take_in::{NotTaken, take_in};
