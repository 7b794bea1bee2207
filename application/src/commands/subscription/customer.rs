//! The account, known to the payment provider.

use super::SubscriptionUse;
use crate::{execute::Who, failure::Failure};
use herald_kernel::CommandId;
use herald_subscription::{CustomerRef, SubscriptionCommand as Command};
use serde::Serialize;

/// Have the account known to the payment provider.
#[derive(Debug, Serialize)]
pub struct IntendCustomer;

impl SubscriptionUse for IntendCustomer {
    const WHO: Who = Who::Jobs("intendCustomer");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::IntendCustomer)
    }
}

/// Note under which name the provider knows the account.
#[derive(Debug, Serialize)]
pub struct LinkCustomer {
    /// The name.
    pub customer: CustomerRef,
}

impl SubscriptionUse for LinkCustomer {
    const WHO: Who = Who::Jobs("linkCustomer");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::LinkCustomer { customer: self.customer.clone() })
    }
}
