//! The writing models: what they answer to a brief, to a schema, and to a wrong request.

use serde_json::{Value, json};

use crate::house::House;

const ROUTER: &str = "/openrouter/api/v1/chat/completions";
const OPENAI: &str = "/openai/v1/chat/completions";

async fn ask(house: &House, path: &str, body: &Value) -> (u16, Value) {
    let answer = house.post(path).bearer_auth("sk-any").json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn content(answer: &Value) -> Value {
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    serde_json::from_str(text).unwrap()
}

fn brief() -> String {
    let brief = json!({ "herald_brief": {
        "business": { "name": "Crumb & Co", "audience": "early risers" },
        "goal": "sell out by noon",
        "topics": ["sourdough", "the oven"],
        "period": { "from": "2026-12-01", "to": "2026-12-07" },
        "slots": [
            { "connection": "conn_1", "network": "x", "local": "2026-12-01T09:00:00" },
            { "connection": "conn_1", "network": "x", "local": "2026-12-03T18:00:00" },
        ],
    } });
    format!("Plan the week.\n\n```json\n{brief}\n```\n")
}

#[tokio::test]
async fn a_brief_becomes_a_strategy_and_a_post_for_every_slot() {
    let house = House::open().await;
    let body = json!({
        "model": "openai/gpt-5-mini", "temperature": 0.7, "max_tokens": 2000,
        "response_format": { "type": "json_object" },
        "messages": [
            { "role": "system", "content": "You plan." }, { "role": "user", "content": brief() },
        ],
    });
    let (status, answer) = ask(&house, ROUTER, &body).await;

    assert_eq!(status, 200);
    let plan = content(&answer);
    assert!(plan["strategy"]["summary"].as_str().unwrap().contains("Crumb & Co"));
    assert_eq!(plan["strategy"]["pillars"][0]["name"], "Sourdough");
    let items = plan["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[1]["slot"]), (2, &json!(1)));
    assert!(items[0]["text"].is_string() && items[0]["segments"].is_array());
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["choices"][0]["native_finish_reason"], "stop");
    let usage = &answer["usage"];
    let sum =
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
    assert!(usage["cost"].as_f64().unwrap() > 0.0);
    assert_eq!(house.effects("complete").len(), 1);

    let key = house.get("/openrouter/api/v1/key").bearer_auth("sk-any").send().await.unwrap();
    let key: Value = key.json().await.unwrap();
    assert_eq!(key["data"]["usage"], usage["cost"]);
}

#[tokio::test]
async fn an_answer_follows_the_schema_it_was_given() {
    let house = House::open().await;
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["items"],
        "properties": { "items": { "type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["slot", "text", "mood"],
            "properties": {
                "slot": { "type": "integer" }, "text": { "type": "string" },
                "mood": { "enum": ["warm", "dry"] },
            },
        } } },
    });
    let body = json!({
        "model": "gpt-5-mini", "max_completion_tokens": 2000,
        "response_format": { "type": "json_schema",
            "json_schema": { "name": "plan", "strict": true, "schema": schema } },
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": brief() }] }],
    });
    let (status, answer) = ask(&house, OPENAI, &body).await;

    assert_eq!(status, 200);
    assert_eq!(answer["usage"].get("cost"), None);
    let plan = content(&answer);
    assert_eq!(plan.as_object().unwrap().keys().collect::<Vec<_>>(), ["items"]);
    let first = plan["items"][0].as_object().unwrap();
    assert_eq!((first.len(), &first["mood"]), (3, &json!("warm")));
}

#[tokio::test]
async fn an_answer_that_grows_too_long_is_cut_and_says_so() {
    let house = House::open().await;
    let body = json!({ "model": "openai/gpt-5-mini", "max_tokens": 10,
        "messages": [{ "role": "user", "content": brief() }] });
    let (_, answer) = ask(&house, ROUTER, &body).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 10);
}

#[tokio::test]
async fn a_stream_carries_the_same_answer_in_pieces() {
    let house = House::open().await;
    let mut body =
        json!({ "model": "openai/gpt-5-mini", "messages": [{ "role": "user", "content": "Hi" }] });
    let (_, whole) = ask(&house, ROUTER, &body).await;
    body["stream"] = json!(true);
    let answer = house.post(ROUTER).bearer_auth("sk-any").json(&body).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();

    let pieces = text.lines().filter_map(|line| line.strip_prefix("data: {"));
    let pieces = pieces.map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")).unwrap());
    let joined: String = pieces
        .filter_map(|p| Some(p["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect();
    assert_eq!(joined, whole["choices"][0]["message"]["content"].as_str().unwrap());
    assert!(text.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn a_wrong_request_is_refused_in_the_shape_of_the_house() {
    let house = House::open().await;
    let hello = json!([{ "role": "user", "content": "Hi" }]);
    let router = [
        json!({}),
        json!({ "messages": [] }),
        json!({ "messages": "Hi" }),
        json!({ "messages": [{ "role": "boss", "content": "Hi" }] }),
        json!({ "messages": hello, "model": "no-slash" }),
        json!({ "messages": hello, "max_tokens": 0 }),
        json!({ "messages": hello, "temperature": 3 }),
        json!({ "messages": hello, "response_format": { "type": "xml" } }),
        json!([]),
    ];
    for body in router {
        let (status, answer) = ask(&house, ROUTER, &body).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(400)), "{body}");
    }
    let openai = [
        (json!({ "messages": hello }), 400),
        (json!({ "messages": hello, "model": "gpt-4-turbo" }), 404),
        (json!({ "messages": hello, "model": "openai/gpt-5-mini" }), 404),
        (json!({ "messages": hello, "model": "gpt-5-mini", "max_tokens": 5 }), 400),
    ];
    for (body, expected) in openai {
        let (status, answer) = ask(&house, OPENAI, &body).await;
        assert_eq!(status, expected, "{body}");
        let keys: Vec<&String> = answer["error"].as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 4, "{answer}");
    }
    let keyless = house.post(ROUTER).json(&json!({ "messages": hello })).send().await.unwrap();
    assert_eq!(keyless.status(), 401);
    assert!(house.effects("complete").is_empty());
}

#[tokio::test]
async fn the_models_are_listed_as_each_house_lists_them() {
    let house = House::open().await;
    let router: Value =
        house.get("/openrouter/api/v1/models").send().await.unwrap().json().await.unwrap();
    assert_eq!(router["data"][0]["id"], "openai/gpt-6-luna");
    let request = house.get("/openai/v1/models").bearer_auth("sk-any");
    let openai: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(openai["data"][0]["id"], "gpt-6-luna");
}

#[tokio::test]
async fn a_fault_of_a_writing_model_wears_its_shape() {
    let house = House::open().await;
    house.fault(json!({ "provider": "openrouter", "kind": "status", "code": 502 })).await;
    let body = json!({ "messages": [{ "role": "user", "content": "Hi" }] });
    let (status, answer) = ask(&house, ROUTER, &body).await;
    assert_eq!(status, 502);
    assert_eq!(answer["error"]["code"], 502);
    assert!(house.effects("complete").is_empty());
}
