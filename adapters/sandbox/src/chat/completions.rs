//! `POST chat/completions`: the request checked as the house checks it, the answer counted.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::models;
use super::request::Request;
use super::wire::{self, House};
use super::writer;
use crate::state::State;
use crate::world::Change;

pub(crate) async fn openrouter(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    complete(House::OpenRouter, &state, &headers, &body)
}

pub(crate) async fn openai(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    complete(House::OpenAi, &state, &headers, &body)
}

/// What was written, and what it cost.
struct Written {
    id: String,
    model: String,
    created: i64,
    content: String,
    finish: &'static str,
    prompt_tokens: u32,
    completion_tokens: u32,
    nano_usd: u64,
}

fn complete(house: House, state: &State, headers: &HeaderMap, body: &[u8]) -> Response {
    if let Err(refused) = wire::key(house, headers) {
        return *refused;
    }
    let request = match Request::read(house, body) {
        Ok(request) => request,
        Err((status, message, parameter)) => {
            return wire::refuse_parameter(house, status, &message, parameter);
        }
    };
    let mut memory = state.memory();
    let number = memory.entries().len();
    let written = write(house, &request, number, memory.now());
    let facts = json!({
        "id": written.id,
        "model": written.model,
        "prompt_tokens": written.prompt_tokens,
        "completion_tokens": written.completion_tokens,
        "cost_nano_usd": written.nano_usd,
        "finish_reason": written.finish,
    });
    let spent = vec![Change::Spent { nano_usd: written.nano_usd }];
    if let Err(error) = memory.happen(house.name(), "complete", facts, spent) {
        tracing::error!(%error, "the sandbox could not write a completion down");
        return wire::refuse(house, StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    }
    if request.stream {
        written.streamed(house)
    } else {
        Json(written.whole(house)).into_response()
    }
}

fn write(house: House, request: &Request, number: usize, now: i64) -> Written {
    let prompt_tokens = request.texts().map(|text| tokens(&text)).sum();
    let most = request.most_tokens();
    let full = writer::write(&request.asked(), request.schema(), request.wants_json(), most);
    let cut = tokens(&full) > most;
    let kept = usize::try_from(most).unwrap_or(usize::MAX).saturating_mul(4);
    let content = if cut { full.chars().take(kept).collect() } else { full };
    let completion_tokens = tokens(&content);
    let (cents_in, cents_out) = models::price(request.model());
    // A cent for a million tokens is ten nano-dollars for one.
    let nano = |tokens: u32, cents: u32| u64::from(tokens).saturating_mul(u64::from(cents)) * 10;
    let prefix = match house {
        House::OpenRouter => "gen",
        House::OpenAi => "chatcmpl",
    };
    Written {
        id: format!("{prefix}-{}-sandbox{number}", now.div_euclid(1000)),
        model: request.model().to_owned(),
        created: now.div_euclid(1000),
        finish: if cut { "length" } else { "stop" },
        nano_usd: nano(prompt_tokens, cents_in).saturating_add(nano(completion_tokens, cents_out)),
        content,
        prompt_tokens,
        completion_tokens,
    }
}

/// Roughly four letters are a token.
fn tokens(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}

impl Written {
    fn usage(&self, house: House) -> Value {
        let total = self.prompt_tokens.saturating_add(self.completion_tokens);
        let mut usage = json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": total,
            "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": 0 },
        });
        if let (House::OpenRouter, Some(members)) = (house, usage.as_object_mut()) {
            members.insert("cost".to_owned(), json!(models::dollars(self.nano_usd)));
            members.insert("is_byok".to_owned(), json!(false));
        }
        usage
    }

    fn whole(&self, house: House) -> Value {
        let mut choice = json!({
            "index": 0,
            "message": { "role": "assistant", "content": self.content, "refusal": null },
            "finish_reason": self.finish,
            "logprobs": null,
        });
        let mut answer = json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": "fp_sandbox",
            "usage": self.usage(house),
        });
        if house == House::OpenRouter {
            merge(&mut choice, "native_finish_reason", json!(self.finish));
            merge(&mut answer, "provider", json!("Sandbox"));
        }
        merge(&mut answer, "choices", json!([choice]));
        answer
    }

    /// The same, in the pieces of a server-sent stream.
    fn streamed(&self, house: House) -> Response {
        let piece = |delta: Value, finish: Option<&str>| {
            json!({
                "id": self.id,
                "object": "chat.completion.chunk",
                "created": self.created,
                "model": self.model,
                "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
            })
        };
        let letters: Vec<char> = self.content.chars().collect();
        let mut pieces: Vec<Value> = letters
            .chunks(80)
            .map(|some| {
                let text: String = some.iter().collect();
                piece(json!({ "role": "assistant", "content": text }), None)
            })
            .collect();
        let mut last = piece(json!({}), Some(self.finish));
        merge(&mut last, "usage", self.usage(house));
        pieces.push(last);
        let mut text = match house {
            House::OpenRouter => ": OPENROUTER PROCESSING\n\n".to_owned(),
            House::OpenAi => String::new(),
        };
        for piece in pieces {
            text.push_str("data: ");
            text.push_str(&piece.to_string());
            text.push_str("\n\n");
        }
        text.push_str("data: [DONE]\n\n");
        ([(CONTENT_TYPE, "text/event-stream")], text).into_response()
    }
}

fn merge(into: &mut Value, name: &str, value: Value) {
    if let Some(members) = into.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
