//! People as their identity providers keep them: what their webhooks lead to here, and what we write
//! back beside their names.
//!
//! **Invariant:** a webhook names whom to read again; nothing follows from what it says.
//! **Invariant:** nothing is ever deleted at a provider, and nobody is linked by an e-mail address.

mod applier;
mod opening;
#[cfg(test)]
mod tests;

pub use applier::DirectoryApplier;
pub(crate) use opening::{account_for, open_account};
