//! A fake Stripe: answers by script, remembers every request, and lets time pass without waiting.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use futures::future::{BoxFuture, FutureExt as _};
use herald_application::ports::payments::IdempotencyKey;
use herald_http_client::Environment;
use herald_kernel::{AccountId, CommandId};
use herald_stripe::{Settings, Stripe};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What the fake does next.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// Answers.
    Say(u16, Vec<(&'static str, &'static str)>, String),
    /// Never answers.
    Hang,
}

pub(crate) fn ok(body: &Value) -> Then {
    say(200, body)
}

pub(crate) fn say(status: u16, body: &Value) -> Then {
    Then::Say(status, Vec::new(), body.to_string())
}

pub(crate) fn list(data: &[Value]) -> Then {
    ok(&serde_json::json!({ "object": "list", "has_more": false, "data": data }))
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.uri.path().trim_start_matches("/stripe"))
    }

    /// What was asked with, wherever it stands.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        let both = [query, &self.body];
        both.into_iter().flat_map(url::form_urlencoded::parse).into_owned_pairs()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

trait OwnedPairs {
    fn into_owned_pairs(self) -> BTreeMap<String, String>;
}

impl<'a, I> OwnedPairs for I
where
    I: Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
{
    fn into_owned_pairs(self) -> BTreeMap<String, String> {
        self.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }
}

#[derive(Debug, Clone, Default)]
struct Script {
    then: Arc<Mutex<VecDeque<Then>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The fake, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) stripe: Stripe,
    pub(crate) world: World,
    script: Script,
}

impl Stage {
    pub(crate) async fn new(then: impl IntoIterator<Item = Then>) -> Self {
        Self::with(then, |_| {}).await
    }

    pub(crate) async fn with(
        then: impl IntoIterator<Item = Then>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let then = Arc::new(Mutex::new(then.into_iter().collect()));
        let script = Script { then, asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/stripe/", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(play).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });

        let base: url::Url = base.parse().expect("a URL");
        let mut settings =
            Settings::new(base, "sk_test_CANARY0123456789abcdefghij".into(), "CARD-KEY".into());
        settings.timeout = Duration::from_millis(300);
        settings.webhook_secrets = vec!["whsec_test".into()];
        change(&mut settings);
        let world = World::default();
        let stripe = Stripe::try_new_in(settings, Arc::new(world.clone())).expect("valid settings");
        Self { stripe, world, script }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().expect("not poisoned").clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

async fn play(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    script.asked.lock().expect("ok").push(Asked { method, uri, headers, body });
    let next = script.then.lock().expect("not poisoned").pop_front();
    match next.expect("the script goes on") {
        Then::Hang => futures::future::pending().await,
        Then::Say(status, headers, body) => {
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            answer.body(Body::from(body)).expect("an answer")
        }
    }
}

/// Time that passes only when somebody waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Arc<Mutex<Duration>>);

impl World {
    pub(crate) fn pass(&self, span: Duration) {
        *self.0.lock().expect("not poisoned") += span;
    }

    pub(crate) fn passed(&self) -> Duration {
        *self.0.lock().expect("not poisoned")
    }
}

impl Environment for World {
    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_000_000) + self.passed()
    }

    fn monotonic(&self) -> std::time::Instant {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        *START.get_or_init(std::time::Instant::now) + self.passed()
    }

    fn chance(&self) -> f64 {
        0.0
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.pass(span);
        async {}.boxed()
    }
}

pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::of(CommandId::new(uuid::Uuid::from_u128(7)))
}

pub(crate) fn account() -> AccountId {
    AccountId::new(uuid::Uuid::from_u128(42))
}

pub(crate) fn named<T: std::str::FromStr>(name: &str) -> T {
    name.parse().ok().expect("a name")
}
