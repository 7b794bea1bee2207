//! Sending events to their endpoints: signed, tried again, and badly when it is told to.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use hmac::{Hmac, Mac as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::json::Json;
use super::store::Change;
use super::version::Version;
use super::{engine, show};
use crate::clock::{self, Millis};
use crate::state::{Memory, State};
use crate::world::Change as Worldly;

/// How often the sandbox looks for what is due.
const TICK: Duration = Duration::from_millis(20);

/// An endpoint that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// One event on its way to one endpoint. Times here are the machine's own.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) event: String,
    pub(super) endpoint: String,
    attempts: usize,
    due: Millis,
    copies: u32,
}

impl Parcel {
    pub(super) fn first(event: &str, endpoint: &str) -> Self {
        let (event, endpoint) = (event.to_owned(), endpoint.to_owned());
        Self { event, endpoint, attempts: 0, due: clock::now(0), copies: 1 }
    }
}

/// How deliveries misbehave. Nothing of it survives a restart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Manner {
    /// Nothing is sent.
    pub(super) paused: bool,
    /// Everything is sent this much later.
    pub(super) delay_ms: u64,
    /// Everything is sent twice.
    pub(super) twice: bool,
    /// What happens within this time is sent in reverse order.
    pub(super) shuffle_ms: u64,
    /// So many of the next events are not sent at all.
    pub(super) drop_next: u32,
    /// Only these types are dropped; all where it is empty.
    pub(super) drop_types: Vec<String>,
    /// Every request to the API takes this much longer before it does anything.
    pub(super) latency_ms: u64,
}

/// What is still to be delivered.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    parcels: BTreeMap<u64, Parcel>,
    under_way: HashSet<u64>,
    last: u64,
    pub(super) manner: Manner,
}

impl Outbox {
    pub(super) fn add(&mut self, mut parcel: Parcel) {
        let wait = self.manner.delay_ms.saturating_add(self.manner.shuffle_ms);
        parcel.due = parcel.due.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX));
        parcel.copies = if self.manner.twice { 2 } else { 1 };
        self.last = self.last.saturating_add(1);
        self.parcels.insert(self.last, parcel);
    }

    pub(super) fn settle(&mut self, event: &str, endpoint: &str) {
        self.parcels.retain(|_, one| one.event != event || one.endpoint != endpoint);
    }

    pub(super) fn waiting(&self) -> usize {
        self.parcels.len()
    }

    /// The next one that is due; in reverse order while shuffling.
    fn take(&mut self) -> Option<(u64, Parcel)> {
        if self.manner.paused {
            return None;
        }
        let now = clock::now(0);
        let due =
            |(number, one): &(&u64, &Parcel)| one.due <= now && !self.under_way.contains(number);
        let mut all = self.parcels.iter().filter(due);
        let found = if self.manner.shuffle_ms > 0 { all.next_back() } else { all.next() };
        let (number, parcel) = found.map(|(number, parcel)| (*number, parcel.clone()))?;
        self.under_way.insert(number);
        Some((number, parcel))
    }

    fn drops(&mut self, kind: &str) -> bool {
        let types = &self.manner.drop_types;
        let meant = types.is_empty() || types.iter().any(|name| name == kind);
        let drops = meant && self.manner.drop_next > 0;
        if drops {
            self.manner.drop_next = self.manner.drop_next.saturating_sub(1);
        }
        drops
    }
}

/// Brings time and events until the sandbox stops.
pub(crate) async fn run(state: State, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        engine::run(&mut state.memory());
        while let Some(letter) = next(&state) {
            let answer = tokio::select! {
                () = stop.cancelled() => return,
                answer = letter.send() => answer,
            };
            finish(&mut state.memory(), &letter, answer);
        }
    }
}

/// What is sent: an address, a signature and a body.
#[derive(Debug)]
struct Letter {
    number: u64,
    parcel: Parcel,
    kind: String,
    url: String,
    signature: String,
    body: String,
}

fn next(state: &State) -> Option<Letter> {
    let mut memory = state.memory();
    loop {
        // Signed by the machine's own clock, as Stripe signs, whatever the sandbox's clock says.
        let now = clock::now(0).div_euclid(1_000);
        let store = &mut memory.world.stripe;
        let (number, parcel) = store.outbox.take()?;
        let event = store.get(&parcel.event).cloned().unwrap_or_default();
        let kind = event.owned("type");
        let endpoint = store.get(&parcel.endpoint).cloned().unwrap_or_default();
        if store.outbox.drops(&kind) || endpoint.text("status") != "enabled" {
            settle(&mut memory, number, &parcel, "dropped", &kind);
            continue;
        }
        let version = endpoint.maybe("api_version").and_then(|text| Version::read(text).ok());
        let version = version.unwrap_or_else(Version::newest);
        let body = show::event(&event, &version).to_string();
        let secrets: Vec<&str> =
            endpoint.all("_secrets").iter().filter_map(Value::as_str).collect();
        let signature = signature(&secrets, now, &body);
        return Some(Letter { number, parcel, kind, url: endpoint.owned("url"), signature, body });
    }
}

/// `t=…,v1=…`, with one `v1` for every secret in force.
fn signature(secrets: &[&str], at: i64, body: &str) -> String {
    let signed = format!("{at}.{body}");
    secrets.iter().fold(format!("t={at}"), |mut header, secret| {
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
            mac.update(signed.as_bytes());
            header.push_str(",v1=");
            for byte in mac.finalize().into_bytes() {
                let _ = write!(header, "{byte:02x}");
            }
        }
        header
    })
}

/// Why a delivery did not arrive.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error("the endpoint is no plain http address")]
    Address,
    #[error("the endpoint took too long")]
    Late(#[from] tokio::time::error::Elapsed),
    #[error("the endpoint cannot be reached: {0}")]
    Connect(#[from] std::io::Error),
    #[error("the endpoint broke off: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the event cannot be written as a request: {0}")]
    Request(#[from] axum::http::Error),
}

impl Letter {
    async fn send(&self) -> Result<u16, Undelivered> {
        tokio::time::timeout(PATIENCE, self.exchange()).await?
    }

    async fn exchange(&self) -> Result<u16, Undelivered> {
        let url = Url::parse(&self.url).map_err(|_| Undelivered::Address)?;
        let host = url.host_str().filter(|_| url.scheme() == "http");
        let (Some(host), Some(port)) = (host, url.port_or_known_default()) else {
            return Err(Undelivered::Address);
        };
        let bracketless = host.trim_matches(|letter| letter == '[' || letter == ']');
        let stream = TcpStream::connect((bracketless, port)).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let request = Request::post(format!("{}{query}", url.path()))
            .header("host", format!("{host}:{port}"))
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("accept", "*/*; q=0.5, application/xml")
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", &self.signature)
            .header("connection", "close")
            .body(Full::new(Bytes::from(self.body.clone())))?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status().as_u16();
            // What the endpoint says does not matter, only that it has said it.
            let _ = Limited::new(response.into_body(), 65_536).collect().await;
            Ok::<_, Undelivered>(status)
        };
        let drive = async {
            let _ = connection.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = exchange => answer,
            () = drive => Err(Undelivered::Address),
        }
    }
}

fn finish(memory: &mut Memory, letter: &Letter, answer: Result<u16, Undelivered>) {
    let (number, parcel) = (letter.number, &letter.parcel);
    match answer {
        Ok(status) if (200..300).contains(&status) => {
            if parcel.copies > 1 {
                note(memory, parcel, "delivered", &letter.kind, Vec::new());
                let outbox = &mut memory.world.stripe.outbox;
                outbox.under_way.remove(&number);
                if let Some(kept) = outbox.parcels.get_mut(&number) {
                    kept.copies = kept.copies.saturating_sub(1);
                }
                return;
            }
            settle(memory, number, parcel, "delivered", &letter.kind);
        }
        other => {
            let reason = match other {
                Ok(status) => format!("status {status}"),
                Err(error) => error.to_string(),
            };
            tracing::debug!(event = parcel.event, reason, "an event did not arrive");
            again(memory, number, parcel, &letter.kind);
        }
    }
}

fn again(memory: &mut Memory, number: u64, parcel: &Parcel, kind: &str) {
    let store = &mut memory.world.stripe;
    let pause = store.settings.retry_after_ms.get(parcel.attempts).copied();
    let Some(pause) = pause else {
        settle(memory, number, parcel, "given_up", kind);
        return;
    };
    store.outbox.under_way.remove(&number);
    if let Some(kept) = store.outbox.parcels.get_mut(&number) {
        kept.attempts = kept.attempts.saturating_add(1);
        kept.due = clock::now(0).saturating_add(i64::try_from(pause).unwrap_or(i64::MAX));
    }
}

/// Writes the end of a delivery down.
fn settle(memory: &mut Memory, number: u64, parcel: &Parcel, outcome: &str, kind: &str) {
    let change = Change::Settled { event: parcel.event.clone(), endpoint: parcel.endpoint.clone() };
    note(memory, parcel, outcome, kind, vec![Worldly::Stripe { stripe: change }]);
    let outbox = &mut memory.world.stripe.outbox;
    outbox.under_way.remove(&number);
    outbox.parcels.remove(&number);
}

fn note(memory: &mut Memory, parcel: &Parcel, outcome: &str, kind: &str, changes: Vec<Worldly>) {
    let facts = json!({
        "id": parcel.event, "type": kind, "endpoint": parcel.endpoint, "outcome": outcome,
        "attempts": parcel.attempts.saturating_add(1),
    });
    if let Err(error) = memory.happen("stripe", "deliver_event", facts, changes) {
        tracing::error!(%error, "the sandbox could not write a delivery down");
    }
}
