//! What time alone brings about.

use super::SubscriptionUse;
use crate::{execute::Who, failure::Failure};
use herald_kernel::CommandId;
use herald_subscription::SubscriptionCommand as Command;
use serde::Serialize;

/// Restrict the account now that its grace is over.
#[derive(Debug, Serialize)]
pub struct ElapseGrace;

impl SubscriptionUse for ElapseGrace {
    const WHO: Who = Who::Jobs("elapseGrace");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::ElapseGrace)
    }
}

/// Say that the trial ends within three days.
#[derive(Debug, Serialize)]
pub struct NoteTrialEnding;

impl SubscriptionUse for NoteTrialEnding {
    const WHO: Who = Who::Jobs("noteTrialEnding");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::NoteTrialEnding)
    }
}
