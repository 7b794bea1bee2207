//! Processes: what events lead to, as jobs, one process a file.
//!
//! A process is pure: it names jobs by natural keys and writes nothing itself. The projector stores
//! the jobs in the transaction that moves the process's checkpoint.

mod bill;
mod connect;
mod enforce;
mod generate;
mod identity;
mod keys;
mod notes;
pub(crate) mod notify;
mod publish;

use crate::{bridge::StreamKind, occurred::Occurred, ports::JobChange, settings::Settings};

/// Turns events into jobs.
pub trait Process: Send + Sync {
    /// The stored name.
    fn name(&self) -> &'static str;

    /// Does anything follow from events of this type? No others come before it.
    fn reads(&self, kind: StreamKind) -> bool;

    /// What follows from one event.
    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange>;
}

/// Every process.
#[must_use]
pub fn all_processes() -> Vec<Box<dyn Process>> {
    vec![
        Box::new(bill::Bill),
        Box::new(connect::Connect),
        Box::new(enforce::Enforce),
        Box::new(generate::Generate),
        Box::new(identity::Identities),
        Box::new(keys::Keys),
        Box::new(notes::Notes),
        Box::new(notify::Notify),
        Box::new(publish::Publish),
    ]
}
