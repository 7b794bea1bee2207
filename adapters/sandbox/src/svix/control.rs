//! The control API of webhooks: where to, and twice, late or out of order on demand.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::deliver::{Lies, attempt};
use super::{Endpoint, Message};
use crate::clock;
use crate::control::Refused;
use crate::state::{Memory, State};

pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_control/svix/{provider}", get(describe).post(change))
        .route("/_control/svix/{provider}/deliver", post(deliver))
}

const STRANGER: Refused = Refused::Value("only clerk and resend send webhooks through Svix");

/// `GET /_control/svix/{provider}`: how webhooks go out, and every message.
async fn describe(
    Shared(state): Shared<State>,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Refused> {
    show(&state.memory(), &provider)
}

fn show(memory: &Memory, provider: &str) -> Result<Json<Value>, Refused> {
    let desk = memory.svix.0.get(provider).ok_or(STRANGER)?;
    let message = |message: &Message| {
        json!({
            "id": message.id,
            "type": message.kind,
            "at": clock::print(message.at),
            "delivered": message.delivered,
            "body": message.body,
        })
    };
    Ok(Json(json!({
        "url": desk.endpoint.as_ref().map(|endpoint| &endpoint.url),
        "hold": desk.hold,
        "copies": desk.copies,
        "delay_ms": desk.delay_ms,
        "messages": memory.world.svix.of(provider).map(message).collect::<Vec<_>>(),
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    url: Option<String>,
    secret: Option<String>,
    hold: Option<bool>,
    copies: Option<u32>,
    delay_ms: Option<u64>,
}

/// `POST /_control/svix/{provider}`: the endpoint, and how webhooks go out from now on.
async fn change(
    Shared(state): Shared<State>,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let changed: Changed = serde_json::from_slice(&body)?;
    if changed.url.as_ref().is_some_and(|url| !url.starts_with("http://")) {
        return Err(Refused::Value("`url` must begin with http://: the sandbox speaks no TLS"));
    }
    let mut memory = state.memory();
    let desk = memory.svix.0.get_mut(provider.as_str()).ok_or(STRANGER)?;
    if changed.url.is_some() || changed.secret.is_some() {
        let before = desk.endpoint.take();
        let url = changed.url.or_else(|| before.as_ref().map(|before| before.url.clone()));
        let secret = changed.secret.or_else(|| before.map(|before| before.secret));
        let (Some(url), Some(secret)) = (url, secret) else {
            return Err(Refused::Value("an endpoint needs `url` and `secret`"));
        };
        desk.endpoint = Some(Endpoint { url, secret });
    }
    desk.hold = changed.hold.unwrap_or(desk.hold);
    desk.copies = changed.copies.unwrap_or(desk.copies).min(100);
    desk.delay_ms = changed.delay_ms.unwrap_or(desk.delay_ms);
    show(&memory, &provider)
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Oldest,
    Newest,
    Shuffled,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    ids: Vec<String>,
    order: Order,
    copies: usize,
    timestamp_shift: i64,
    forged: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        let (ids, order) = (Vec::new(), Order::Oldest);
        Self { ids, order, copies: 1, timestamp_shift: 0, forged: false }
    }
}

/// `POST /_control/svix/{provider}/deliver`: delivers now, one after the other, and answers what
/// the endpoint said. Without `ids`, everything that was not delivered yet.
async fn deliver(
    Shared(state): Shared<State>,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let wanted: Wanted =
        if body.is_empty() { Wanted::default() } else { serde_json::from_slice(&body)? };
    let mut ids = wanted.ids.clone();
    {
        let memory = state.memory();
        if memory.svix.0.get(provider.as_str()).ok_or(STRANGER)?.endpoint.is_none() {
            return Err(Refused::Value("there is no endpoint to deliver to"));
        }
        if ids.is_empty() {
            let open = memory.world.svix.of(&provider).filter(|message| !message.delivered);
            ids = open.map(|message| message.id.clone()).collect();
        }
        if ids.iter().any(|id| memory.world.svix.get(id).is_none_or(|m| m.provider != provider)) {
            return Err(Refused::Value("`ids` holds an id that is no message of this provider"));
        }
    }
    match wanted.order {
        Order::Oldest => {}
        Order::Newest => ids.reverse(),
        Order::Shuffled => rand::seq::SliceRandom::shuffle(ids.as_mut_slice(), &mut dice()),
    }
    let lies = Lies { shift: wanted.timestamp_shift, forged: wanted.forged };
    let mut deliveries = Vec::new();
    for id in ids {
        for _ in 0..wanted.copies.min(100) {
            let status = attempt(&state, &id, lies).await;
            deliveries.push(json!({ "id": id, "status": status }));
        }
    }
    Ok(Json(json!({ "deliveries": deliveries })))
}

fn dice() -> rand::rngs::StdRng {
    rand::SeedableRng::seed_from_u64(rand::random())
}
