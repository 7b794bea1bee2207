//! What a look at a connection showed: it works, it does not, or access is gone.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_kernel::ConnectionId;
use herald_social_connection::{ConnectionCommand, Probe};
use serde::{Serialize, Serializer};
use uuid::Uuid;

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

#[async_trait]
impl UseCase for ObserveProbe {
    const WHO: Who = Who::Jobs("observeProbe");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let command = ConnectionCommand::ObserveProbe { probe: self.probe.clone() };
        super::decide(work, self.connection, command).await.map(|_| ())
    }

    fn replayed(&self, _: Naming) {}
}
