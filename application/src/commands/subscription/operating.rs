//! What an operator does: more time, other limits, a tier for nothing.

use super::SubscriptionUse;
use crate::{execute::Who, failure::Failure};
use herald_kernel::{CommandId, Instant};
use herald_subscription::{Entitlement, Reason, SubscriptionCommand as Command, TierKey};
use serde::Serialize;

/// Give the account a tier version for nothing.
#[derive(Debug, Serialize)]
pub struct Grandfather {
    /// Which.
    pub to: TierKey,
    /// Until when.
    pub until: Option<Instant>,
    /// Why.
    pub reason: Reason,
}

impl SubscriptionUse for Grandfather {
    const WHO: Who = Who::Operator("grandfather");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let (to, reason) = (self.to.clone(), self.reason.clone());
        Ok(Command::Grandfather { to, until: self.until, reason })
    }
}

/// Let everything work for longer although a payment failed.
#[derive(Debug, Serialize)]
pub struct ExtendGrace {
    /// Until when.
    pub until: Instant,
    /// Why.
    pub reason: Reason,
}

impl SubscriptionUse for ExtendGrace {
    const WHO: Who = Who::Operator("extendGrace");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::ExtendGrace { until: self.until, reason: self.reason.clone() })
    }
}

/// Set one entitlement otherwise than the tier does.
#[derive(Debug, Serialize)]
pub struct OverrideEntitlement {
    /// Which, and what it is.
    pub entitlement: Entitlement,
    /// Until when.
    pub until: Option<Instant>,
    /// Why.
    pub reason: Reason,
}

impl SubscriptionUse for OverrideEntitlement {
    const WHO: Who = Who::Operator("overrideEntitlement");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let (entitlement, until) = (self.entitlement, self.until);
        Ok(Command::OverrideEntitlement { entitlement, until, reason: self.reason.clone() })
    }
}

/// Let the tier decide again.
#[derive(Debug, Serialize)]
pub struct LiftOverride {
    /// About what; the value does not matter.
    pub entitlement: Entitlement,
}

impl SubscriptionUse for LiftOverride {
    const WHO: Who = Who::Operator("liftOverride");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::LiftOverride { entitlement: self.entitlement })
    }
}
