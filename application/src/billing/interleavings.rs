//! A customer's events, shuffled, doubled, late and interrupted, through the real inbox: whatever
//! way they come, the end is what the provider shows at the end.
//!
//! `HERALD_INTERLEAVINGS` says how many, `HERALD_INTERLEAVING_SEED` replays one.

use super::{
    PaymentWebhooks,
    tests::{bought, on, pack, shown, starter},
};
use crate::{
    billing::{sync::subscription, sync_job},
    caller::Caller,
    commands::subscription::ObserveSnapshot,
    entitlements,
    inbox::{Source, Sources, replay, take_in, turn},
    jobs::put_job,
    ports::{Hint, InboxReception, InboxReplay, WebhookHeaders, WebhookRefused, WebhookSource},
    testing::{World, job_caller, payments::FakePayments, start},
};
use herald_kernel::Instant;
use herald_subscription::{MirrorStatus as Status, Snapshot, Subscription};
use herald_terms::Tier;
use rand::{
    Rng as _, SeedableRng as _,
    rngs::StdRng,
    seq::{IndexedRandom as _, SliceRandom as _},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Takes JSON events as they are: signatures are the business of adapters.
#[derive(Debug)]
struct Trusting;

impl WebhookSource for Trusting {
    fn verify(&self, _: &WebhookHeaders, body: &[u8], _: Instant) -> Result<Hint, WebhookRefused> {
        let event: Value = serde_json::from_slice(body).map_err(|_| WebhookRefused::Malformed)?;
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).map(str::to_owned);
        Ok(Hint {
            event_id: text("/id").ok_or(WebhookRefused::Malformed)?,
            kind: text("/type").ok_or(WebhookRefused::Malformed)?,
            key: text("/data/object/customer").ok_or(WebhookRefused::Malformed)?,
            object: text("/data/object/id"),
            api_version: None,
            occurred_at: None,
        })
    }
}

/// One customer, the provider's side and ours.
struct Trial {
    world: World,
    payments: Arc<FakePayments>,
    owner: Caller,
    dice: StdRng,
    /// What the provider showed, and since when.
    past: Vec<(Instant, Snapshot)>,
    /// Events that were sent and did not arrive yet, or will arrive once more.
    on_the_way: Vec<Value>,
    /// Every event that was ever sent.
    sent: Vec<Value>,
    /// Events that arrived at least once.
    arrived: BTreeSet<String>,
    told: u32,
    /// How a contested payment ends, once one is contested.
    disputed: Option<&'static str>,
}

impl Trial {
    async fn begin(seed: u64) -> Self {
        let payments = Arc::new(FakePayments::default());
        let source = Source::new(Arc::new(Trusting), Arc::new(PaymentWebhooks("stripe")));
        let sources = Sources::default().with("stripe", source);
        let world = World::with_callers(on, payments.business(), sources).await;
        let owner = world.open_account("Ada").await;
        world.run(&owner, starter()).await.expect("it opens");
        world.work().await;
        let mut trial = Self {
            world,
            payments,
            owner,
            dice: StdRng::seed_from_u64(seed),
            past: Vec::new(),
            on_the_way: Vec::new(),
            sent: Vec::new(),
            arrived: BTreeSet::new(),
            told: 0,
            disputed: None,
        };
        trial.buy().await;
        trial.change(Status::Incomplete);
        trial
    }

    /// A pack of credits is paid; two events say so.
    async fn buy(&mut self) {
        let id = self.world.run(&self.owner, pack()).await.expect("it opens");
        self.world.work().await;
        for kind in ["completed", "async_payment_succeeded"] {
            self.send(&format!("checkout.session.{kind}"), json!({ "id": format!("cs_{id}") }));
        }
    }

    fn send(&mut self, kind: &str, mut object: Value) {
        self.told += 1;
        let customer = FakePayments::customer_of(self.owner.account);
        object["customer"] = json!(customer);
        let id = format!("evt_{}", self.told);
        let event = json!({ "id": id, "type": kind, "data": { "object": object } });
        self.sent.push(event.clone());
        self.on_the_way.push(event);
    }

    /// Something changes at the provider, which tells of it more than once.
    fn change(&mut self, status: Status) {
        // Nothing happens in the microsecond in which somebody looked.
        self.world.pass(Duration::from_millis(1));
        let mut snapshot = shown(&self.owner, status, "card");
        if let Some(it) = snapshot.subscription.as_mut() {
            it.cancel_at_period_end = self.dice.random_bool(0.2);
        }
        self.payments.show(snapshot.clone());
        self.past.push((self.world.desk.clock.now(), snapshot));
        self.send("customer.subscription.updated", json!({ "id": "sub_1" }));
        for kind in ["invoice.updated", "payment_intent.processing", "a.kind.nobody.knows"] {
            if self.dice.random_bool(0.4) {
                self.send(kind, json!({ "id": "in_1" }));
            }
        }
    }

    /// A payment is contested, and the quarrel is won or lost.
    fn quarrel(&mut self) {
        let end = if self.dice.random_bool(0.5) { "won" } else { "lost" };
        self.disputed = Some(end);
        let created = self.world.desk.clock.now().micros() / 1_000_000;
        for (kind, status) in [("created", "needs_response"), ("closed", end)] {
            let dispute = json!({
                "id": "dp_1", "status": status, "amount": 2_900, "currency": "usd",
                "created": created,
            });
            self.send(&format!("charge.dispute.{kind}"), dispute);
        }
    }

    /// Any of the events arrives. It may come again.
    async fn deliver(&mut self) {
        let Some(event) = self.on_the_way.choose(&mut self.dice).cloned() else { return };
        if self.dice.random_bool(0.6) {
            self.on_the_way.retain(|it| it["id"] != event["id"]);
        }
        let id = event["id"].as_str().expect("a name").to_owned();
        let body = event.to_string().into();
        let headers = WebhookHeaders::default();
        let taken = take_in(&self.world.desk, "stripe", &headers, body).await.expect("it is kept");
        let first = self.arrived.insert(id);
        assert_eq!(taken == InboxReception::Stored, first, "each event is kept once");
    }

    /// Somebody who asked long ago comes with the answer only now.
    async fn answer_late(&mut self) {
        let (fetched_at, snapshot) = self.past.choose(&mut self.dice).expect("some").clone();
        let late = ObserveSnapshot { snapshot, fetched_at };
        self.world.run(&job_caller(self.owner.account), late).await.expect("it is heard");
    }

    /// One random thing happens.
    async fn step(&mut self) {
        const NEXT: [Status; 6] = [
            Status::Trialing,
            Status::Active,
            Status::Active,
            Status::PastDue,
            Status::Unpaid,
            Status::Paused,
        ];
        match self.dice.random_range(0..13) {
            0..=1 => {
                let status = *NEXT.choose(&mut self.dice).expect("some");
                self.change(status);
            }
            2 if self.disputed.is_none() => self.quarrel(),
            2..=7 => self.deliver().await,
            8 => {
                turn(&self.world.desk).await.expect("the inbox answers");
            }
            9 => {
                self.world.work().await;
            }
            10 => self.answer_late().await,
            11 => {
                // Who looks without having heard anything: the daily look.
                let job = sync_job(self.owner.account, self.world.desk.clock.now());
                put_job(&self.world.desk, job).await.expect("the queue answers");
            }
            _ => self.payments.be_away(),
        }
        let span = self.dice.random_range(1..60_000);
        self.world.pass(Duration::from_millis(span));
    }

    /// Everything that was sent has arrived, and everybody has done their work.
    async fn settle(&mut self) {
        self.on_the_way.shuffle(&mut self.dice);
        while !self.on_the_way.is_empty() {
            self.deliver().await;
        }
        let names = self.world.desk.sources.names();
        loop {
            while turn(&self.world.desk).await.expect("the inbox answers") > 0 {}
            let worked = self.world.work().await;
            let due = self.world.desk.stores.inbox.next_due(&names).await.expect("an answer");
            let waits = worked.iter().any(|(_, end)| end.is_err());
            if due.is_none() && !waits {
                return;
            }
            self.world.pass(Duration::from_secs(7_200));
        }
    }

    async fn state(&self) -> Subscription {
        subscription(&self.world.desk, self.owner.account).await.expect("it is read")
    }

    /// What is so in the end, whatever way it came about.
    async fn check(&self, last: Status) {
        let (_, shown) = self.past.last().expect("some");
        let state = self.state().await;
        assert_eq!(state.mirror(), Some(shown), "the mirror is the provider's last word");
        let access = state.access_at(self.world.desk.clock.now()).as_str();
        let expected = match (last, self.disputed) {
            (Status::Active, Some("lost")) => "restricted",
            (Status::Active, _) => "full",
            _ => "ended",
        };
        assert_eq!(
            access, expected,
            "a quarrel that is won restricts nobody, one that is lost does"
        );
        let entitled = entitlements::of_account(&self.world.desk, self.owner.account).await;
        let tier = entitled.expect("it is read").entitlements.tier;
        let paid = if last == Status::Active { Tier::STARTER } else { Tier::FREE };
        assert_eq!(tier, paid);
        let credits = bought(&self.world, &self.owner).await;
        assert_eq!(credits.packs().len(), 1, "one payment, one pack");
    }
}

async fn interleaving(seed: u64) {
    let mut trial = Trial::begin(seed).await;
    let steps = trial.dice.random_range(10..60);
    for _ in 0..steps {
        trial.step().await;
    }
    trial.change(Status::Active);
    let last = *[Status::Active, Status::Canceled].choose(&mut trial.dice).expect("some");
    if last == Status::Canceled {
        // What never gave access does not end: it was seen to be paid.
        trial.settle().await;
        trial.change(Status::Canceled);
    }
    trial.settle().await;
    trial.check(last).await;
    let version = events(&trial).await;
    // Everything comes once more, and what was worked off is worked off again.
    trial.on_the_way = trial.sent.clone();
    trial.settle().await;
    let all = InboxReplay::Since { source: "stripe".to_owned(), since: start() };
    replay(&trial.world.desk, &all).await.expect("it goes back");
    trial.settle().await;
    trial.check(last).await;
    assert_eq!(events(&trial).await, version, "nothing new, nothing told");
}

async fn events(trial: &Trial) -> usize {
    trial.world.project().await;
    trial.world.memory.state().events.len()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn any_interleaving_of_a_customers_events_ends_in_what_the_provider_shows() {
    if let Some(seed) = number("HERALD_INTERLEAVING_SEED") {
        return interleaving(seed).await;
    }
    for seed in 0..number("HERALD_INTERLEAVINGS").unwrap_or(100) {
        println!("HERALD_INTERLEAVING_SEED={seed}");
        interleaving(seed).await;
    }
}
