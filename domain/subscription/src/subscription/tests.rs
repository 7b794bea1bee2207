//! What the tests of the subscription share: snapshots, times, and given / when / then.

mod changing;
mod observing;
mod operating;
mod pages;
mod properties;

use super::{
    Subscription, SubscriptionCommand as C, SubscriptionContext, SubscriptionEvent as E,
    SubscriptionRefusal as R,
};
use crate::*;
use herald_kernel::{CommandId, Currency, Decider, Instant, Money};
use uuid::Uuid;

const STARTER: &str = "herald_starter_monthly_v1";
const STARTER_YEARLY: &str = "herald_starter_yearly_v1";
const PROFESSIONAL: &str = "herald_professional_monthly_v1";

/// The instant this many days into the tests' time.
fn t(days: u64) -> Instant {
    let start: Instant = "2026-11-01T09:00:00Z".parse().expect("valid");
    start.plus(std::time::Duration::from_secs(days * 86_400))
}

fn usd() -> Currency {
    "USD".parse().expect("valid")
}

fn dollars(minor: i64) -> Money {
    Money { minor, currency: usd() }
}

fn command(n: u8) -> CommandId {
    CommandId::new(Uuid::from_u128(n.into()))
}

fn reason() -> Reason {
    Reason::try_from("a good customer").expect("valid")
}

fn url() -> Url {
    Url::try_from("https://pay.example/1").expect("valid")
}

fn item(price: &str, minor: i64, interval: Interval) -> MirrorItem {
    let price = price.parse().expect("valid");
    MirrorItem { price, quantity: 1, unit: dollars(minor), interval, interval_count: 1 }
}

fn subscription(status: MirrorStatus) -> MirrorSubscription {
    MirrorSubscription {
        id: "sub_1".parse().expect("valid"),
        status,
        items: vec![item(STARTER, 2_900, Interval::Month)],
        period_start: t(0),
        period_end: t(30),
        started_at: t(0),
        billing_anchor: None,
        trial_end: None,
        cancel_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        collection_paused: false,
        discounts: Vec::new(),
        latest_invoice: None,
        pending_change_until: None,
        schedule: None,
    }
}

fn invoice(status: InvoiceStatus, created_at: Instant) -> MirrorInvoice {
    let paid = if status == InvoiceStatus::Paid { 2_900 } else { 0 };
    MirrorInvoice {
        id: "in_1".parse().expect("valid"),
        status,
        due: dollars(2_900),
        paid: dollars(paid),
        attempts: 1,
        created_at,
        needs_action: false,
    }
}

fn showing(subscription: MirrorSubscription) -> Snapshot {
    Snapshot {
        customer: "cus_1".parse().expect("valid"),
        subscription: Some(subscription),
        other_live: Vec::new(),
        card: None,
    }
}

fn active() -> Snapshot {
    showing(subscription(MirrorStatus::Active))
}

fn trialing() -> Snapshot {
    let it = subscription(MirrorStatus::Trialing);
    showing(MirrorSubscription { trial_end: Some(t(14)), ..it })
}

fn past_due() -> Snapshot {
    let latest_invoice = Some(invoice(InvoiceStatus::Open, t(30)));
    showing(MirrorSubscription { latest_invoice, ..subscription(MirrorStatus::PastDue) })
}

fn ended() -> Snapshot {
    let it = subscription(MirrorStatus::Canceled);
    showing(MirrorSubscription { ended_at: Some(t(40)), ..it })
}

fn observe(snapshot: Snapshot, day: u64) -> C {
    C::ObserveSnapshot { snapshot: Box::new(snapshot), fetched_at: t(day), card_tried: false }
}

fn at(day: u64) -> SubscriptionContext {
    SubscriptionContext::at(t(day))
}

/// A history that a command meets, made by the commands before it.
#[derive(Default)]
struct Given(Vec<E>);

fn given(seen: &[(Snapshot, u64)]) -> Given {
    seen.iter().fold(Given::default(), |it, (snapshot, day)| {
        it.after(observe(snapshot.clone(), *day), *day)
    })
}

impl Given {
    fn after(mut self, command: C, day: u64) -> Self {
        let events = self.when(command, day).expect("followed");
        self.0.extend(events);
        self
    }

    fn state(&self) -> Subscription {
        Subscription::fold(&self.0)
    }

    fn when(&self, command: C, day: u64) -> Result<Vec<E>, R> {
        self.state().decide(command, &at(day))
    }

    fn access(&self, day: u64) -> Access {
        self.state().access_at(t(day))
    }

    fn tier(&self, day: u64) -> String {
        self.state().entitlements_at(t(day), &Catalogue::default()).tier.to_string()
    }
}
