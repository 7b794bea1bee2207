//! Another tier or interval: up at once, down with the end of what is paid for.

use super::SubscriptionUse;
use crate::{execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::CommandId;
use herald_subscription::{Interval, Keepers, Recorded, SubscriptionCommand as Command};
use herald_terms::Tier;
use serde::Serialize;

/// Pay for another tier or in another interval.
#[derive(Debug, Serialize)]
pub struct ChangePlan {
    /// To which tier, by its name or an alias.
    pub tier: Tier,
    /// Paid how often.
    pub interval: Interval,
}

impl SubscriptionUse for ChangePlan {
    const WHO: Who = Who::Members(Action::ChangePlan);
    const WEIGHS: bool = true;

    fn command(&self, change: CommandId) -> Result<Command, Failure> {
        let (tier, interval) = (self.tier.clone(), self.interval);
        Ok(Command::RequestPlanChange { change, tier, interval })
    }
}

/// Stay, although a change was asked for.
#[derive(Debug, Serialize)]
pub struct WithdrawPlanChange;

impl SubscriptionUse for WithdrawPlanChange {
    const WHO: Who = Who::Members(Action::WithdrawPlanChange);

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::WithdrawPlanChange)
    }
}

/// Say what keeps its place in the lower tier.
#[derive(Debug, Serialize)]
pub struct ChooseKeepers {
    /// What.
    pub keepers: Keepers,
}

impl SubscriptionUse for ChooseKeepers {
    const WHO: Who = Who::Members(Action::ChooseKeepers);

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::ChooseKeepers { keepers: self.keepers.clone() })
    }
}

/// Hand a change to the provider whose time has come.
#[derive(Debug, Serialize)]
pub struct ApplyPlanChange {
    /// Which.
    pub change: CommandId,
}

impl SubscriptionUse for ApplyPlanChange {
    const WHO: Who = Who::Jobs("applyPlanChange");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::ApplyPlanChange { change: self.change })
    }
}

/// Note how the provider answered.
#[derive(Debug, Serialize)]
pub struct RecordPlanChange {
    /// Which.
    pub change: CommandId,
    /// The provider's code, if it refused.
    pub rejected: Option<String>,
}

impl SubscriptionUse for RecordPlanChange {
    const WHO: Who = Who::Jobs("recordPlanChange");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let outcome = recorded(self.rejected.as_ref());
        Ok(Command::RecordPlanChange { change: self.change, outcome })
    }
}

pub(super) fn recorded(rejected: Option<&String>) -> Recorded {
    rejected.map_or(Recorded::Accepted, |code| Recorded::Rejected { code: code.clone() })
}
