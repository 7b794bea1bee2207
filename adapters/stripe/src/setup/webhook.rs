//! Where Stripe sends events, and which.

use super::Run;
use crate::{
    call::{Call, id},
    wire::List,
};
use herald_application::ports::payments::{PaymentFailure, WantedWebhook};
use serde::Deserialize;
use stripe_misc::webhook_endpoint::{
    CreateWebhookEndpoint, ListWebhookEndpoint, UpdateWebhookEndpoint,
};
use stripe_shared::ApiVersion;

/// The kinds of event that Herald reads, each a reason to look at a customer.
pub const EVENTS: [&str; 29] = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.voided",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
];

#[derive(Deserialize)]
struct Endpoint {
    id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    enabled_events: Vec<String>,
    /// Shown once, when the endpoint is made.
    #[serde(default)]
    secret: Option<String>,
}

impl Run<'_> {
    pub(super) async fn webhook(&mut self, wanted: &WantedWebhook) -> Result<(), PaymentFailure> {
        let list = ListWebhookEndpoint::new().limit(100);
        let there: List<Endpoint> = self.stripe.ask(Call::new("list_webhooks", &list)).await?;
        let url = wanted.url.as_str();
        let events = events(wanted);
        if let Some(there) = there.data.into_iter().find(|it| it.url == url) {
            return self.mend_webhook(url, &there, &events).await;
        }
        let Some(key) = self.missing("webhook", url) else { return Ok(()) };
        let kinds: Vec<_> = events.iter().map(|kind| known(kind)).collect();
        let create = CreateWebhookEndpoint::new(kinds, url)
            .api_version(known::<ApiVersion>(&self.stripe.settings().version))
            .description("Herald");
        let call = Call::new("create_webhook", &create).keyed(&key);
        let made: Endpoint = self.stripe.ask(call).await?;
        self.done.webhook_secret = made.secret.map(Into::into);
        Ok(())
    }

    async fn mend_webhook(
        &mut self,
        url: &str,
        there: &Endpoint,
        events: &[String],
    ) -> Result<(), PaymentFailure> {
        let update = UpdateWebhookEndpoint::new(id(&there.id)?);
        let has = |kind: &String| there.enabled_events.iter().any(|it| it == kind || it == "*");
        if !events.iter().all(has) {
            // What somebody added stays.
            let mut all: Vec<String> = there.enabled_events.clone();
            all.extend(events.iter().filter(|kind| !has(kind)).cloned());
            let differ = (events.join(" "), there.enabled_events.join(" "));
            if let Some(key) = self.differs("webhook", url, "events", differ, true) {
                let kinds: Vec<_> = all.iter().map(|kind| known(kind)).collect();
                let update = update.clone().enabled_events(kinds);
                let call = Call::new("update_webhook", &update).keyed(&key);
                let _: Endpoint = self.stripe.ask(call).await?;
            }
        }
        if there.status.as_deref() == Some("disabled") {
            let differ = ("enabled".to_owned(), "disabled".to_owned());
            if let Some(key) = self.differs("webhook", url, "status", differ, true) {
                let call = Call::new("update_webhook", &update.disabled(false)).keyed(&key);
                let _: Endpoint = self.stripe.ask(call).await?;
            }
        }
        Ok(())
    }
}

fn events(wanted: &WantedWebhook) -> Vec<String> {
    if wanted.events.is_empty() {
        return EVENTS.map(str::to_owned).to_vec();
    }
    wanted.events.clone()
}

/// A word of Stripe's as its request types take it; words that they do not know pass as they are.
fn known<T: std::str::FromStr<Err = std::convert::Infallible>>(word: &str) -> T {
    match word.parse() {
        Ok(known) => known,
        Err(never) => match never {},
    }
}
