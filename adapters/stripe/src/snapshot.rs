//! All that Stripe says about a customer, in at most three reads, none of them from a cache.

use crate::{
    Stripe,
    call::{Call, id},
    failure::unreadable,
    from_seconds, money, named,
    wire::{
        Customer, Discount, Intent, Invoice, Item, List, Method, Named, Schedule, Subscription,
    },
};
use herald_application::ports::payments::PaymentFailure;
use herald_kernel::Instant;
use herald_subscription::{
    CardSeen, CustomerRef, Discount as Off, Interval, InvoiceStatus, MirrorInvoice, MirrorItem,
    MirrorSchedule, MirrorStatus, MirrorSubscription, Snapshot,
};
use stripe_billing::subscription::{ListSubscription, ListSubscriptionStatus};
use stripe_core::{customer::RetrieveCustomer, payment_intent::RetrievePaymentIntent};

/// Beyond this something is wrong: a customer has one subscription at a time.
const PAGES: usize = 10;
/// What comes whole, in every version.
const WHOLE: [&str; 3] = ["data.latest_invoice", "data.default_payment_method", "data.schedule"];
/// What newer versions show by name only.
const WHOLE_SINCE_BASIL: [&str; 2] =
    ["data.discounts.source.coupon", "data.latest_invoice.payments"];

impl Stripe {
    pub(crate) async fn take_snapshot(
        &self,
        customer: &CustomerRef,
    ) -> Result<Snapshot, PaymentFailure> {
        let mut whole = WHOLE.to_vec();
        if self.settings.since_basil() {
            whole.extend(WHOLE_SINCE_BASIL);
        }
        let all = self.subscriptions_of(customer, &whole).await?;
        let mut live = Vec::new();
        let mut ended = Vec::new();
        for subscription in &all {
            let status: MirrorStatus = named(&subscription.status)?;
            if status.is_final() {
                ended.push(subscription);
            } else {
                live.push((rank(status), subscription.created, subscription));
            }
        }
        live.sort_by_key(|(rank, created, _)| (*rank, *created));
        ended.sort_by_key(|it| (it.ended_at.unwrap_or(it.created), it.created));
        let counts = live.first().map(|(_, _, it)| *it).or_else(|| ended.last().copied());
        let others: Result<Vec<_>, _> =
            live.iter().skip(1).map(|(_, _, it)| named(&it.id)).collect();
        let card = self.charged_card(customer, counts).await?;
        let subscription = match counts {
            Some(subscription) => Some(self.mirrored(subscription).await?),
            None => None,
        };
        let snapshot =
            Snapshot { customer: customer.clone(), subscription, other_live: others?, card };
        Ok(snapshot.sorted())
    }

    /// Every subscription, ended ones too.
    pub(crate) async fn subscriptions_of(
        &self,
        customer: &CustomerRef,
        whole: &[&str],
    ) -> Result<Vec<Subscription>, PaymentFailure> {
        let mut all: Vec<Subscription> = Vec::new();
        for _ in 0..PAGES {
            let mut list = ListSubscription::new()
                .customer(customer.as_str())
                .status(ListSubscriptionStatus::All)
                .limit(100);
            if !whole.is_empty() {
                let whole: Vec<String> = whole.iter().map(|&it| it.to_owned()).collect();
                list = list.expand(whole);
            }
            if let Some(last) = all.last() {
                list = list.starting_after(last.id.as_str());
            }
            let page: List<Subscription> = self.ask(Call::new("list_subscriptions", &list)).await?;
            let more = page.has_more && !page.data.is_empty();
            all.extend(page.data);
            if !more {
                return Ok(all);
            }
        }
        Err(unreadable(&"the customer has more than a thousand subscriptions"))
    }

    /// The subscription's own way to pay, or else the customer's.
    async fn charged_card(
        &self,
        customer: &CustomerRef,
        subscription: Option<&Subscription>,
    ) -> Result<Option<CardSeen>, PaymentFailure> {
        let own = subscription.and_then(|it| it.default_payment_method.as_ref());
        if let Some(method) = own.and_then(Named::whole) {
            return Ok(self.card_seen(method));
        }
        let read = RetrieveCustomer::new(id(customer.as_str())?)
            .expand(vec!["invoice_settings.default_payment_method".to_owned()]);
        let seen: Customer = self.ask(Call::new("get_customer", &read)).await?;
        Ok(seen.default_method().and_then(Named::whole).and_then(|it: &Method| self.card_seen(it)))
    }

    async fn mirrored(&self, it: &Subscription) -> Result<MirrorSubscription, PaymentFailure> {
        let (period_start, period_end) = period(it)?;
        let latest_invoice = match it.latest_invoice.as_ref().and_then(Named::whole) {
            Some(invoice) => Some(self.mirrored_invoice(invoice).await?),
            None => None,
        };
        let at = |seconds: Option<i64>| seconds.map(from_seconds).transpose();
        let pending = it.pending_update.as_ref();
        Ok(MirrorSubscription {
            id: named(&it.id)?,
            status: named(&it.status)?,
            items: self.items(&it.items)?,
            period_start,
            period_end,
            started_at: from_seconds(it.start_date.unwrap_or(it.created))?,
            billing_anchor: at(it.billing_cycle_anchor)?,
            trial_end: at(it.trial_end)?,
            cancel_at: at(it.cancel_at)?,
            cancel_at_period_end: it.cancel_at_period_end,
            canceled_at: at(it.canceled_at)?,
            ended_at: at(it.ended_at)?,
            collection_paused: it.pause_collection.as_ref().is_some_and(|it| !it.is_null()),
            discounts: self.discounts(it)?,
            latest_invoice,
            pending_change_until: pending
                .map(|it| it.expires_at.map_or(Ok(period_end), from_seconds))
                .transpose()?,
            schedule: it.schedule.as_ref().and_then(Named::whole).and_then(upcoming),
        })
    }

    fn items(&self, items: &List<Item>) -> Result<Vec<MirrorItem>, PaymentFailure> {
        if items.has_more {
            return Err(unreadable(&"the subscription has more items than it shows"));
        }
        let mut seen = Vec::new();
        for item in &items.data {
            let price = &item.price;
            let recurring = price.recurring.as_ref();
            let interval: Result<Interval, _> =
                recurring.map_or("", |it| it.interval.as_str()).parse();
            let Ok(interval) = interval else {
                tracing::warn!(price = price.id, "an item by the day or week is left out");
                continue;
            };
            seen.push(MirrorItem {
                price: self.price_name(price)?,
                // What is billed by use recurs with no fixed number.
                quantity: if item.is_metered() { 0 } else { item.quantity.unwrap_or(1) },
                unit: money(price.unit_amount.unwrap_or_default(), &price.currency)?,
                interval,
                interval_count: recurring.and_then(|it| it.interval_count).unwrap_or(1),
            });
        }
        Ok(seen)
    }

    fn discounts(&self, it: &Subscription) -> Result<Vec<Off>, PaymentFailure> {
        let now = self.now();
        let newer = it.discounts.iter().filter_map(Named::whole);
        // The old place repeats the first of the new ones where a version shows both.
        let older = it.discount.as_ref().filter(|_| it.discounts.is_empty());
        let mut off = Vec::new();
        for discount in newer.chain(older) {
            let over = discount.end.is_some_and(|end| end <= crate::seconds(now));
            if let Some(each) = taken_off(discount).filter(|_| !over) {
                off.push(each?);
            }
        }
        Ok(off)
    }

    async fn mirrored_invoice(&self, it: &Invoice) -> Result<MirrorInvoice, PaymentFailure> {
        let status = status(it)?;
        Ok(MirrorInvoice {
            id: named(&it.id)?,
            status,
            due: money(it.amount_due, &it.currency)?,
            paid: money(it.amount_paid, &it.currency)?,
            attempts: it.attempt_count,
            created_at: from_seconds(it.created)?,
            needs_action: status == InvoiceStatus::Open && self.needs_action(it).await?,
        })
    }

    /// Only the payment itself says whether the bank waits for the payer.
    async fn needs_action(&self, invoice: &Invoice) -> Result<bool, PaymentFailure> {
        let Some(payment) = invoice.payment() else { return Ok(false) };
        let read = RetrievePaymentIntent::new(id(payment)?);
        let intent: Intent = self.ask(Call::new("get_payment", &read)).await?;
        Ok(intent.status == "requires_action")
    }
}

/// The one that counts comes first.
const fn rank(status: MirrorStatus) -> u8 {
    match status {
        MirrorStatus::Active => 0,
        MirrorStatus::Trialing => 1,
        MirrorStatus::PastDue => 2,
        MirrorStatus::Unpaid => 3,
        MirrorStatus::Paused => 4,
        MirrorStatus::Incomplete => 5,
        MirrorStatus::IncompleteExpired | MirrorStatus::Canceled => 6,
    }
}

/// From the subscription in old shapes; in new ones over all items.
fn period(it: &Subscription) -> Result<(Instant, Instant), PaymentFailure> {
    let starts = it.items.data.iter().filter_map(|item| item.current_period_start).min();
    let ends = it.items.data.iter().filter_map(|item| item.current_period_end).max();
    match (it.current_period_start.or(starts), it.current_period_end.or(ends)) {
        (Some(start), Some(end)) => Ok((from_seconds(start)?, from_seconds(end)?)),
        (None, _) | (_, None) => Err(unreadable(&"the subscription has no period")),
    }
}

pub(crate) fn status(invoice: &Invoice) -> Result<InvoiceStatus, PaymentFailure> {
    match invoice.status.as_deref() {
        Some("draft") | None => Ok(InvoiceStatus::Draft),
        Some("open") => Ok(InvoiceStatus::Open),
        Some("paid") => Ok(InvoiceStatus::Paid),
        Some("uncollectible") => Ok(InvoiceStatus::Uncollectible),
        Some("void") => Ok(InvoiceStatus::Void),
        Some(_) => Err(unreadable(&"the invoice has a status that we do not know")),
    }
}

/// What a coupon takes off every bill; nothing for one that holds for a single bill.
fn taken_off(discount: &Discount) -> Option<Result<Off, PaymentFailure>> {
    let coupon = discount.coupon().filter(|it| it.duration.as_deref() != Some("once"))?;
    if let Some(percent) = coupon.percent_off {
        return Some(basis_points(percent).map(|basis_points| Off::Percent { basis_points }));
    }
    let amount = coupon.amount_off.zip(coupon.currency.as_deref())?;
    Some(money(amount.0, amount.1).map(|off| Off::Amount { off }))
}

/// Stripe writes percent with at most two decimals.
fn basis_points(percent: f64) -> Result<u32, PaymentFailure> {
    let hundredths = format!("{:.0}", percent * 100.0);
    hundredths.parse().map_err(|error| unreadable(&error))
}

/// The phase after the present one, where a schedule has one.
fn upcoming(schedule: &Schedule) -> Option<MirrorSchedule> {
    if !matches!(schedule.status.as_deref(), Some("active" | "not_started")) {
        return None;
    }
    let present = schedule.current_phase.as_ref().map(|phase| phase.start_date);
    let later = schedule.phases.iter().filter(|it| present.is_none_or(|now| it.start_date > now));
    let next = later.min_by_key(|phase| phase.start_date)?;
    Some(MirrorSchedule {
        id: schedule.id.parse().ok()?,
        next_price: next.items.first()?.price.id().parse().ok()?,
        starts_at: from_seconds(next.start_date).ok()?,
    })
}
