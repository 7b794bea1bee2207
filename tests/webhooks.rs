//! Webhooks under fire: what was taken is worked off although the process dies again and again.
//!
//! `HERALD_CRASH_ROUNDS` says how often each engine's process is killed, `HERALD_CRASH_SEED` when.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    cash::PAYS,
    database::Engine,
    story, until,
    visitor::{self, Visitor, text},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Who calls at the same time.
const CALLERS: u64 = 4;

/// Refunds of the customer's, each of its own charge: each that was taken must be in the log.
struct Caller {
    customer: String,
    account: String,
    numbers: Arc<AtomicU32>,
}

impl Caller {
    fn event(&self) -> (String, Value) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let charge = format!("ch_fire_{number}");
        let event = json!({
            "id": format!("evt_fire_{number}"), "object": "event", "created": cash::now(),
            "api_version": "2025-09-30.clover", "type": "charge.refunded", "livemode": false,
            "data": { "object": {
                "id": charge, "object": "charge", "customer": self.customer, "currency": "usd",
                "amount": 900, "amount_refunded": 100, "refunded": false,
                "metadata": { "account_id": self.account }
            } }
        });
        (charge, event)
    }

    /// Calls until nobody answers any more. Answers what was taken, and what may have been.
    async fn call(self, url: String) -> (BTreeSet<String>, Option<(String, Value)>) {
        let mut taken = BTreeSet::new();
        loop {
            let (charge, event) = self.event();
            match send(&url, &event).await {
                Ok(200) => taken.insert(charge),
                Ok(status) => panic!("{status} to a genuine webhook"),
                Err(_) => return (taken, Some((charge, event))),
            };
        }
    }
}

async fn send(url: &str, event: &Value) -> reqwest::Result<u16> {
    let signature = cash::signature(event, cash::now(), cash::SECRET);
    let request = visitor::http().post(url).header("stripe-signature", signature);
    Ok(request.body(event.to_string()).send().await?.status().as_u16())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The customer of whoever pays, as Stripe's stand-in names them.
async fn customer(front: &Front) -> String {
    let address = format!("http://{}/stripe/v1/customers?limit=1", front.sandbox);
    let request = visitor::http().get(address).bearer_auth("sk_test_herald_sandbox");
    let listed: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    text(&listed["data"][0]["id"])
}

/// Every refund in the log, by its charge.
fn refunds(front: &Front) -> Vec<String> {
    let exported = front.herald(&["audit", "export"]);
    let lines = String::from_utf8(exported.stdout).expect("text");
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let refunds = events.filter(|event| event["event_type"] == "subscription.refund_recorded");
    let names = refunds.map(|event| {
        let named = event.to_string();
        let (_, rest) = named.split_once("ch_fire_").expect("a refund of ours");
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        format!("ch_fire_{digits}")
    });
    names.collect()
}

async fn round(
    front: &mut Front,
    caller: impl Fn() -> Caller,
    moment: Duration,
) -> BTreeSet<String> {
    let mut callers = JoinSet::new();
    let url = front.url("/webhooks/stripe");
    for _ in 0..CALLERS {
        callers.spawn(caller().call(url.clone()));
    }
    // The moment is the trial: anything may be under way.
    tokio::time::sleep(moment).await;
    front.kill();
    let (mut taken, mut unsure) = (BTreeSet::new(), Vec::new());
    while let Some(done) = callers.join_next().await {
        let (more, last) = done.expect("a caller");
        taken.extend(more);
        unsure.extend(last);
    }
    front.restart().await;
    for (charge, event) in unsure {
        // As a provider does that heard no answer: once more, whether or not it had been taken.
        assert_eq!(send(&url, &event).await.expect("an answer"), 200);
        taken.insert(charge);
    }
    taken
}

async fn survive(engine: Engine) {
    let seed = number("HERALD_CRASH_SEED").unwrap_or(1);
    let rounds = number("HERALD_CRASH_ROUNDS").unwrap_or(4);
    let mut dice = StdRng::seed_from_u64(seed);
    let mut front = cash::front(engine).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    cash::pay(&cash::checkout(&ada, "starter").await, PAYS).await;
    cash::until_tier(&ada, "starter").await;
    let account = ada.account.clone().expect("an account");
    let (customer, numbers) = (customer(&front).await, Arc::new(AtomicU32::new(0)));
    let caller = || Caller {
        customer: customer.clone(),
        account: account.clone(),
        numbers: Arc::clone(&numbers),
    };
    let mut taken = BTreeSet::new();
    for _ in 0..rounds {
        let moment = Duration::from_millis(dice.random_range(50..400));
        taken.extend(round(&mut front, caller, moment).await);
    }
    assert!(!taken.is_empty(), "nothing was under fire");
    let recorded = until("every webhook that was taken is in the log", async || {
        let recorded = refunds(&front);
        (recorded.len() >= taken.len()).then_some(recorded)
    });
    let recorded = recorded.await;
    let once: BTreeSet<_> = recorded.iter().cloned().collect();
    assert_eq!(once.len(), recorded.len(), "each is counted once");
    assert_eq!(once, taken, "what was taken is in the log, and nothing else");
    assert!(front.herald(&["audit", "verify"]).status.success());
    println!("{engine:?}: {rounds} times killed, {} webhooks taken and worked off", taken.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_taken_survives_a_kill_and_counts_once_on_sqlite() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_taken_survives_a_kill_and_counts_once_on_postgresql() {
    survive(Engine::Postgres).await;
}

/// Asks until it is refused, and answers how long that took.
async fn shut(at: &Visitor, began: std::time::Instant) -> Duration {
    until("the credential opens nothing", async || {
        let request = at.request(reqwest::Method::GET, "/auth/me");
        (at.send(request).await.0 == 401).then_some(())
    })
    .await;
    began.elapsed()
}

#[tokio::test]
async fn what_is_revoked_at_one_replica_is_refused_at_the_other_within_a_second() {
    let here = cash::front(Engine::Postgres).await;
    let there = here.replica().await;
    let ada = story::open_account(&here.newcomer().await, "Corner Bakery").await;
    let issued =
        ada.tell("issueApiKey", json!({ "name": "k", "scopes": ["READ"] }), "apiKey { id } secret");
    let issued = issued.await;
    let elsewhere = |session: &str| Visitor { session: Some(session.to_owned()), ..there.nobody() };
    let till = elsewhere(&text(&issued["secret"]));
    let signed_in = elsewhere(ada.session.as_deref().expect("a session"));
    for visitor in [&till, &signed_in] {
        let request = visitor.request(reqwest::Method::GET, "/auth/me");
        assert_eq!(visitor.send(request).await.0, 200, "it is good at both, and remembered there");
    }
    let key = json!({ "key": issued["apiKey"]["id"] });
    ada.tell("revokeApiKey", key, "apiKey { status }").await;
    let took = shut(&till, std::time::Instant::now()).await;
    assert!(took < Duration::from_secs(1), "a key was good for {took:?} more");
    ada.tell("endSessions", json!({ "everywhere": true }), "ended").await;
    let ended = shut(&signed_in, std::time::Instant::now()).await;
    assert!(ended < Duration::from_secs(1), "a session was good for {ended:?} more");
    println!("a key: {} ms, a session: {} ms", took.as_millis(), ended.as_millis());
}

/// Sends a genuine event of Stripe's from one of this machine's addresses.
async fn sent_from(front: &Front, from: &str, forwarded: Option<&str>) -> (u16, Value) {
    let from: Option<std::net::IpAddr> = from.parse().ok();
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let http = reqwest::Client::builder().no_proxy().local_address(from);
    let http = http.build().expect("a client");
    let event = json!({
        "id": format!("evt_{}", visitor::key()), "object": "event", "created": cash::now(),
        "type": "customer.updated", "data": { "object": { "id": "cus_1" } }
    });
    let signature = cash::signature(&event, cash::now(), cash::SECRET);
    let request = http.post(front.url("/webhooks/stripe")).header("stripe-signature", signature);
    let request = match forwarded {
        Some(text) => request.header("x-forwarded-for", text),
        None => request,
    };
    let answer = request.body(event.to_string()).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn webhooks_come_from_listed_sources_whatever_a_stranger_says_of_itself() {
    let sources = ("HERALD_WEBHOOK_SOURCES", "stripe=127.0.0.2,stripe=192.0.2.0/24");
    let settings = [("HERALD_BILLING", "on"), sources];
    let front = Front::start_with(Engine::Sqlite, &settings).await;
    assert_eq!(sent_from(&front, "127.0.0.2", None).await.0, 200);
    let (status, problem) = sent_from(&front, "127.0.0.1", None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("FORBIDDEN")), "{problem}");
    let forged = sent_from(&front, "127.0.0.1", Some("192.0.2.7")).await;
    assert_eq!(forged.0, 403, "nobody vouches for what it says of itself");
    let nobody = visitor::http().post(front.url("/webhooks/clerk")).body("{}").send().await;
    assert_eq!(nobody.expect("an answer").status(), 400, "Clerk has no list and may try");

    let proxied = [settings[0], sources, ("HERALD_TRUSTED_PROXIES", "127.0.0.1/32")];
    let front = Front::start_with(Engine::Sqlite, &proxied).await;
    for (from, forwarded, status) in [
        ("127.0.0.1", Some("192.0.2.7"), 200),
        ("127.0.0.1", Some("192.0.2.7, 203.0.113.9"), 403),
        ("127.0.0.1", None, 403),
        ("127.0.0.3", Some("192.0.2.7"), 403),
    ] {
        assert_eq!(sent_from(&front, from, forwarded).await.0, status, "{from} {forwarded:?}");
    }
}
