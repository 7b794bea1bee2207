//! Ended without warning, in the middle of everything: what was acknowledged stays, and stays once.
//!
//! `HERALD_CRASH_ROUNDS` says how often each engine's process is killed, `HERALD_CRASH_SEED` when.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    database::Engine,
    story, until,
    visitor::{Visitor, key, text},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// People who write at the same time.
const WRITERS: u64 = 4;

/// A mutation that somebody wants, with its key.
#[derive(Debug, Clone)]
struct Wish {
    mutation: &'static str,
    input: Value,
    says: String,
}

/// What one writer was promised, and what they do not know.
#[derive(Debug, Default)]
struct Memory {
    /// Acknowledged: the post and what it says since its last acknowledged edit.
    kept: BTreeMap<String, String>,
    unsure: Option<Wish>,
}

impl Memory {
    /// Asks for it once. Without an answer it is unsure, and the process is gone.
    async fn ask(&mut self, person: &Visitor, wish: Wish) -> Option<String> {
        let Some(post) = acknowledged(person, &wish).await else {
            self.unsure = Some(wish);
            return None;
        };
        self.kept.insert(post.clone(), wish.says);
        Some(post)
    }
}

async fn acknowledged(person: &Visitor, wish: &Wish) -> Option<String> {
    let answer = person.try_tell(wish.mutation, wish.input.clone(), "post { id }").await.ok()?;
    let payload = &answer["data"][wish.mutation];
    assert_eq!(payload["userErrors"], json!([]), "{wish:?}: {answer}");
    Some(text(&payload["post"]["id"]))
}

/// Creates posts and edits some of them until the process is gone.
async fn write(person: Visitor, connection: String, name: String) -> Memory {
    let mut memory = Memory::default();
    for number in 0.. {
        let says = format!("{name}, number {number}");
        let create = json!({
            "content": story::words(&says), "connections": [connection], "idempotencyKey": key()
        });
        let wish = Wish { mutation: "createPost", input: create, says };
        let Some(post) = memory.ask(&person, wish).await else { break };
        if number % 3 == 0 {
            let says = format!("{name}, number {number}, better");
            let edit =
                json!({ "post": post, "content": story::words(&says), "idempotencyKey": key() });
            let wish = Wish { mutation: "editPost", input: edit, says };
            if memory.ask(&person, wish).await.is_none() {
                break;
            }
        }
    }
    memory
}

/// An installation that is killed again and again.
struct Trial {
    front: Front,
    ada: Visitor,
    connection: String,
    dice: StdRng,
    /// Everything that was ever acknowledged.
    kept: BTreeMap<String, String>,
    /// The posts that were told to go out.
    sent: Vec<String>,
    slowest: Duration,
}

impl Trial {
    async fn begin(engine: Engine, seed: u64) -> Self {
        let front = Front::start(engine).await;
        let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
        let connection = story::connect(&ada, "sandbox_bakery").await;
        let (dice, slowest) = (StdRng::seed_from_u64(seed), front.ready_in);
        Self { front, ada, connection, dice, kept: BTreeMap::new(), sent: Vec::new(), slowest }
    }

    /// Writers write and a post goes out; then the process is gone, and comes back.
    async fn round(&mut self, number: u64) {
        self.forget_limits().await;
        let going =
            story::write(&self.ada, &self.connection, story::words(&format!("out {number}")));
        let going = text(&going.await["id"]);
        self.ada.tell("publishPost", json!({ "post": going }), "").await;
        self.kept.insert(going.clone(), format!("out {number}"));
        self.sent.push(going);
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let name = format!("round {number}, writer {writer}");
            writers.spawn(write(self.ada.clone(), self.connection.clone(), name));
        }
        // The moment is the trial: anything may be under way.
        let moment = Duration::from_millis(self.dice.random_range(0..250));
        tokio::time::sleep(moment).await;
        self.front.kill();
        let mut unsure = Vec::new();
        while let Some(memory) = writers.join_next().await {
            let memory = memory.expect("a writer");
            self.kept.extend(memory.kept);
            unsure.extend(memory.unsure);
        }
        self.front.restart().await;
        self.slowest = self.slowest.max(self.front.ready_in);
        for wish in unsure {
            // The same key again: done once, whether or not it had been done.
            let post = acknowledged(&self.ada, &wish).await.expect("an answer");
            self.kept.insert(post, wish.says);
        }
    }

    /// Campaigns publish more in a quarter of an hour than X would take.
    async fn forget_limits(&self) {
        let address = format!("http://{}/_control/settings", self.front.sandbox);
        let request = front::visitor::http().post(address).json(&json!({ "rate_limits": false }));
        assert_eq!(request.send().await.expect("the sandbox answers").status(), 200);
    }

    /// What the views say each post says.
    async fn seen(&self) -> BTreeMap<String, String> {
        let page = "query($after: String) { posts(first: 50, after: $after) {
            nodes { id content { steps { text } } } pageInfo { hasNextPage endCursor } } }";
        let (mut seen, mut after) = (BTreeMap::new(), Value::Null);
        loop {
            let found = self.ada.gql(page, json!({ "after": after })).await;
            for post in found["posts"]["nodes"].as_array().expect("posts") {
                seen.insert(text(&post["id"]), text(&post["content"]["steps"][0]["text"]));
            }
            if found["posts"]["pageInfo"]["hasNextPage"] != true {
                return seen;
            }
            after = found["posts"]["pageInfo"]["endCursor"].clone();
        }
    }

    /// Everything that was acknowledged is there, nothing is there twice, and the chain holds.
    async fn check(&self) {
        until("the views show everything", || async {
            let seen = self.seen().await;
            (seen.len() >= self.kept.len()).then_some(())
        })
        .await;
        assert_eq!(self.seen().await, self.kept);
        let exported = self.front.herald(&["audit", "export"]);
        let lines = String::from_utf8(exported.stdout).expect("text");
        let events: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let created = events.iter().filter(|event| event["event_type"] == "post.created").count();
        assert_eq!(created, self.kept.len(), "once each in the log");
        let verified = self.front.herald(&["audit", "verify"]);
        assert!(verified.status.success(), "{verified:?}");
        self.check_world().await;
    }

    /// Each post that was told to go out is out once, or a person is asked.
    async fn check_world(&self) {
        let mut states = BTreeMap::new();
        for post in &self.sent {
            let state = until("the post comes to an end", || async {
                let post = story::look(&self.ada, post).await;
                let ends = ["PUBLISHED", "NEEDS_ATTENTION", "HELD", "FAILED"];
                let state = text(&post["status"]);
                ends.contains(&state.as_str()).then_some(state)
            });
            states.insert(self.kept[post].clone(), state.await);
        }
        let ledger = story::ledger(&self.front, "create_post").await;
        for (says, state) in &states {
            let times = ledger.iter().filter(|entry| entry["text"] == **says).count();
            assert!(times <= 1, "{says} went out {times} times");
            assert!(state != "PUBLISHED" || times == 1, "{says} is not out, but said to be");
        }
        let out = states.values().filter(|state| *state == "PUBLISHED").count();
        assert!(out > 0, "nothing ever went out: {states:?}");
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn survives(engine: Engine) {
    let seed = number("HERALD_CRASH_SEED").unwrap_or(1);
    let rounds = number("HERALD_CRASH_ROUNDS").unwrap_or(5);
    let began = Instant::now();
    let mut trial = Trial::begin(engine, seed).await;
    for round in 0..rounds {
        trial.round(round).await;
    }
    trial.check().await;
    println!(
        "{engine:?}: {rounds} times killed in {:.1} s, {} posts acknowledged and kept, at most {} ms \
         from start to ready",
        began.elapsed().as_secs_f64(),
        trial.kept.len(),
        trial.slowest.as_millis()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_on_sqlite() {
    survives(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_on_postgresql() {
    survives(Engine::Postgres).await;
}

#[tokio::test]
async fn a_polite_request_to_stop_cuts_no_answer() {
    let mut front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    let connection = story::connect(&ada, "sandbox_bakery").await;
    let writer = tokio::spawn(write(ada.clone(), connection, "before the end".to_owned()));
    until("something was written", || async {
        let found = ada.gql("{ posts(first: 1) { totalCount } }", json!({})).await;
        found["posts"]["totalCount"].as_u64().filter(|count| *count > 2)
    })
    .await;
    let stopped = std::process::Command::new("kill").arg(front.pid().to_string()).status();
    assert!(stopped.expect("a signal").success());
    let memory = writer.await.expect("a writer");
    let ended = until("the process ends", || std::future::ready(front.ended())).await;
    assert_eq!(ended, "exit status: 0");
    front.restart().await;
    let ready = ada.request(Method::GET, "/health/ready");
    assert_eq!(ada.send(ready).await.0, 200);
    let count = ada.gql("{ posts(first: 1) { totalCount } }", json!({})).await;
    let count = count["posts"]["totalCount"].as_u64().expect("a count");
    let kept = u64::try_from(memory.kept.len()).expect("few");
    assert!(count == kept, "{count} posts; {kept} were acknowledged");
}
