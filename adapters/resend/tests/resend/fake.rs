//! A fake Resend: answers by script and remembers every request.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use herald_resend::{Resend, Settings};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

#[derive(Debug, Clone, Default)]
struct Script {
    then: Arc<Mutex<VecDeque<(u16, Value)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The fake, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) it: Resend,
    script: Script,
}

impl Stage {
    pub(crate) async fn new(then: impl IntoIterator<Item = (u16, Value)>) -> Self {
        let then = Arc::new(Mutex::new(then.into_iter().collect()));
        let script = Script { then, asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/it/", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(play).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let base: url::Url = base.parse().expect("a URL");
        let mut settings = Settings::new(base, "re_CANARY".into(), "Herald <hello@herald.example>");
        settings.base_delay = Duration::from_millis(1);
        Self { it: Resend::try_new(settings).expect("valid settings"), script }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().expect("not poisoned").clone()
    }
}

/// A refusal in Resend's own shape.
pub(crate) fn refusal(status: u16, name: &str) -> (u16, Value) {
    let message = "about ada@example.org";
    (status, json!({ "statusCode": status, "name": name, "message": message }))
}

async fn play(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> Response {
    script.asked.lock().expect("not poisoned").push(Asked { headers, body });
    let next = script.then.lock().expect("not poisoned").pop_front();
    let (status, body) = next.unwrap_or_else(|| (500, json!({ "name": "script_over" })));
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}
