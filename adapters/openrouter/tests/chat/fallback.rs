//! Who is asked when the first cannot, and what is never taken elsewhere.

use crate::fake::{Endpoint, Then, completion, request, say, trouble};
use herald_application::ports::{Draft, DraftFailure, Writer as _};
use herald_openrouter::Writing;
use serde_json::{Value, json};

/// Asks a router that plays `script`, with a sound OpenAI behind it; tells who was asked how often.
async fn ask(script: Vec<Then>) -> (Result<Draft, DraftFailure>, usize, usize) {
    let router = Endpoint::openrouter(script).await;
    let openai = Endpoint::openai([say(200, &completion("from openai"))]).await;
    let writing = Writing::new(vec![router.chat.clone(), openai.chat.clone()]);
    let answer = writing.draft(&request()).await;
    (answer, router.asked().len(), openai.asked().len())
}

fn choice(choice: &Value) -> Value {
    json!({ "id": "gen-1", "model": "m", "choices": [choice] })
}

#[tokio::test]
async fn a_provider_in_trouble_is_tried_again_and_then_replaced() {
    for (status, tries) in
        [(402, 1), (408, 3), (429, 3), (500, 3), (502, 3), (503, 3), (524, 3), (529, 3)]
    {
        let script = vec![say(status, &trouble(status, "in trouble")); 3];
        let (answer, router, openai) = ask(script).await;
        assert_eq!(answer.map(|draft| draft.provider), Ok("openai".to_owned()), "{status}");
        assert_eq!((router, openai), (tries, 1), "{status}");
    }
    let (answer, ..) = ask(vec![Then::Hang; 3]).await;
    assert_eq!(answer.map(|draft| draft.content), Ok("from openai".to_owned()));
}

#[tokio::test]
async fn what_was_refused_for_its_contents_or_for_our_fault_goes_nowhere_else() {
    for status in [400, 401, 403, 404, 413, 422] {
        let (answer, router, openai) = ask(vec![say(status, &trouble(status, "no"))]).await;
        assert!(matches!(answer, Err(DraftFailure::Refused { .. })), "{status}: {answer:?}");
        assert_eq!((router, openai), (1, 0), "{status}");
    }
    let mut moderated = trouble(403, "Your input was flagged");
    moderated["error"]["metadata"] = json!({ "reasons": ["violence"] });
    let filtered = choice(&json!({ "finish_reason": "content_filter", "message": {} }));
    let refusal = choice(&json!({ "finish_reason": "stop",
        "message": { "content": null, "refusal": "I cannot help with that" } }));
    for then in [say(403, &moderated), say(200, &filtered), say(200, &refusal)] {
        let (answer, router, openai) = ask(vec![then.clone()]).await;
        assert!(matches!(answer, Err(DraftFailure::Safety { .. })), "{then:?}: {answer:?}");
        assert_eq!((router, openai), (1, 0));
    }
}

#[tokio::test]
async fn an_error_in_a_good_answer_is_an_error() {
    let in_choice = choice(&json!({ "finish_reason": "error", "message": { "content": "half" },
        "error": { "code": 502, "message": "upstream broke" } }));
    let empty = choice(&json!({ "finish_reason": "stop", "message": { "content": " " } }));
    for body in [trouble(502, "upstream broke"), in_choice, empty, json!({ "choices": [] })] {
        let (answer, router, openai) = ask(vec![say(200, &body)]).await;
        assert_eq!(answer.map(|draft| draft.provider), Ok("openai".to_owned()), "{body}");
        assert_eq!((router, openai), (1, 1));
    }
    let (answer, _, openai) = ask(vec![say(200, &trouble(400, "bad"))]).await;
    assert!(matches!(answer, Err(DraftFailure::Refused { .. })), "{answer:?}");
    assert_eq!(openai, 0);
    let (answer, ..) = ask(vec![Then::Say(200, Vec::new(), "garbage".to_owned())]).await;
    assert!(answer.is_ok(), "garbage is the provider's trouble");
}

#[tokio::test]
async fn a_spent_quota_is_told_and_not_waited_for() {
    let spent = json!({ "error": { "message": "You exceeded your quota", "type": "q",
        "param": null, "code": "insufficient_quota" } });
    let openai = Endpoint::openai([say(429, &spent)]).await;
    let answer = Writing::new(vec![openai.chat.clone()]).draft(&request()).await;
    assert!(matches!(answer, Err(DraftFailure::Quota { .. })), "{answer:?}");
    assert_eq!(openai.asked().len(), 1);
}

#[tokio::test]
async fn when_nobody_writes_the_story_names_everybody_and_no_secret() {
    let key = "sk-or-v1-0123456789abcdef0123456789abcdef";
    let router =
        Endpoint::openrouter(vec![say(503, &trouble(503, &format!("key {key}"))); 3]).await;
    let openai = Endpoint::openai(vec![say(500, &json!({})); 3]).await;
    let writing = Writing::new(vec![router.chat.clone(), openai.chat.clone()]);
    let Err(DraftFailure::Unavailable { detail }) = writing.draft(&request()).await else {
        panic!("nobody writes")
    };
    assert!(detail.contains("openrouter: 503") && detail.contains("openai: 500"), "{detail}");
    assert!(!detail.contains("0123456789abcdef"), "{detail}");
    assert_eq!(Writing::new(vec![]).draft(&request()).await, Err(DraftFailure::NotConfigured));
}
