//! What happens: use cases, processes, jobs and views over the domain and its ports.
//!
//! **Invariant:** nothing here knows a database, an HTTP library or a provider; all three stand
//! behind the traits in [`ports`].
//! **Invariant:** nothing changes an aggregate but a use case in [`commands`], nothing writes a view
//! but a fold in [`views`], nothing has an effect at a provider but a job in [`jobs`].

pub mod audit;
pub mod billing;
pub mod bridge;
pub mod business;
pub mod caller;
pub mod commands;
pub mod desk;
pub mod enforcement;
pub mod entitlements;
pub mod execute;
pub mod failure;
pub mod generation;
pub mod identity;
pub mod imports;
pub mod inbox;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod log;
pub mod metering;
pub mod notices;
pub mod occurred;
pub mod ports;
pub mod processes;
pub mod progress;
pub mod projector;
pub mod reading;
pub mod replicas;
pub mod settings;
pub mod sign_in;
#[cfg(test)]
pub(crate) mod testing;
pub mod token;
pub mod upkeep;
pub mod vault;
pub mod views;
pub mod worker;
