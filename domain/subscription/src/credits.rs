//! Credits that were bought beside what a tier includes: oldest first, until they expire.
//!
//! **Invariant:** no credit is spent twice, and none that has expired or was paid back.

mod command;
mod context;
mod decide;
mod event;
mod evolve;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use command::CreditsCommand;
pub use context::CreditsContext;
pub use event::{CreditsEvent, Part};
pub use refusal::CreditsRefusal;
pub use state::{Credits, Pack};

use crate::CreditKind;
use herald_kernel::{AccountId, CreditsId};

/// The stream of an account's bought credits of one kind.
#[must_use]
pub fn credits_id(account: AccountId, kind: CreditKind) -> CreditsId {
    CreditsId::derived(account.uuid(), &format!("credits/{}", kind.as_str()))
}
