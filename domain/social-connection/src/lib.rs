//! A social connection: consent, tokens by reference, health, pause and end.
//!
//! **Invariant:** no code, verifier or token is in a command or an event; they stay in the vault,
//! and the log names the version that holds them.

mod command;
mod context;
mod decide;
mod event;
mod evolve;
mod readiness;
mod refusal;
mod scopes;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod values;

pub use command::ConnectionCommand;
pub use context::Context;
pub use event::ConnectionEvent;
pub use readiness::Unpublishable;
pub use refusal::ConnectionRefusal;
pub use scopes::{media_scope, publishing_scopes};
pub use state::{Consent, ConsentPhase, OpenRefresh, REFRESH_LEASE, SocialConnection};
pub use status::Status;
pub use values::{
    BlockReason, ExchangeFailure, Identity, PauseReason, Probe, ProviderAccountId, ProviderCode,
    QuotaWindow, ReauthReason, RefreshFailure, TextLimit, TokenFacts, TokenOrigin, Trouble,
};
