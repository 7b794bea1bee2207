//! What the provider says, taken in; with the claim of the card when a trial begins.

use super::{load, weighing};
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
};
use async_trait::async_trait;
use herald_kernel::{Claim, ClaimCommand, Instant};
use herald_subscription::{Snapshot, SubscriptionCommand as Command, trial_card_claim};
use serde::Serialize;
use uuid::Uuid;

/// Take in what the provider says.
#[derive(Debug, Serialize)]
pub struct ObserveSnapshot {
    /// What it says.
    pub snapshot: Snapshot,
    /// When it was asked.
    pub fetched_at: Instant,
}

#[async_trait]
impl UseCase for ObserveSnapshot {
    const WHO: Who = Who::Jobs("observeSnapshot");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let context = weighing::context(work, false).await?;
        let mut subscription = load(work).await?;
        let had_trial = subscription.state.had_trial();
        let mut claim = self.claim(work).await?;
        let own = work.account().uuid();
        let holder = claim.as_ref().and_then(|claim| claim.state.holder());
        let command = Command::ObserveSnapshot {
            snapshot: Box::new(self.snapshot.clone()),
            fetched_at: self.fetched_at,
            card_tried: holder.is_some_and(|holder| holder != own),
        };
        work.decide(&mut subscription, command, &context).await?;
        if let Some(claim) = claim.as_mut().filter(|_| !had_trial && subscription.state.had_trial())
        {
            // In the same append: of two accounts that try one card at once, one has its trial.
            work.decide(claim, ClaimCommand::Take { by: own }, &()).await?;
        }
        Ok(())
    }

    fn replayed(&self, _: Naming) {}
}

impl ObserveSnapshot {
    async fn claim(&self, work: &Work<'_>) -> Result<Option<Loaded<Claim>>, Failure> {
        let Some(card) = &self.snapshot.card else { return Ok(None) };
        let id = trial_card_claim(&card.fingerprint);
        work.load_any::<Claim>(id).await.map(Some)
    }
}
