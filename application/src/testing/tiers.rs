//! Tiers for tests, for nothing.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_subscription::{
    Subscription, SubscriptionCommand, SubscriptionContext, Tier, TierKey, subscription_id,
};
use serde::Serialize;
use uuid::Uuid;

/// Gives an account a tier for nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Give(pub(crate) &'static str);

#[async_trait]
impl UseCase for Give {
    const WHO: Who = Who::Jobs("giveForATest");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let id = subscription_id(work.account()).uuid();
        let mut subscription = work.load_any::<Subscription>(id).await?;
        let to = TierKey { tier: Tier::named(self.0), version: 1 };
        let reason = "a test".try_into().expect("a reason");
        let command = SubscriptionCommand::Grandfather { to, until: None, reason };
        work.decide(&mut subscription, command, &SubscriptionContext::at(work.now)).await
    }

    fn replayed(&self, _: Naming) {}
}
