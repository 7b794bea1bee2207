//! Taking over what others kept before us: people in a directory, customers who pay.
//!
//! **Invariant:** an import tells the use cases that webhooks tell, under keys that follow from the
//! provider's own names. Once more, it changes nothing.
//! **Invariant:** nobody is matched by an e-mail address: people by issuer and subject, customers by
//! the notes that servers alone can write.

mod customers;
mod people;
#[cfg(test)]
mod tests;

pub use customers::{CustomerOutcome, Listed, customers, take_over};
pub use people::{PeoplePage, PersonOutcome, people};

use crate::{
    failure::Failure,
    ports::{DirectoryFailure, payments::PaymentFailure},
};

/// What an import causes says so in the log.
const CAUSE: &str = "cli:import";

/// Why an import, or one line of it, could not be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportFailure {
    /// No directory of this name is configured.
    #[error("no directory of this name is configured, or it may not be listed")]
    NoDirectory,
    /// The directory failed.
    #[error(transparent)]
    Directory(#[from] DirectoryFailure),
    /// The payment provider failed.
    #[error("{}: {_0}", _0.code())]
    Payments(#[from] PaymentFailure),
    /// A rule or our own storage stood against it.
    #[error("{}: {_0}", _0.code())]
    Failed(#[from] Failure),
}
