//! Bad input, thousands of times, at every address: no failure of ours, no panic, nothing told.
//!
//! `HERALD_ABUSE_RUNS` says how many requests, `HERALD_ABUSE_SEED` which dice.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    database::Engine,
    doors::{self, Route},
    nonsense,
    schema::{Operation, Schema},
    story,
    visitor::{Visitor, key},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Who would read one of these in an answer learns how the house is built.
const INTERNALS: [&str; 13] = [
    "panicked",
    ".rs:",
    "src/",
    "sqlx",
    "SQLITE",
    "sqlite_",
    "no such table",
    "syntax error at or",
    "RUST_BACKTRACE",
    "called `",
    "/tmp/",
    "herald.db",
    "poisoned",
];

/// Requests at a time.
const HANDS: u64 = 4;

/// How much more memory may be held after all of it than after a third of it.
const FLAT: u64 = 24 * 1024 * 1024;

/// What is abused.
struct Stage {
    front: Front,
    owner: Visitor,
    schema: Schema,
    operations: Vec<Operation>,
    routes: Vec<Route>,
    ids: Vec<String>,
}

impl Stage {
    async fn set(engine: Engine) -> Self {
        // Nobody is turned away for asking often: what is asked is the trial.
        let settings = ["SIGN_IN", "CALLBACK", "SESSION", "NOBODY", "WEBHOOK"];
        let settings = settings.map(|of| (format!("HERALD_LIMIT_{of}"), "1000000".to_owned()));
        let mut settings: Vec<_> = settings.iter().map(|(k, v)| (&**k, &**v)).collect();
        settings.push(("HERALD_BILLING", "on"));
        let front = Front::start_with(engine, &settings).await;
        let owner = story::open_account(&front.resident().await, "Corner Bakery").await;
        let connection = story::connect(&owner, "sandbox_bakery").await;
        let post = story::write(&owner, &connection, story::words("here")).await;
        let mut ids: Vec<_> =
            [&post["id"], &post["targets"][0]["id"]].map(front::visitor::text).into();
        ids.extend([connection, owner.account.clone().expect("an account")]);
        let schema = Schema::read(&owner).await;
        let operations = schema.operations();
        let routes = doors::routes(&owner).await;
        Self { front, owner, schema, operations, routes, ids }
    }

    /// Memory that the process holds, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.front.pid()));
        let status = status.expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes * 1024
    }
}

/// A seeded thrower of bad requests.
struct Thrower {
    dice: StdRng,
    stage: Arc<Stage>,
}

impl Thrower {
    /// One bad request, with a name to find it by. Whether the answer may be cut off, too.
    fn next(&mut self) -> (String, RequestBuilder, bool) {
        match self.dice.random_range(0..16) {
            0..=3 => self.odd_values(),
            4..=5 => self.odd_document(),
            6 => {
                let body = nonsense::body(&mut self.dice);
                self.post(body)
            }
            7 => self.odd_headers(),
            8..=9 => self.odd_address(),
            _ => {
                let stage = Arc::clone(&self.stage);
                doors::odd(&mut self.dice, &stage.front, &stage.owner, &stage.routes)
            }
        }
    }

    fn operation(&mut self) -> Operation {
        self.stage.operations.choose(&mut self.dice).expect("some").clone()
    }

    /// A right document whose values make no sense.
    fn odd_values(&mut self) -> (String, RequestBuilder, bool) {
        let operation = self.operation();
        let stage = Arc::clone(&self.stage);
        let ids = stage.ids.clone();
        let own = ids.choose(&mut self.dice).expect("some").clone();
        let choose = |field: &str| match field {
            "idempotencyKey" => Some(json!(key())),
            "first" => Some(json!(3)),
            "id" | "post" | "target" | "plan" | "item" | "connection" | "connections" => {
                Some(json!(own))
            }
            _ => None,
        };
        let mut variables = stage.schema.variables(&operation, &choose);
        for _ in 0..self.dice.random_range(1..3) {
            self.spoil(&mut variables, 0);
        }
        let body = json!({ "query": stage.schema.document(&operation, 1), "variables": variables });
        self.post(body.to_string())
    }

    /// Puts nonsense somewhere into a value.
    fn spoil(&mut self, value: &mut Value, depth: usize) {
        let stop = depth > 0 && self.dice.random_bool(0.4);
        match value {
            Value::Object(fields) if !stop && !fields.is_empty() => {
                let at = self.dice.random_range(0..fields.len());
                let field = fields.values_mut().nth(at).expect("it is there");
                self.spoil(field, depth + 1);
            }
            Value::Array(members) if !stop && !members.is_empty() => {
                self.spoil(&mut members[0], depth + 1);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                *value = nonsense::value(&mut self.dice);
            }
            Value::Array(_) | Value::Object(_) => *value = nonsense::value(&mut self.dice),
        }
    }

    /// A right document with some bytes changed.
    fn odd_document(&mut self) -> (String, RequestBuilder, bool) {
        let operation = self.operation();
        let mut text = self.stage.schema.document(&operation, 2).into_bytes();
        for _ in 0..self.dice.random_range(1..6) {
            let at = self.dice.random_range(0..text.len());
            let odd = *b"{}()[]$!:@\"\\#|&.,0\0\n".choose(&mut self.dice).expect("some");
            match self.dice.random_range(0..4) {
                0 => text[at] = odd,
                1 => text.insert(at, odd),
                2 => text.truncate(at.max(1)),
                _ => text.extend_from_within(at..),
            }
        }
        let body = json!({ "query": String::from_utf8_lossy(&text), "variables": {} });
        self.post(body.to_string())
    }

    /// A right body with headers that are none.
    fn odd_headers(&mut self) -> (String, RequestBuilder, bool) {
        let long = "x".repeat(self.dice.random_range(1..4_000));
        let (name, value) = match self.dice.random_range(0..12) {
            0 => ("content-type", "text/plain".to_owned()),
            1 => ("content-type", format!("application/json; charset={long}")),
            2 => ("accept", "image/png".to_owned()),
            3 => ("accept", "application/json;q=x,*/*;q=-1".to_owned()),
            4 => ("authorization", format!("Bearer {long}")),
            5 => ("authorization", "Basic Og==".to_owned()),
            6 => ("herald-account", long),
            7 => ("cookie", format!("herald_session={long}; herald_session=y")),
            8 => ("content-encoding", "gzip".to_owned()),
            9 => ("origin", "null".to_owned()),
            10 => ("x-forwarded-proto", format!("https{long}")),
            _ => ("accept", "text/event-stream".to_owned()),
        };
        let body = json!({ "query": "{ viewer { id } }" }).to_string();
        let who = if name == "authorization" || name == "herald-account" || name == "cookie" {
            self.stage.front.nobody()
        } else {
            self.stage.owner.clone()
        };
        let request = who.request(Method::POST, "/graphql");
        let typed = if name == "content-type" {
            request
        } else {
            request.header("content-type", "application/json")
        };
        let shown: String = value.chars().take(100).collect();
        (format!("{name}: {shown}"), typed.header(name, value).body(body), false)
    }

    /// Some method at some address.
    fn odd_address(&mut self) -> (String, RequestBuilder, bool) {
        const PATHS: [&str; 22] = [
            "/",
            "/graphql",
            "/schema.graphql",
            "/health/live",
            "/health/ready",
            "/health/providers",
            "/metrics",
            "/sign-in/x",
            "/sign-in/%00%ff",
            "/sign-out",
            "/media",
            "/media?name=a.png",
            "/media?name=%ff&alt=%00",
            "/media/media_00000000000000000000000000",
            "/media/..%2f..",
            "/oauth/x/callback",
            "/oauth/x/callback?state=a&code=b",
            "/oauth/nowhere/callback?code=1",
            "/oauth/x/callback?error=access_denied&state=%00",
            "/nothing",
            "//",
            "/graphql/..;/metrics",
        ];
        const METHODS: [&str; 9] =
            ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "NONSENSE"];
        let mut path = (*PATHS.choose(&mut self.dice).expect("some")).to_owned();
        if self.dice.random_bool(0.2) {
            path.push_str(&"?a=%20&".repeat(self.dice.random_range(1..900)));
        }
        let method = METHODS.choose(&mut self.dice).expect("some");
        let signed_in = self.dice.random_bool(0.5);
        let nobody = self.stage.front.nobody();
        let who = if signed_in { &self.stage.owner } else { &nobody };
        let request = who.request(method.parse().expect("a method"), &path);
        let bytes = self.dice.random_range(0..3_000);
        let body: Vec<u8> = (0..bytes).map(|_| self.dice.random()).collect();
        let shown: String = path.chars().take(100).collect();
        // Signing out would end what the others use.
        if path.starts_with("/sign-out") && signed_in {
            return (shown, self.stage.front.nobody().request(Method::GET, "/sign-out"), false);
        }
        (format!("{method} {shown}"), request.body(body), true)
    }

    fn post(&self, body: String) -> (String, RequestBuilder, bool) {
        let request = self.stage.owner.request(Method::POST, "/graphql");
        // Who sends too much is not listened to until the end.
        let cut = body.len() > 64 * 1024;
        (body.clone(), request.header("content-type", "application/json").body(body), cut)
    }
}

/// Throws so many, and judges each answer.
async fn throw(stage: &Arc<Stage>, seed: u64, times: u64) {
    let mut thrower = Thrower { dice: StdRng::seed_from_u64(seed), stage: Arc::clone(stage) };
    for number in 0..times {
        let (name, request, cut) = thrower.next();
        let shown: String = name.chars().take(600).collect();
        let story = format!("HERALD_ABUSE_SEED={seed}, request {number}: {shown}");
        // A stream has no end: its first words are enough.
        let answer = tokio::time::timeout(Duration::from_secs(20), read(request)).await;
        match answer.unwrap_or_else(|_| panic!("{story}: no answer")) {
            Ok((status, said)) => judge(&story, status, &said),
            Err(error) => assert!(cut, "{story}: {error}"),
        }
    }
}

async fn read(request: RequestBuilder) -> reqwest::Result<(u16, String)> {
    let mut answer = request.send().await?;
    let status = answer.status().as_u16();
    let streams = answer.headers().get("content-type");
    if streams.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        let first = tokio::time::timeout(Duration::from_millis(50), answer.chunk()).await;
        let first = first.ok().and_then(Result::ok).flatten().unwrap_or_default();
        return Ok((status, String::from_utf8_lossy(&first).into_owned()));
    }
    Ok((status, answer.text().await?))
}

fn judge(story: &str, status: u16, said: &str) {
    assert!(status < 500, "{story}: {status} {said}");
    assert!(!said.contains("\"INTERNAL\""), "{story}: {said}");
    for internal in INTERNALS {
        // What we say may repeat what they said.
        let repeated = story.contains(internal);
        assert!(repeated || !said.contains(internal), "{story} tells {internal}: {said}");
    }
}

/// Bytes that are no HTTP, or half of it, or a WebSocket that speaks in tongues.
async fn babble(stage: &Stage, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let noise: Vec<u8> = (0..dice.random_range(0..2_000)).map(|_| dice.random()).collect();
    let upgrade = "GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
    let start: Vec<u8> = match dice.random_range(0..8) {
        0 => Vec::new(),
        1 => b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{".to_vec(),
        2 => b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            .to_vec(),
        3 => b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        4 => format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(500)).into_bytes(),
        5 => b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_vec(),
        6 => format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70_000)).into_bytes(),
        _ => upgrade.as_bytes().to_vec(),
    };
    let mut line = TcpStream::connect(stage.front.listen).await.expect("it listens");
    let _ = line.write_all(&start).await;
    let _ = line.write_all(&noise).await;
    let _ = line.shutdown().await;
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_millis(500), line.read_to_end(&mut said)).await;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.starts_with("HTTP/1.1 5"), "seed {seed}: {said}");
    assert!(INTERNALS.iter().all(|internal| !said.contains(internal)), "seed {seed}: {said}");
}

/// A stranger announces a large picture, and is sent away before it comes.
async fn turn_a_stranger_away(stage: &Stage) {
    let mut line = TcpStream::connect(stage.front.listen).await.expect("it listens");
    let start =
        b"POST /media?name=a.png HTTP/1.1\r\nHost: a\r\nContent-Length: 15000000\r\n\r\n\x89PNG";
    line.write_all(start).await.expect("it reads");
    let mut said = [0; 12];
    let heard = tokio::time::timeout(front::PATIENCE, line.read_exact(&mut said)).await;
    heard.expect("an answer before the picture").expect("an answer");
    assert_eq!(said, *b"HTTP/1.1 401");
}

async fn throw_all(stage: &Arc<Stage>, seed: u64, times: u64) {
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..HANDS {
        let stage = Arc::clone(stage);
        hands.spawn(async move { throw(&stage, seed + hand, times / HANDS).await });
    }
    while let Some(done) = hands.join_next().await {
        done.expect("what was thrown was answered");
    }
    for seed in seed..seed + times / 40 {
        babble(stage, seed).await;
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn breaks_nothing(engine: Engine) {
    let stage = Arc::new(Stage::set(engine).await);
    let runs = number("HERALD_ABUSE_RUNS").unwrap_or(3_600);
    let seed = number("HERALD_ABUSE_SEED").unwrap_or(1);
    throw_all(&stage, seed, runs / 3).await;
    turn_a_stranger_away(&stage).await;
    let before = stage.memory();
    throw_all(&stage, seed + 1_000, runs * 2 / 3).await;
    let after = stage.memory();
    println!("{runs} bad requests; {} MiB, then {} MiB", before >> 20, after >> 20);
    assert!(after < before + FLAT, "memory grew from {before} to {after}");

    let printed = stage.front.output();
    assert!(!printed.contains("panicked"), "{printed}");
    assert!(!printed.contains("a resolver failed"), "{printed}");
    let alive = stage.owner.gql("{ posts(first: 1) { totalCount } }", json!({})).await;
    assert!(alive["posts"]["totalCount"].as_u64().is_some_and(|count| count >= 1), "{alive}");
    let ready = stage.owner.request(Method::GET, "/health/ready");
    assert_eq!(stage.owner.send(ready).await.0, 200, "as ready as before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_breaks_nothing_and_learns_nothing_on_sqlite() {
    breaks_nothing(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_breaks_nothing_and_learns_nothing_on_postgresql() {
    breaks_nothing(Engine::Postgres).await;
}
