//! A provider that answers by script, remembers every request, and lets time pass without waiting:
//! what the tests of every provider's adapter talk to.

#![expect(clippy::expect_used, reason = "a test stops with a sentence")]
#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

mod asked;
mod world;

pub use asked::Asked;
pub use world::World;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Response, Uri},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use url::Url;

/// What the provider does next.
#[derive(Debug, Clone)]
pub enum Then {
    /// Answers with this status, these headers and this body.
    Say(u16, Vec<(&'static str, &'static str)>, String),
    /// Never answers.
    Hang,
}

/// Answers with `status` and a JSON body.
#[must_use]
pub fn say(status: u16, body: &Value) -> Then {
    Then::Say(status, Vec::new(), body.to_string())
}

/// A provider on a port of its own, for as long as the test runs.
#[derive(Debug, Clone)]
pub struct ScriptedProvider {
    base: Url,
    script: Script,
}

#[derive(Debug, Clone, Default)]
struct Script {
    prefix: String,
    then: Arc<Mutex<VecDeque<Then>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl ScriptedProvider {
    /// Plays `script`, one line a request, below the path `/{prefix}/`. What comes after its end is
    /// never answered.
    pub async fn playing(prefix: &str, script: impl IntoIterator<Item = Then>) -> Self {
        let then = Arc::new(Mutex::new(script.into_iter().collect()));
        let script = Script { prefix: format!("/{prefix}"), then, asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let app = Router::new()
            .fallback(play)
            .layer(DefaultBodyLimit::disable())
            .with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let base = format!("http://{address}/{prefix}/").parse().expect("a URL");
        Self { base, script }
    }

    /// Where it is found: a base address that ends in `/`.
    #[must_use]
    pub fn base(&self) -> Url {
        self.base.clone()
    }

    /// Every request so far, in the order in which they came.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().expect("not poisoned").clone()
    }

    /// The lines of [`ScriptedProvider::asked`].
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.line().to_owned()).collect()
    }
}

async fn play(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked::new(&script.prefix, &method, &uri, headers, body);
    script.asked.lock().expect("not poisoned").push(asked);
    let next = script.then.lock().expect("not poisoned").pop_front();
    match next.unwrap_or(Then::Hang) {
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
