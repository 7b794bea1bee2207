//! A small schema behind the real transport.

use async_graphql::{Context, EmptyMutation, Error, Object, Schema, Subscription};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use futures::{Stream, stream};
use herald_door::{Credential, Door, Knock, Origins, TurnedAway};
use herald_graphql::{
    http::{Endpoint, router},
    limits::{Limits, Run, guarded},
    websocket::Seats,
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tower::ServiceExt as _;

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("Hello, {}!", name.unwrap_or_else(|| "world".to_owned()))
    }

    async fn double(&self, number: i32) -> i32 {
        number.saturating_mul(2)
    }

    async fn broken(&self) -> Result<Option<String>, Error> {
        Err(Error::new("secret: the table `x` is missing"))
    }

    async fn broken_for_good(&self) -> Result<String, Error> {
        Err(Error::new("secret: the table `x` is missing"))
    }

    async fn maybe(&self) -> Option<Person> {
        Some(Person)
    }

    async fn some(&self) -> Vec<Option<Person>> {
        vec![Some(Person), Some(Person)]
    }

    async fn never(&self) -> bool {
        std::future::pending().await
    }

    async fn visitor(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_unchecked::<Option<&'static str>>().map(ToOwned::to_owned)
    }

    async fn noted(&self, ctx: &Context<'_>) -> bool {
        ctx.data_unchecked::<Arc<Run>>().note("idempotentReplay", true);
        true
    }

    #[graphql(complexity = "first.max(1) as usize * (1 + child_complexity)")]
    async fn people(&self, first: i32) -> Vec<Person> {
        vec![Person; usize::try_from(first).unwrap_or_default().min(3)]
    }
}

#[derive(Clone)]
pub(crate) struct Person;

#[Object]
impl Person {
    async fn name(&self) -> &'static str {
        "Ada"
    }

    async fn friend(&self) -> Self {
        Self
    }

    /// Done after its neighbours.
    async fn late(&self) -> &'static str {
        tokio::task::yield_now().await;
        "late"
    }

    async fn nobody(&self) -> Option<Self> {
        Some(Self)
    }

    async fn secret(&self) -> Result<String, Error> {
        Err(Error::new("this has no code"))
    }
}

pub(crate) struct Changes;

#[Subscription]
impl Changes {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }
}

/// Knows one good secret.
pub(crate) struct OneGuest;

#[async_trait::async_trait]
impl Door for OneGuest {
    type Visitor = Option<&'static str>;

    async fn admit(&self, knock: Knock) -> Result<Self::Visitor, TurnedAway> {
        match knock.credential {
            None => Ok(None),
            Some(Credential::Bearer(secret)) if secret.expose_secret() == "good" => {
                Ok(Some("bearer"))
            }
            Some(Credential::Cookie(secret)) if secret.expose_secret() == "good" => {
                Ok(Some("cookie"))
            }
            Some(Credential::Bearer(secret)) if secret.expose_secret() == "hasty" => {
                Err(TurnedAway::TooMany { seconds: 7 })
            }
            Some(_) => Err(TurnedAway::BadCredential),
        }
    }

    fn is_signed_in(&self, visitor: &Self::Visitor) -> bool {
        visitor.is_some()
    }
}

pub(crate) fn limits() -> Limits {
    Limits {
        timeout: Duration::from_millis(200),
        greeting: Duration::from_millis(200),
        per_connection: 2,
        ..Limits::default()
    }
}

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) close: watch::Sender<bool>,
}

pub(crate) fn world() -> World {
    world_with(limits())
}

pub(crate) fn world_with(limits: Limits) -> World {
    let (close, closing) = watch::channel(false);
    let endpoint = Endpoint {
        executor: guarded(Schema::build(Query, EmptyMutation, Changes)).finish(),
        door: OneGuest,
        limits,
        origins: Origins::new(["https://app.example".to_owned()]),
        cookie: "herald_session".to_owned(),
        seats: Seats::new(3, 3),
        closing,
    };
    World { router: router(endpoint), close }
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers.get("content-type").map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answered {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answered { status: head.status, headers: head.headers, text }
}

pub(crate) async fn post(headers: &[(&str, &str)], body: impl Into<Body>) -> Answered {
    let mut request = Request::post("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&world().router, request.body(body.into()).unwrap()).await
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const TAKES_JSON: (&str, &str) = ("accept", "application/json");
pub(crate) const TAKES_GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
pub(crate) const GOOD: (&str, &str) = ("authorization", "Bearer good");

/// Asks a query as a modern client does.
pub(crate) async fn ask(query: &str) -> Answered {
    post(&[JSON, TAKES_GRAPHQL], json!({ "query": query }).to_string()).await
}

/// The same, signed in.
pub(crate) async fn ask_signed_in(query: &str) -> Answered {
    post(&[JSON, TAKES_GRAPHQL, GOOD], json!({ "query": query }).to_string()).await
}
