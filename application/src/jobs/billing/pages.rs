//! The provider's pages, opened.

use super::{JobFailure, Next, Run, payments};
use crate::{
    billing::return_to::{self, ReturnTo},
    commands::subscription::{
        OnSubscription, PageOutcome, RecordCheckout, RecordPortal, catalogue,
    },
    failure::Failure,
    jobs::tell,
    ports::payments::{
        CreditPurchase, OpenedCheckout, PaymentFailure, PortalVisit, ReturnAddresses,
        SubscriptionCheckout, TrialOffer,
    },
    settings::Billing,
};
use herald_kernel::CommandId;
use herald_subscription::{Buys, Checkout, CheckoutRef, CustomerRef};
use secrecy::ExposeSecret as _;

/// What is recorded in place of a provider's code where a page would be paid twice.
const ALREADY_SUBSCRIBED: &str = "already_subscribed";

impl Run<'_> {
    pub(super) async fn open_checkout(
        &self,
        checkout: CommandId,
        trial_days: u16,
        replaces: Option<&CheckoutRef>,
    ) -> Result<Next, JobFailure> {
        if let Some(session) = replaces {
            self.close_checkout(session, checkout).await?;
        }
        let state = self.state().await?;
        let Some(wanted) = state.checkout().filter(|it| it.id == checkout && it.url.is_none())
        else {
            return_to::forget(self.desk, self.job.account, checkout).await?;
            return Ok(Next::Done);
        };
        let way = return_to::kept(self.desk, self.job.account, checkout).await?;
        let outcome = match self.page(wanted, trial_days, &way).await? {
            Ok(OpenedCheckout { id, url, expires_at }) => PageOutcome::Checkout {
                session: id,
                url: url.expose_secret().to_owned(),
                expires_at,
            },
            Err(code) => PageOutcome::Failed { code },
        };
        self.record_checkout(checkout, outcome).await?;
        return_to::forget(self.desk, self.job.account, checkout).await?;
        Ok(Next::Done)
    }

    /// The page, or why there is none: somebody waits for it, whatever keeps it from opening.
    async fn page(
        &self,
        wanted: &Checkout,
        trial_days: u16,
        way: &ReturnTo,
    ) -> Result<Result<OpenedCheckout, String>, JobFailure> {
        let customer = match self.settled(self.customer().await?)? {
            Ok(customer) => customer,
            Err(code) => return Ok(Err(code)),
        };
        match self.settled(self.would_be_paid_twice(wanted, &customer).await)? {
            Ok(false) => self.settled(self.opened(wanted, customer, trial_days, way).await),
            Ok(true) => {
                self.look().await?;
                Ok(Err(ALREADY_SUBSCRIBED.to_owned()))
            }
            Err(code) => Ok(Err(code)),
        }
    }

    /// Does the provider show a tier that is paid already, although nobody told us yet? The page
    /// that was replaced may have been paid on until it was closed.
    async fn would_be_paid_twice(
        &self,
        wanted: &Checkout,
        customer: &CustomerRef,
    ) -> Result<bool, PaymentFailure> {
        if matches!(wanted.buys, Buys::Pack { .. }) {
            return Ok(false);
        }
        let shown = payments(self.desk)?.subscriptions.snapshot(customer).await?;
        Ok(shown.subscription.is_some_and(|it| it.status.is_running()))
    }

    async fn record_checkout(
        &self,
        checkout: CommandId,
        outcome: PageOutcome,
    ) -> Result<(), JobFailure> {
        let (step, session) = match &outcome {
            PageOutcome::Checkout { session, .. } => {
                (format!("checkout/{checkout}/{session}"), Some(session.clone()))
            }
            PageOutcome::Failed { code } => (format!("checkout/{checkout}/failed/{code}"), None),
            PageOutcome::Portal { .. } => return Ok(()),
        };
        let record = OnSubscription(RecordCheckout { checkout, outcome });
        match tell(self.desk, self.job, step, record).await {
            Ok(_) => Ok(()),
            // A newer checkout took its place: nobody is to pay on this one.
            Err(Failure::Refused { code: "NOT_FOUND", .. }) => match session {
                Some(session) => self.close_checkout(&session, checkout).await,
                None => Ok(()),
            },
            Err(failure) => Err(failure.into()),
        }
    }

    async fn opened(
        &self,
        wanted: &Checkout,
        customer: CustomerRef,
        trial_days: u16,
        way: &ReturnTo,
    ) -> Result<OpenedCheckout, PaymentFailure> {
        let (desk, account) = (self.desk, self.job.account);
        let payments = payments(desk)?;
        let automatic_tax =
            matches!(desk.settings.billing, Billing::On { automatic_tax: true, .. });
        let key = Self::key(wanted.id);
        let known = catalogue(desk).ok();
        let price = known.map_or(&wanted.price, |it| it.id_of(&wanted.price)).clone();
        let (success, cancel) = (way.success(&desk.settings), way.cancel(&desk.settings));
        let return_to = ReturnAddresses { success, cancel };
        let promotion_codes = desk.settings.payments.promotion_codes;
        let tax_rates = wanted.tax_rates.clone();
        match &wanted.buys {
            Buys::Tier { .. } => {
                let card_required = !desk.settings.payments.trial_without_card;
                let days = u32::from(trial_days);
                let trial = (days > 0).then_some(TrialOffer { days, card_required });
                let checkout = SubscriptionCheckout {
                    account,
                    customer,
                    price,
                    trial,
                    promotion_codes,
                    automatic_tax,
                    tax_rates,
                    return_to,
                    expires_at: None,
                };
                payments.checkouts.open_subscription(&key, &checkout).await
            }
            Buys::Pack { .. } => {
                let purchase = CreditPurchase {
                    account,
                    customer,
                    price,
                    quantity: 1,
                    promotion_codes,
                    automatic_tax,
                    tax_rates,
                    return_to,
                    expires_at: None,
                };
                payments.checkouts.open_purchase(&key, &purchase).await
            }
        }
    }

    /// A page that was paid on or has closed meanwhile is left as it is: its own event tells.
    async fn close_checkout(
        &self,
        session: &CheckoutRef,
        because: CommandId,
    ) -> Result<(), JobFailure> {
        let key = Self::key(because).part("expire");
        let closed = async { payments(self.desk)?.checkouts.expire(&key, session).await };
        let _left_as_it_is = self.settled(closed.await)?;
        Ok(())
    }

    pub(super) async fn open_portal(&self, portal: CommandId) -> Result<Next, JobFailure> {
        let way = return_to::kept(self.desk, self.job.account, portal).await?;
        let customer = self.customer().await?;
        let opened = async {
            let visit =
                PortalVisit { customer: customer?, return_to: way.success(&self.desk.settings) };
            payments(self.desk)?.checkouts.open_portal(&Self::key(portal), &visit).await
        };
        let outcome = match self.settled(opened.await)? {
            Ok(opened) => PageOutcome::Portal { url: opened.url.expose_secret().to_owned() },
            Err(code) => PageOutcome::Failed { code },
        };
        let record = OnSubscription(RecordPortal { portal, outcome });
        match tell(self.desk, self.job, format!("portal/{portal}"), record).await {
            // Somebody asked anew meanwhile, or it was recorded before.
            Ok(_) | Err(Failure::Refused { code: "NOT_FOUND", .. }) => {}
            Err(failure) => return Err(failure.into()),
        }
        return_to::forget(self.desk, self.job.account, portal).await?;
        Ok(Next::Done)
    }
}
