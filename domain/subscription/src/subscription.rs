//! What an account pays for: checkout, trial, payment, change and end.
//!
//! Three layers, kept apart: the mirror (what the provider says), the access that follows from it,
//! and the entitlements of the tier version that the account is pinned to.
//!
//! **Invariant:** an account has one live subscription at the provider; a second is a question for
//! an operator and never canceled silently.
//! **Invariant:** the tier follows from the price and from nothing else.
//! **Invariant:** what has ended stays ended; who comes back has a new subscription.

mod access;
mod command;
mod context;
mod decide;
mod errand;
mod event;
mod event_names;
mod evolve;
mod overriding;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod values;

pub use access::{Access, Restriction};
pub use command::SubscriptionCommand;
pub use context::SubscriptionContext;
pub use errand::Errand;
pub use event::SubscriptionEvent;
pub use overriding::{Entitlement, InvalidEntitlement, Override};
pub use refusal::SubscriptionRefusal;
pub use state::{Basis, Subscription};
pub use values::{
    Buys, CancelAt, Checkout, CheckoutOutcome, DisputeStage, Grant, Impact, InUse, Keepers,
    PlanChange, PortalOutcome, Question, Reason, Recorded, TrialRefusalReason, Url,
};

use herald_kernel::{AccountId, SubscriptionId, claim_id};
use uuid::Uuid;

/// The kind of the claim that a card makes when it is used for a trial.
pub const TRIAL_CARD_CLAIM: &str = "trial_card";

/// The stream of the claim of one card, named by its fingerprint, on the one trial that it has.
#[must_use]
pub fn trial_card_claim(fingerprint: &str) -> Uuid {
    claim_id(TRIAL_CARD_CLAIM, fingerprint)
}

/// The one subscription of an account.
#[must_use]
pub fn subscription_id(account: AccountId) -> SubscriptionId {
    SubscriptionId::derived(account.uuid(), "subscription")
}
