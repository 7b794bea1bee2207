//! The adapter for chat endpoints on a scripted provider.

use herald_application::ports::{DraftRequest, Message, MessageRole};
use herald_openrouter::{Chat, Settings};
use herald_scripted_provider::ScriptedProvider;
pub(crate) use herald_scripted_provider::{Asked, Then, say};
use serde_json::{Value, json};
use std::time::Duration;

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

/// One endpoint and the adapter that talks to it.
pub(crate) struct Endpoint {
    pub(crate) chat: Chat,
    provider: ScriptedProvider,
}

impl Endpoint {
    pub(crate) async fn new(
        house: impl FnOnce(url::Url) -> Settings,
        script: impl IntoIterator<Item = Then>,
    ) -> Self {
        let provider = ScriptedProvider::playing("api/v1", script).await;
        let mut settings = house(provider.base());
        settings.timeout = Duration::from_millis(300);
        settings.base_delay = Duration::ZERO;
        let watched = vec!["openai/gpt-4o".to_owned()];
        Self { chat: Chat::try_new(settings, watched).expect("valid settings"), provider }
    }

    pub(crate) async fn openrouter(script: impl IntoIterator<Item = Then>) -> Self {
        Self::new(|base| Settings::openrouter(base, "CANARY-ROUTER".into()), script).await
    }

    pub(crate) async fn openai(script: impl IntoIterator<Item = Then>) -> Self {
        Self::new(|base| Settings::openai(base, "CANARY-OPENAI".into()), script).await
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
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
