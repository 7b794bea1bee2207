//! What is done once at the provider, under the key of the command that wanted it.

use super::{JobFailure, Next, Run, payments};
use crate::{
    commands::subscription::{OnSubscription, RecordErrand},
    jobs::tell,
    ports::payments::PaymentFailure,
};
use herald_kernel::{CommandId, Instant};
use herald_subscription::{CustomerRef, Errand};

impl Run<'_> {
    pub(super) async fn errand(
        &self,
        errand: CommandId,
        since: Option<Instant>,
    ) -> Result<Next, JobFailure> {
        let state = self.state().await?;
        let (Some(what), Some(customer)) = (state.errand(errand), state.customer()) else {
            return Ok(Next::Done);
        };
        let rejected = self.settled(self.done(errand, since, (what, customer)).await)?.err();
        (payments(self.desk)?.forget)(customer);
        let record = OnSubscription(RecordErrand { errand, rejected });
        tell(self.desk, self.job, format!("errand/{errand}"), record).await?;
        self.look().await?;
        Ok(Next::Done)
    }

    async fn done(
        &self,
        errand: CommandId,
        since: Option<Instant>,
        (what, customer): (&Errand, &CustomerRef),
    ) -> Result<(), PaymentFailure> {
        let (payments, key) = (payments(self.desk)?, Self::key(errand));
        match what {
            Errand::Refund { payment, amount, .. } => {
                if self.is_old(since) && payments.purchases.refunded(&key, payment).await?.is_some()
                {
                    return Ok(());
                }
                payments.purchases.refund(&key, payment, *amount).await.map(drop)
            }
            Errand::FinalizeInvoice { invoice } => {
                payments.invoices.finalize(&key, invoice).await.map(drop)
            }
            Errand::VoidInvoice { invoice } => {
                payments.invoices.void(&key, invoice).await.map(drop)
            }
            Errand::SendInvoice { invoice } => {
                payments.invoices.send(&key, invoice).await.map(drop)
            }
            Errand::DetachMethod { method } => {
                payments.methods.detach(&key, customer, method).await
            }
        }
    }
}
