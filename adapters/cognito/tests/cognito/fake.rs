//! A fake Cognito: answers by script, remembers every request, and lets time pass without waiting.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use futures::future::{BoxFuture, FutureExt as _};
use herald_cognito::{AwsCredentials, Cognito, Settings};
use herald_http_client::Environment;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock},
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

pub(crate) fn say(status: u16, body: &Value) -> Then {
    Then::Say(status, Vec::new(), body.to_string())
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
        format!("{} {}", self.method, self.uri)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

#[derive(Debug, Clone, Default)]
struct Script {
    then: Arc<Mutex<VecDeque<Then>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The fake, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) it: Cognito,
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
        let base = format!("http://{}/it/", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(play).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let base: url::Url = base.parse().expect("a URL");
        let mut settings = Settings::new(base, "eu-central-1", "eu-central-1_Pool", "CLIENT");
        settings.client_secret = Some("CANARY-CS".into());
        settings.credentials = Some(AwsCredentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "CANARY-AWS".into(),
            session_token: None,
        });
        settings.timeout = Duration::from_millis(300);
        change(&mut settings);
        let it = Cognito::try_new_in(settings, Arc::new(World::default())).expect("valid settings");
        Self { it, script }
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
struct World(Arc<Mutex<Duration>>);

impl Environment for World {
    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_000_000) + *self.0.lock().expect("not poisoned")
    }

    fn monotonic(&self) -> std::time::Instant {
        static START: OnceLock<std::time::Instant> = OnceLock::new();
        *START.get_or_init(std::time::Instant::now) + *self.0.lock().expect("not poisoned")
    }

    fn chance(&self) -> f64 {
        0.0
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        *self.0.lock().expect("not poisoned") += span;
        async {}.boxed()
    }
}
