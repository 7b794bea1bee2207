//! What one request may ask for, at the bound and beyond it.

use crate::world::{JSON, TAKES_GRAPHQL, ask, ask_signed_in, post, send, world};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::time::Instant;

fn nested(levels: usize) -> String {
    format!(
        "{{ people(first: 1) {}{} }}",
        "{ friend ".repeat(levels),
        "{ name }".to_owned() + &" }".repeat(levels)
    )
}

#[tokio::test]
async fn depth_is_bounded_at_fifteen() {
    assert_eq!(ask(&nested(13)).await.status, 200);
    let deep = ask(&nested(14)).await;
    assert_eq!((deep.status.as_u16(), deep.code().as_str()), (400, "LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn a_query_of_five_thousand_levels_is_refused_at_once() {
    for text in [nested(5_000), "{a".repeat(20_000), format!("{{ a(b: {}", "[".repeat(30_000))] {
        let began = Instant::now();
        assert_eq!(ask(&text).await.status, 400);
        assert!(began.elapsed().as_secs() < 1);
    }
}

#[tokio::test]
async fn aliases_are_bounded_at_thirty() {
    let query = |n: usize| {
        let fields: Vec<_> = (0..n).map(|i| format!("a{i}: __typename")).collect();
        let fields = fields.join(" ");
        format!("{{ {fields} }}")
    };
    assert_eq!(ask(&query(30)).await.status, 200);
    let many = ask(&query(31)).await;
    assert_eq!((many.status.as_u16(), many.code().as_str()), (400, "LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn one_field_asked_for_five_hundred_times_is_refused() {
    assert_eq!(ask(&format!("{{ {} }}", "__typename ".repeat(500))).await.code(), "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn directives_are_bounded() {
    let answer = ask(&format!("{{ __typename {} }}", "@aa ".repeat(100))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn cost_follows_the_number_of_things() {
    assert_eq!(ask("{ people(first: 100) { name } }").await.status, 200);
    let dear = ask("{ people(first: 600) { name } }").await;
    assert_eq!((dear.status.as_u16(), dear.code().as_str()), (400, "COST_EXCEEDED"));
}

#[tokio::test]
async fn fragments_that_multiply_are_refused_without_unfolding_them() {
    let doubled = (0..40).map(|n| (n, n + 1));
    let doubled = doubled.map(|(n, m)| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }}"));
    let doubled = doubled.collect::<Vec<_>>().join(" ");
    let query = format!("{{ ...F0 }} fragment F40 on Query {{ hello }} {doubled}");
    let began = Instant::now();
    assert_eq!(ask(&query).await.code(), "LIMIT_EXCEEDED");
    assert!(began.elapsed().as_secs() < 1);
}

#[tokio::test]
async fn a_body_is_at_most_64_kib() {
    let padded = |n: usize| {
        let text = json!({ "query": "{ __typename }" }).to_string();
        text + &" ".repeat(n)
    };
    assert_eq!(post(&[JSON, TAKES_GRAPHQL], padded(60_000)).await.status, 200);
    let large = post(&[JSON, TAKES_GRAPHQL], padded(70_000)).await;
    assert_eq!((large.status.as_u16(), large.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    let declared = post(&[JSON, TAKES_GRAPHQL, ("content-length", "99999999999999")], "{}").await;
    assert_eq!(declared.status, 413);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_bounded_too() {
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let request = Request::post("/graphql")
        .header(JSON.0, JSON.1)
        .body(Body::from_stream(futures::stream::iter(chunks)))
        .unwrap();
    assert_eq!(send(&world().router, request).await.status, 413);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_says_what_to_do() {
    let answer = ask("{ never }").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "TIMEOUT"));
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn tools_may_read_the_whole_schema_within_a_budget_of_its_own() {
    let answer = ask_signed_in(include_str!("introspection.graphql")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let circular = "{ __schema { types { fields { type { fields { type { fields { type { fields { \
                    name } } } } } } } } } }";
    assert_eq!(ask_signed_in(circular).await.code(), "LIMIT_EXCEEDED");
}
