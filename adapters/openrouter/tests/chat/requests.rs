//! Requests follow what the providers publish.

use crate::fake::{Endpoint, completion, request, say};
use herald_application::ports::{DraftRequest, Writer as _};
use herald_kernel::NanoUsd;
use herald_openrouter::{Settings, Writing};
use serde_json::{Value, json};

fn follows(schema: &str, body: &Value) {
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(body).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {body}");
}

const OPENROUTER: &str = include_str!("openrouter.schema.json");
const OPENAI: &str = include_str!("openai.schema.json");

#[tokio::test]
async fn openrouter_is_asked_as_it_publishes_and_says_what_it_cost() {
    let endpoint = Endpoint::openrouter([say(200, &completion("{\"posts\":[]}"))]).await;
    let draft = Writing::new(vec![endpoint.chat.clone()]).draft(&request()).await.expect("a draft");

    assert_eq!((draft.provider.as_str(), draft.content.as_str()), ("openrouter", "{\"posts\":[]}"));
    assert_eq!((draft.request_id.as_str(), draft.finish_reason.as_str()), ("gen-1", "stop"));
    assert_eq!((draft.usage.prompt_tokens, draft.usage.completion_tokens), (10, 5));
    assert_eq!(draft.usage.cost, NanoUsd::new(1_200_000));
    let asked = &endpoint.asked()[0];
    assert_eq!(asked.line(), "POST /chat/completions");
    assert_eq!(asked.headers["authorization"], "Bearer CANARY-ROUTER");
    let body = asked.json();
    follows(OPENROUTER, &body);
    assert_eq!(body["model"], "openai/gpt-4o");
    assert_eq!(body["max_completion_tokens"], 1500);
    assert_eq!(body["temperature"], json!(0.8));
    assert_eq!(body["response_format"]["json_schema"]["name"], "posts");
    assert_eq!(body["messages"][2], json!({ "role": "assistant", "content": "{}" }));
    assert!(!format!("{:?}", endpoint.chat).contains("CANARY"));
}

#[tokio::test]
async fn openai_is_asked_in_its_own_words_whatever_the_model() {
    for (model, named, temperature) in [
        ("openai/gpt-4o", "gpt-4o", json!(0.8)),
        ("openai/gpt-5-mini", "gpt-5-mini", Value::Null),
        ("gpt-3.5-turbo", "gpt-6-luna", Value::Null),
        ("anthropic/claude-sonnet-4.5", "gpt-6-luna", Value::Null),
    ] {
        let endpoint = Endpoint::openai([say(200, &completion("{}"))]).await;
        let request = DraftRequest { model: model.to_owned(), ..request() };
        let draft = Writing::new(vec![endpoint.chat.clone()]).draft(&request).await;
        assert!(draft.is_ok(), "{draft:?}");
        let asked = &endpoint.asked()[0];
        let body = asked.json();
        follows(OPENAI, &body);
        assert_eq!((&body["model"], &body["temperature"]), (&json!(named), &temperature));
        assert_eq!(asked.headers["x-client-request-id"], "corr-1");
    }
}

#[tokio::test]
async fn a_server_of_ones_own_needs_neither_key_nor_schemas() {
    let own = |base| {
        let mut settings = Settings::compatible(base, None, "qwen3".to_owned());
        settings.schemas = false;
        settings
    };
    let endpoint = Endpoint::new(own, [say(200, &completion("{}"))]).await;
    let draft = Writing::new(vec![endpoint.chat.clone()]).draft(&request()).await;
    assert!(draft.is_ok());
    let asked = &endpoint.asked()[0];
    assert!(!asked.headers.contains_key("authorization"));
    let body = asked.json();
    assert_eq!((&body["model"], &body["max_tokens"]), (&json!("qwen3"), &json!(1500)));
    assert_eq!(body["response_format"], json!({ "type": "json_object" }));
}
