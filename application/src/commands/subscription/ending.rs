//! The end of a subscription, and going on after all.

use super::{SubscriptionUse, changing::recorded};
use crate::{execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::CommandId;
use herald_subscription::{CancelAt, SubscriptionCommand as Command};
use serde::Serialize;

/// Stop paying.
#[derive(Debug, Serialize)]
pub struct CancelSubscription {
    /// When.
    pub at: CancelAt,
}

impl SubscriptionUse for CancelSubscription {
    const WHO: Who = Who::Members(Action::CancelSubscription);
    const WEIGHS: bool = true;

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::Cancel { at: self.at })
    }
}

/// Go on paying after all.
#[derive(Debug, Serialize)]
pub struct ResumeSubscription;

impl SubscriptionUse for ResumeSubscription {
    const WHO: Who = Who::Members(Action::ResumeSubscription);

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::Resume)
    }
}

/// Note how the provider answered to a cancellation.
#[derive(Debug, Serialize)]
pub struct RecordCancellation {
    /// The provider's code, if it refused.
    pub rejected: Option<String>,
}

impl SubscriptionUse for RecordCancellation {
    const WHO: Who = Who::Jobs("recordCancellation");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::RecordCancellation { outcome: recorded(self.rejected.as_ref()) })
    }
}

/// Note how the provider answered to a resumption.
#[derive(Debug, Serialize)]
pub struct RecordResumption {
    /// The provider's code, if it refused.
    pub rejected: Option<String>,
}

impl SubscriptionUse for RecordResumption {
    const WHO: Who = Who::Jobs("recordResumption");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::RecordResumption { outcome: recorded(self.rejected.as_ref()) })
    }
}
