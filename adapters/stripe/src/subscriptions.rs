//! Standing orders: beginning, changing, ending.

use crate::{
    ACCOUNT, Stripe,
    call::{Call, id, missing},
    checkouts::names,
    failure::unreadable,
    from_seconds, money, named, notes, seconds,
    wire::{Preview, Subscription},
};
use async_trait::async_trait;
use herald_application::ports::payments::{
    CancelWhen, ChangePreview, IdempotencyKey, NewSubscription, PaymentFailure, PlanChange,
    PreviewLine, Proration, ResumeFrom, Subscriptions,
};
use herald_subscription::{CustomerRef, MirrorStatus, Snapshot, SubscriptionRef};
use stripe_billing::{
    invoice::{
        CreatePreviewInvoice, CreatePreviewInvoiceSubscriptionDetails,
        CreatePreviewInvoiceSubscriptionDetailsItems,
        CreatePreviewInvoiceSubscriptionDetailsProrationBehavior as PreviewProration,
    },
    subscription::{
        CancelSubscription, CreateSubscription, CreateSubscriptionAutomaticTax,
        CreateSubscriptionItems, CreateSubscriptionTrialSettings,
        CreateSubscriptionTrialSettingsEndBehavior,
        CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod, ResumeSubscription,
        RetrieveSubscription, UpdateSubscription, UpdateSubscriptionItems,
        UpdateSubscriptionPaymentBehavior, UpdateSubscriptionProrationBehavior,
        UpdateSubscriptionTrialEnd,
    },
};

#[async_trait]
impl Subscriptions for Stripe {
    async fn snapshot(&self, customer: &CustomerRef) -> Result<Snapshot, PaymentFailure> {
        self.take_snapshot(customer).await
    }

    async fn list(
        &self,
        customer: &CustomerRef,
    ) -> Result<Vec<(SubscriptionRef, MirrorStatus)>, PaymentFailure> {
        let all = self.subscriptions_of(customer, &[]).await?;
        all.iter().map(|it| Ok((named(&it.id)?, named(&it.status)?))).collect()
    }

    async fn create(
        &self,
        key: &IdempotencyKey,
        subscription: &NewSubscription,
    ) -> Result<SubscriptionRef, PaymentFailure> {
        let mut item = CreateSubscriptionItems::new();
        item.price = Some(self.price_id(&subscription.price).await?);
        item.quantity = Some(1);
        if !subscription.tax_rates.is_empty() {
            item.tax_rates = Some(names(&subscription.tax_rates));
        }
        let mut create = CreateSubscription::new()
            .customer(subscription.customer.as_str())
            .items(vec![item])
            .metadata(notes([(ACCOUNT, subscription.account.to_string())]));
        if let Some(days) = subscription.trial_days {
            let mut end = CreateSubscriptionTrialSettingsEndBehavior::new();
            end.missing_payment_method =
                CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod::Pause.into();
            create = create
                .trial_period_days(days)
                .trial_settings(CreateSubscriptionTrialSettings::new(end));
        }
        if subscription.automatic_tax {
            create = create.automatic_tax(CreateSubscriptionAutomaticTax::new(true));
        }
        let call = Call::new("create_subscription", &create).keyed(key);
        let made: Subscription = self.ask(call).await?;
        self.invalidate(&subscription.customer);
        named(&made.id)
    }

    async fn change_plan(
        &self,
        key: &IdempotencyKey,
        change: &PlanChange,
    ) -> Result<(), PaymentFailure> {
        let mut item = UpdateSubscriptionItems::new();
        item.id = Some(self.only_item(&change.subscription).await?);
        item.price = Some(self.price_id(&change.price).await?);
        let mut update = UpdateSubscription::new(id(change.subscription.as_str())?)
            .items(vec![item])
            .proration_behavior(match change.proration {
                Proration::BillNow => UpdateSubscriptionProrationBehavior::AlwaysInvoice,
                Proration::NextBill => UpdateSubscriptionProrationBehavior::CreateProrations,
                Proration::None => UpdateSubscriptionProrationBehavior::None,
            });
        if change.only_when_paid {
            update =
                update.payment_behavior(UpdateSubscriptionPaymentBehavior::PendingIfIncomplete);
        }
        if let Some(at) = change.as_of.filter(|_| change.proration != Proration::None) {
            update = update.proration_date(seconds(at));
        }
        let _: Subscription = self.ask(Call::new("change_plan", &update).keyed(key)).await?;
        Ok(())
    }

    async fn preview(&self, change: &PlanChange) -> Result<ChangePreview, PaymentFailure> {
        let mut item = CreatePreviewInvoiceSubscriptionDetailsItems::new();
        item.id = Some(self.only_item(&change.subscription).await?);
        item.price = Some(self.price_id(&change.price).await?);
        let as_of = from_seconds(seconds(change.as_of.unwrap_or_else(|| self.now())))?;
        let prorates = change.proration != Proration::None;
        let mut details = CreatePreviewInvoiceSubscriptionDetails::new();
        details.items = Some(vec![item]);
        details.proration_behavior = Some(match change.proration {
            Proration::BillNow => PreviewProration::AlwaysInvoice,
            Proration::NextBill => PreviewProration::CreateProrations,
            Proration::None => PreviewProration::None,
        });
        details.proration_date = prorates.then(|| seconds(as_of));
        let create = CreatePreviewInvoice::new()
            .subscription(change.subscription.as_str())
            .subscription_details(details);
        let preview = self.ask(Call::new("preview_change", &create).urgent()).await?;
        previewed(&preview, prorates.then_some(as_of))
    }

    async fn end_trial(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
    ) -> Result<(), PaymentFailure> {
        let update = UpdateSubscription::new(id(subscription.as_str())?)
            .trial_end(UpdateSubscriptionTrialEnd::Now);
        self.ask::<Subscription>(Call::new("end_trial", &update).keyed(key)).await.map(drop)
    }

    async fn cancel(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
        when: CancelWhen,
    ) -> Result<(), PaymentFailure> {
        let name = id(subscription.as_str())?;
        if when == CancelWhen::AtPeriodEnd {
            let update = UpdateSubscription::new(name).cancel_at_period_end(true);
            let call = Call::new("cancel_at_period_end", &update).keyed(key);
            return self.ask::<Subscription>(call).await.map(drop);
        }
        let cancel = CancelSubscription::new(name);
        match self.ask::<Subscription>(Call::new("cancel_now", &cancel)).await {
            // Stripe takes no key for DELETE and does not find what has ended: an earlier try did it.
            Err(failure) if failure.is_missing() => self.has_ended(subscription, failure).await,
            other => other.map(drop),
        }
    }

    async fn resume(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
        from: ResumeFrom,
    ) -> Result<(), PaymentFailure> {
        let name = id(subscription.as_str())?;
        let call = match from {
            ResumeFrom::ScheduledEnd => {
                Call::new("resume", &UpdateSubscription::new(name).cancel_at_period_end(false))
            }
            ResumeFrom::Pause => {
                // Nothing else is said: the shape of `billing_cycle_anchor` differs by version, and
                // without it the cycle begins now.
                Call::new("resume_paused", &ResumeSubscription::new(name))
            }
        };
        self.ask::<Subscription>(call.keyed(key)).await.map(drop)
    }
}

impl Stripe {
    async fn read_subscription(
        &self,
        subscription: &SubscriptionRef,
    ) -> Result<Subscription, PaymentFailure> {
        let read = RetrieveSubscription::new(id(subscription.as_str())?);
        self.ask(Call::new("get_subscription", &read).urgent()).await
    }

    /// A change names the line that it changes; a subscription of ours has one.
    async fn only_item(&self, subscription: &SubscriptionRef) -> Result<String, PaymentFailure> {
        let whole = self.read_subscription(subscription).await?;
        let mut licensed = whole.items.data.iter().filter(|item| !item.is_metered());
        match (licensed.next(), licensed.next()) {
            (Some(item), None) => Ok(item.id.clone()),
            (None, _) | (Some(_), Some(_)) => {
                Err(missing("items", "the subscription has not exactly one item to change"))
            }
        }
    }

    async fn has_ended(
        &self,
        subscription: &SubscriptionRef,
        failure: PaymentFailure,
    ) -> Result<(), PaymentFailure> {
        let seen = self.read_subscription(subscription).await?;
        let status: MirrorStatus = named(&seen.status)?;
        if status.is_final() { Ok(()) } else { Err(failure) }
    }
}

fn previewed(
    preview: &Preview,
    as_of: Option<herald_kernel::Instant>,
) -> Result<ChangePreview, PaymentFailure> {
    let currency = preview.currency.clone();
    let tax = money(preview.tax(), &currency)?;
    if preview.lines.has_more {
        return Err(unreadable(&"the preview has more lines than it shows"));
    }
    let lines = preview.lines.data.iter().map(|line| {
        Ok(PreviewLine {
            description: line.description.clone().unwrap_or_default(),
            amount: money(line.amount, &currency)?,
            proration: line.is_proration(),
        })
    });
    let lines: Result<Vec<_>, PaymentFailure> = lines.collect();
    Ok(ChangePreview {
        due: money(preview.amount_due, &currency)?,
        subtotal: money(preview.subtotal, &currency)?,
        tax,
        lines: lines?,
        as_of,
    })
}
