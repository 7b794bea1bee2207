//! A fake chat endpoint: answers by script and remembers every request.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri},
};
use herald_application::ports::{DraftRequest, Message, MessageRole};
use herald_openrouter::{Chat, Settings};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// What the fake does next.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    Say(u16, String),
    Hang,
}

pub(crate) fn say(status: u16, body: &Value) -> Then {
    Then::Say(status, body.to_string())
}

/// A completion as the providers write one.
pub(crate) fn completion(content: &str) -> Value {
    json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": "openai/gpt-4o",
        "system_fingerprint": null,
        "choices": [{ "index": 0, "finish_reason": "stop", "logprobs": null,
            "message": { "role": "assistant", "content": content, "refusal": null } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
            "cost": 0.0012 }
    })
}

pub(crate) fn trouble(code: u16, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

#[derive(Debug, Clone, Default)]
struct Script {
    then: Arc<Mutex<VecDeque<Then>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One endpoint and the adapter that talks to it.
pub(crate) struct Endpoint {
    pub(crate) chat: Chat,
    script: Script,
}

impl Endpoint {
    /// Plays `script`; what comes after its end hangs.
    pub(crate) async fn new(
        house: impl FnOnce(url::Url) -> Settings,
        script: impl IntoIterator<Item = Then>,
    ) -> Self {
        let then = Arc::new(Mutex::new(script.into_iter().collect()));
        let script = Script { then, asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/api/v1/", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(play).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut settings = house(base.parse().expect("a URL"));
        settings.timeout = Duration::from_millis(300);
        settings.base_delay = Duration::ZERO;
        let watched = vec!["openai/gpt-4o".to_owned()];
        Self { chat: Chat::try_new(settings, watched).expect("valid settings"), script }
    }

    pub(crate) async fn openrouter(script: impl IntoIterator<Item = Then>) -> Self {
        Self::new(|base| Settings::openrouter(base, "CANARY-ROUTER".into()), script).await
    }

    pub(crate) async fn openai(script: impl IntoIterator<Item = Then>) -> Self {
        Self::new(|base| Settings::openai(base, "CANARY-OPENAI".into()), script).await
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().expect("not poisoned").clone()
    }
}

async fn play(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked { line: format!("{method} {uri}"), headers, body };
    script.asked.lock().expect("not poisoned").push(asked);
    let next = script.then.lock().expect("not poisoned").pop_front();
    match next.unwrap_or(Then::Hang) {
        Then::Hang => std::future::pending().await,
        Then::Say(status, body) => {
            Response::builder().status(status).body(Body::from(body)).expect("an answer")
        }
    }
}

/// A plan's request for posts.
pub(crate) fn request() -> DraftRequest {
    let said = |role, content: &str| Message { role, content: content.to_owned() };
    let schema = json!({ "type": "object", "properties": { "posts": { "type": "array" } } });
    DraftRequest {
        model: "openai/gpt-4o".to_owned(),
        messages: vec![
            said(MessageRole::System, "You write posts."),
            said(MessageRole::User, "Five posts, please."),
            said(MessageRole::Assistant, "{}"),
            said(MessageRole::User, "Again."),
        ],
        max_tokens: 1500,
        temperature_hundredths: 80,
        json_schema: Some(("posts".to_owned(), schema)),
        correlation_id: "corr-1".to_owned(),
    }
}
