//! Deliveries: at once, then again and again at Svix's pace until somebody says yes.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{Method, Request};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use url::Url;

use super::{Desk, Endpoint, Message, sign, world};
use crate::clock;
use crate::state::{Distant, State};

/// The pauses before each attempt, in seconds of the sandbox's time.
const PAUSES: [i64; 8] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// How long an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a delivery by hand may lie.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lies {
    /// Seconds added to the time that is signed.
    pub(crate) shift: i64,
    /// Whether the signature is wrong.
    pub(crate) forged: bool,
}

/// Sends messages that were just written down, each on its own.
pub(crate) fn send(state: &State, ids: Vec<String>) {
    for id in ids {
        let Some(desk) = desk_of(state, &id) else { continue };
        if desk.hold || desk.endpoint.is_none() {
            continue;
        }
        for _ in 0..desk.copies {
            tokio::spawn(insist(state.distant(), id.clone(), desk.delay_ms));
        }
    }
}

/// Takes up what an earlier run did not get delivered.
pub(crate) fn resume(state: &State) {
    let open: Vec<String> = {
        let memory = state.memory();
        let open = memory.world.svix.messages.iter().filter(|message| !message.delivered);
        open.map(|message| message.id.clone()).collect()
    };
    send(state, open);
}

async fn insist(distant: Distant, id: String, delay_ms: u64) {
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    for pause in PAUSES {
        let Some(due) = distant
            .reach()
            .map(|state| state.memory().now().saturating_add(pause.saturating_mul(1000)))
        else {
            return;
        };
        loop {
            let Some(state) = distant.reach() else { return };
            if state.memory().now() >= due {
                break;
            }
            drop(state);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let Some(state) = distant.reach() else { return };
        if attempt(&state, &id, Lies::default()).await.is_some_and(|status| status / 100 == 2) {
            return;
        }
    }
}

fn desk_of(state: &State, id: &str) -> Option<Desk> {
    let memory = state.memory();
    let provider = &memory.world.svix.get(id)?.provider;
    memory.svix.0.get(provider.as_str()).cloned()
}

/// One delivery, written into the ledger; the status, unless nobody answered.
pub(crate) async fn attempt(state: &State, id: &str, lies: Lies) -> Option<u16> {
    let endpoint = desk_of(state, id)?.endpoint?;
    let message = state.memory().world.svix.get(id)?.clone();
    let posted = tokio::time::timeout(PATIENCE, post(&endpoint, &message, lies)).await;
    let status = posted.ok().flatten();
    let taken = status.is_some_and(|status| status / 100 == 2);
    let changes = if taken {
        vec![world::Change::Delivered { id: id.to_owned() }.into()]
    } else {
        Vec::new()
    };
    let facts = json!({ "id": id, "type": message.kind, "status": status });
    let written = state.memory().happen(&message.provider, "webhook", facts, changes);
    if let Err(error) = written {
        tracing::error!(%error, "the sandbox could not write a delivery down");
    }
    status
}

/// The time that is signed is the machine's: whoever verifies knows no other.
async fn post(endpoint: &Endpoint, message: &Message, lies: Lies) -> Option<u16> {
    let url = Url::parse(&endpoint.url).ok().filter(|url| url.scheme() == "http")?;
    let host = url.host_str()?;
    let port = url.port_or_known_default()?;
    let seconds = clock::now(0).div_euclid(1000).saturating_add(lies.shift);
    let secret = if lies.forged { "whsec_Zm9yZ2Vk" } else { endpoint.secret.as_str() };
    let path = url.query().map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, format!("{host}:{port}"))
        .header(USER_AGENT, "Svix-Webhooks/1.60.0 (sandbox)")
        .header(CONTENT_TYPE, "application/json")
        .header("svix-id", &message.id)
        .header("svix-timestamp", seconds)
        .header("svix-signature", sign(secret, &message.id, seconds, &message.body))
        .body(Body::from(message.body.clone()))
        .ok()?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driving = tokio::spawn(connection);
    let answer = sender.send_request(request).await.ok().map(|answer| answer.status().as_u16());
    driving.abort();
    answer
}
