//! What a look at a connection showed: it works, it does not, or access is gone.

use super::ConnectionUse;
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, Probe};
use serde::{Serialize, Serializer};

/// Observe how a connection answers.
#[derive(Debug, Serialize)]
pub struct ObserveProbe {
    /// The connection.
    pub connection: ConnectionId,
    /// What was seen.
    #[serde(serialize_with = "in_words")]
    pub probe: Probe,
}

fn in_words<S: Serializer>(probe: &Probe, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{probe:?}"))
}

impl ConnectionUse for ObserveProbe {
    const WHO: Who = Who::Jobs("observeProbe");

    fn connection(&self) -> ConnectionId {
        self.connection
    }

    fn command(&self, _: &Caller) -> Result<ConnectionCommand, Failure> {
        Ok(ConnectionCommand::ObserveProbe { probe: self.probe.clone() })
    }
}
