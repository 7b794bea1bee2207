//! Results as event streams.

use crate::world::{GOOD, JSON, post, send, world};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::time::Duration;

const TAKES_EVENTS: (&str, &str) = ("accept", "text/event-stream");

#[tokio::test]
async fn a_subscription_is_a_stream_of_events_with_an_end() {
    let body = json!({ "query": "subscription { count(to: 2) }" }).to_string();
    let answer = post(&[JSON, TAKES_EVENTS, GOOD], body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.content_type().starts_with("text/event-stream"));
    let events: Vec<_> = answer.text.split("\n\n").filter(|event| !event.is_empty()).collect();
    assert_eq!(events.len(), 3, "{}", answer.text);
    assert!(events[0].starts_with("event: next\ndata: {\"data\":{\"count\":1}"), "{}", events[0]);
    assert!(events[2].starts_with("event: complete"), "{}", events[2]);
}

#[tokio::test]
async fn a_query_may_be_streamed_too() {
    let body = json!({ "query": "{ hello }" }).to_string();
    let answer = post(&[JSON, TAKES_EVENTS], body).await;
    assert!(answer.text.contains("Hello, world!"));
    assert!(answer.text.contains("event: complete"));
}

#[tokio::test]
async fn what_cannot_be_parsed_is_refused_before_the_stream_begins() {
    let body = json!({ "query": "subscription {" }).to_string();
    let answer = post(&[JSON, TAKES_EVENTS], body).await;
    assert_eq!(answer.status, 400);
    assert!(answer.content_type().starts_with("application/json"));
}

#[tokio::test]
async fn open_streams_end_when_the_server_stops() {
    let world = world();
    let request = Request::post("/graphql")
        .header(JSON.0, JSON.1)
        .header(TAKES_EVENTS.0, TAKES_EVENTS.1)
        .body(Body::from(json!({ "query": "subscription { silence }" }).to_string()))
        .unwrap();
    world.close.send(true).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(2), send(&world.router, request)).await;
    assert!(answer.unwrap().text.contains("event: complete"));
}
