//! One WebSocket connection, from the greeting to the farewell.

use super::message::{ClientMessage, Farewell, ServerMessage};
use crate::{
    http::{Endpoint, Written, from_value, prepare},
    limits::coded,
    sse,
};
use async_graphql::{Executor, ServerError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::{Stream, StreamExt as _, stream};
use herald_door::{ACCOUNT, Credential, Door, Knock, RequestId, TurnedAway, bearer_token};
use serde_json::{Map, Value};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, interval_at, sleep};
use tokio_stream::StreamMap;

/// A client that does not take its results for so long is gone.
const SLOW: Duration = Duration::from_secs(10);

/// Pings without any answer after which a client is taken for gone.
const PATIENCE: u32 = 3;

/// What operations bring, one after the other; `None` is the end.
type Results = Pin<Box<dyn Stream<Item = Option<Written>> + Send>>;

/// Goes on, or ends with a farewell; `None` when the client has hung up.
type Step = Result<(), Option<Farewell>>;

pub(super) struct Conversation<E, D> {
    endpoint: Arc<Endpoint<E, D>>,
    socket: WebSocket,
    knock: Knock,
    request: RequestId,
    greeted: bool,
    silence: u32,
    operations: StreamMap<String, Results>,
}

enum Happening {
    Said(Option<Result<Message, axum::Error>>),
    Result(String, Option<Written>),
    GreetingIsLate,
    Tick,
    Closing,
}

impl<E: Executor, D: Door> Conversation<E, D> {
    pub(super) fn new(
        endpoint: Arc<Endpoint<E, D>>,
        socket: WebSocket,
        knock: Knock,
        request: RequestId,
    ) -> Self {
        let operations = StreamMap::new();
        Self { endpoint, socket, knock, request, greeted: false, silence: 0, operations }
    }

    /// Talks until one side ends it.
    pub(super) async fn run(mut self) {
        let mut closing = Box::pin(sse::closed(self.endpoint.closing.clone()));
        let mut greeting = Box::pin(sleep(self.endpoint.limits.greeting));
        let ping = self.endpoint.limits.ping;
        let mut ticks = interval_at(Instant::now() + ping, ping);
        let farewell = loop {
            let happening = tokio::select! {
                said = self.socket.recv() => Happening::Said(said),
                Some((id, result)) = self.operations.next() => Happening::Result(id, result),
                () = &mut greeting, if !self.greeted => Happening::GreetingIsLate,
                _ = ticks.tick() => Happening::Tick,
                () = &mut closing => Happening::Closing,
            };
            let step = match happening {
                Happening::Said(Some(Ok(message))) => self.hear(message).await,
                Happening::Said(None | Some(Err(_))) => Err(None),
                Happening::Result(id, result) => self.tell(&id, result).await,
                Happening::GreetingIsLate => Err(Some(Farewell::TooLate)),
                Happening::Tick => self.look_after().await,
                Happening::Closing => Err(Some(Farewell::Stopping)),
            };
            if let Err(farewell) = step {
                break farewell;
            }
        };
        if let Some(farewell) = farewell {
            let (code, reason) = farewell.spelled();
            let frame = CloseFrame { code, reason: reason.into() };
            let _gone = self.send(Message::Close(Some(frame))).await;
        }
    }

    async fn hear(&mut self, message: Message) -> Step {
        self.silence = 0;
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Binary(_) => return Err(Some(Farewell::NotUnderstood)),
            Message::Close(_) => return Err(None),
        };
        let message = serde_json::from_str(text.as_str());
        match message.map_err(|_| Some(Farewell::NotUnderstood))? {
            ClientMessage::ConnectionInit { .. } if self.greeted => {
                Err(Some(Farewell::GreetedTwice))
            }
            ClientMessage::ConnectionInit { payload } => self.greet(payload).await,
            ClientMessage::Subscribe { .. } if !self.greeted => Err(Some(Farewell::NotGreeted)),
            ClientMessage::Subscribe { id, payload } => self.begin(id, payload).await,
            ClientMessage::Complete { id } => {
                drop(self.operations.remove(&id));
                Ok(())
            }
            ClientMessage::Ping { payload } => self.say(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong { .. } => Ok(()),
        }
    }

    /// A credential in the greeting wins over one that came with the HTTP request.
    async fn greet(&mut self, payload: Option<Map<String, Value>>) -> Step {
        for (name, value) in payload.unwrap_or_default() {
            let Value::String(value) = value else { continue };
            match name.to_ascii_lowercase().as_str() {
                "authorization" => {
                    self.knock.credential = Some(Credential::Bearer(bearer_token(&value)));
                }
                ACCOUNT => self.knock.account = Some(value),
                _ => {}
            }
        }
        let visitor = self.admit().await?;
        // Nobody in particular has nothing to follow, and would keep a place from those who have.
        if !self.endpoint.door.is_signed_in(&visitor) {
            return Err(Some(Farewell::Forbidden));
        }
        self.greeted = true;
        self.say(&ServerMessage::ConnectionAck).await
    }

    /// Whoever was let in may have been shut out since; so everybody is asked again each time.
    async fn admit(&mut self) -> Result<D::Visitor, Option<Farewell>> {
        let admitted = self.endpoint.door.admit(self.knock.clone()).await;
        admitted.map_err(|reason| match reason {
            TurnedAway::BadCredential | TurnedAway::ForeignPage | TurnedAway::Elsewhere => {
                Some(Farewell::Forbidden)
            }
            TurnedAway::TooMany { .. } | TurnedAway::Limited(_) | TurnedAway::Unavailable => {
                Some(Farewell::Stopping)
            }
        })
    }

    async fn begin(&mut self, id: String, payload: Value) -> Step {
        if id.is_empty() || id.len() > 128 {
            return Err(Some(Farewell::NotUnderstood));
        }
        if self.operations.contains_key(&id) {
            return Err(Some(Farewell::SameId));
        }
        let limits = &self.endpoint.limits;
        if self.operations.len() >= limits.per_connection {
            let most = limits.per_connection;
            let message = format!("at most {most} operations run at one time on one connection");
            return self.refuse(&id, &[coded(message, "LIMIT_EXCEEDED")]).await;
        }
        let visitor = self.admit().await?;
        let signed_in = self.endpoint.door.is_signed_in(&visitor);
        let asked = from_value(payload).map_err(|error| coded(error.to_string(), error.code()));
        let prepared = asked.and_then(|asked| prepare(asked, &self.endpoint.limits, signed_in));
        let prepared = match prepared {
            Ok(prepared) => match self.endpoint.charge(&visitor, &prepared).await {
                Ok(_) => prepared.asked_by(visitor),
                Err(reason) => {
                    let error = coded(reason.to_string(), "RATE_LIMITED");
                    return self.refuse(&id, &[error]).await;
                }
            },
            Err(error) => return self.refuse(&id, &[error]).await,
        };
        let results = sse::results(Arc::clone(&self.endpoint), prepared, self.request);
        let results = results.map(Some).chain(stream::once(async { None }));
        self.operations.insert(id, Box::pin(results));
        Ok(())
    }

    async fn tell(&mut self, id: &str, result: Option<Written>) -> Step {
        match result {
            Some(written) if written.is_refusal() => {
                drop(self.operations.remove(id));
                self.refuse(id, &written.into_errors()).await
            }
            Some(written) => self.say(&ServerMessage::Next { id, payload: &written }).await,
            None => {
                drop(self.operations.remove(id));
                self.say(&ServerMessage::Complete { id }).await
            }
        }
    }

    async fn refuse(&mut self, id: &str, errors: &[ServerError]) -> Step {
        self.say(&ServerMessage::Error { id, payload: errors }).await
    }

    /// Asks a silent client whether it is there, and the door whether it is still welcome.
    async fn look_after(&mut self) -> Step {
        if self.silence >= PATIENCE {
            return Err(Some(Farewell::Silent));
        }
        self.silence += 1;
        if self.greeted {
            self.admit().await?;
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Step {
        match serde_json::to_string(message) {
            Ok(text) => self.send(Message::Text(text.into())).await,
            Err(error) => {
                tracing::error!(%error, "a message has no JSON form");
                Err(Some(Farewell::Stopping))
            }
        }
    }

    async fn send(&mut self, message: Message) -> Step {
        let sent = tokio::time::timeout(SLOW, self.socket.send(message)).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(None) }
    }
}
