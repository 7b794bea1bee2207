//! Tiers for tests, for nothing.

use super::{World, caller};
use crate::{
    caller::Standing,
    commands::subscription::{Grandfather, OnSubscription},
};
use herald_kernel::AccountId;
use herald_subscription::TierKey;
use herald_terms::Tier;

impl World {
    /// An operator gives `account` a tier for nothing.
    pub(crate) async fn give(&self, account: AccountId, tier: &'static str) {
        let to = TierKey { tier: Tier::named(tier), version: 1 };
        let gift = Grandfather { to, until: None, reason: "a test".try_into().expect("a reason") };
        let operator = caller(account, Standing::Operator(None));
        self.run(&operator, OnSubscription(gift)).await.expect("given");
    }
}
