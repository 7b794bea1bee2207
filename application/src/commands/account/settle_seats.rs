//! Give the seats of the account's tier to its members.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::AccountCommand;
use herald_kernel::MemberId;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Let members rest for whom the tier has no seat, and let those go on for whom it has one again.
/// Told by jobs.
#[derive(Debug, Serialize)]
pub struct SettleSeats {
    /// Who keeps a seat before others.
    pub chosen: BTreeSet<MemberId>,
}

#[async_trait]
impl UseCase for SettleSeats {
    const WHO: Who = Who::Jobs("settleSeats");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        super::decide(work, AccountCommand::SettleSeats { chosen: self.chosen.clone() }).await
    }

    fn replayed(&self, _: Naming) {}
}
