//! Providers call, and others try to.

use crate::world::{NOW, World, signed};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, header},
};
use herald_application::ports::{InboxFilter, InboxState};
use std::time::Duration;

const PAID: &str = "evt_1 invoice.paid cus_1";

fn call(path: &str, signature: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("x-signature", signature);
    request.body(body.into()).expect("a request")
}

/// A body that never comes.
fn silence() -> futures::stream::Pending<Result<Bytes, std::io::Error>> {
    futures::stream::pending()
}

/// What whoever guesses hears.
async fn refused(world: &World, request: Request<Body>) {
    let (status, headers, body) = world.send(request).await;
    assert_eq!((status, body.as_str()), (StatusCode::BAD_REQUEST, REFUSAL));
    let names: Vec<_> = headers.keys().map(header::HeaderName::as_str).collect();
    assert_eq!(names, ["content-type", "content-length"]);
    assert_eq!(world.kept().await, [""; 0], "nothing of it is kept");
}

const REFUSAL: &str = "this is not a webhook that we take\n";

#[tokio::test]
async fn a_signed_call_is_on_disk_when_it_is_answered() {
    let world = World::new().await;
    let (status, _, body) = world.send(call("/webhooks/fake", &signed(PAID, NOW), PAID)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "taken\n"));
    assert_eq!(world.kept().await, ["evt_1"]);
}

#[tokio::test]
async fn both_addresses_lead_to_one_inbox_and_a_delivery_that_comes_again_is_taken_once() {
    let world = World::new().await;
    for path in ["/webhooks/fake", "/api/webhooks/fake", "/webhooks/fake"] {
        let (status, _, _) = world.send(call(path, &signed(PAID, NOW), PAID)).await;
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(world.kept().await, ["evt_1"]);
    while world.turn().await > 0 {}
    world.send(call("/webhooks/fake", &signed(PAID, NOW), PAID)).await;
    assert_eq!(world.turn().await, 0, "what is applied stays applied");
}

#[tokio::test]
async fn forgeries_and_unknown_providers_hear_the_same() {
    let world = World::new().await;
    let good = signed(PAID, NOW);
    let forged = good.replace("v1=", "v1=00");
    for signature in ["", "v1=", "t=abc,v1=00", &forged, &signed("evt_2 invoice.paid cus_1", NOW)] {
        refused(&world, call("/webhooks/fake", signature, PAID)).await;
    }
    refused(&world, call("/webhooks/other", &good, PAID)).await;
    let re_encoded = "evt_1  invoice.paid cus_1";
    refused(&world, call("/webhooks/fake", &good, re_encoded)).await;
    let unsigned = Request::post("/webhooks/fake").body(Body::from(PAID)).expect("a request");
    refused(&world, unsigned).await;
    let twice = Request::post("/webhooks/fake").header("x-signature", &good);
    let twice = twice.header("x-signature", &good).body(Body::from(PAID)).expect("a request");
    refused(&world, twice).await;
}

#[tokio::test]
async fn a_call_that_was_overheard_is_good_for_five_minutes_and_no_longer() {
    for (signed_at, status) in [
        (NOW - 300, StatusCode::OK),
        (NOW - 301, StatusCode::BAD_REQUEST),
        (NOW + 300, StatusCode::OK),
        (NOW + 301, StatusCode::BAD_REQUEST),
    ] {
        let world = World::new().await;
        let (answer, _, _) =
            world.send(call("/webhooks/fake", &signed(PAID, signed_at), PAID)).await;
        assert_eq!(answer, status, "signed at {signed_at}");
    }
}

#[tokio::test]
async fn a_source_without_a_secret_takes_nothing() {
    let world = World::new().await;
    refused(&world, call("/webhooks/secretless", &signed(PAID, NOW), PAID)).await;
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() {
    let world = World::new().await;
    let padded = |length: usize| format!("{PAID} {}", "x".repeat(length - PAID.len() - 1));
    let full = padded(1024 * 1024);
    let (status, _, _) =
        world.send(call("/webhooks/fake", &signed(&full, NOW), full.clone())).await;
    assert_eq!(status, StatusCode::OK);
    let over = padded(1024 * 1024 + 1);
    for path in ["/webhooks/fake", "/webhooks/other"] {
        let (status, _, _) = world.send(call(path, &signed(&over, NOW), over.clone())).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        // Announced only: not a byte of it is read.
        let mut announced = call(path, &signed(PAID, NOW), PAID);
        let length = "1048577".parse().expect("a value");
        announced.headers_mut().insert(header::CONTENT_LENGTH, length);
        assert_eq!(world.send(announced).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert_eq!(world.kept().await, ["evt_1"]);
}

#[tokio::test]
async fn a_body_that_was_cut_is_not_taken() {
    let world = World::new().await;
    let mut short = call("/webhooks/fake", &signed(PAID, NOW), PAID);
    short.headers_mut().insert(header::CONTENT_LENGTH, "100".parse().expect("a value"));
    refused(&world, short).await;
    let parts: [Result<Bytes, std::io::Error>; 2] =
        [Ok(Bytes::from_static(b"evt_1 ")), Err(std::io::ErrorKind::ConnectionReset.into())];
    let broken = Body::from_stream(futures::stream::iter(parts));
    refused(&world, call("/webhooks/fake", &signed(PAID, NOW), broken)).await;
    refused(&world, call("/webhooks/fake", &signed(PAID, NOW), "evt_1 invo")).await;
}

#[tokio::test]
async fn a_body_that_never_comes_is_waited_for_ten_seconds() {
    let world = World::new().await;
    tokio::time::pause();
    let silent = Body::from_stream(silence());
    let started = tokio::time::Instant::now();
    let (status, _, _) = world.send(call("/webhooks/fake", &signed(PAID, NOW), silent)).await;
    assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
    assert!(started.elapsed() < Duration::from_secs(11));
}

#[tokio::test]
async fn whoever_asks_instead_of_calling_hears_that_it_is_not_done() {
    let world = World::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        for path in ["/webhooks/fake", "/api/webhooks/other"] {
            let request = Request::builder().method(&method).uri(path);
            let request = request.body(Body::empty()).expect("a request");
            let (status, headers, _) = world.send(request).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(headers.get(header::ALLOW), Some(&"POST".parse().expect("a value")));
        }
    }
}

#[tokio::test]
async fn while_storage_is_away_the_provider_is_told_to_come_again() {
    let world = World::without_storage().await;
    let (status, headers, body) =
        world.send(call("/webhooks/fake", &signed(PAID, NOW), PAID)).await;
    assert_eq!((status, body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "try again later\n"));
    assert_eq!(headers.get(header::RETRY_AFTER), Some(&"30".parse().expect("a value")));
}

#[tokio::test]
async fn a_provider_with_networks_of_its_own_is_heard_from_there_only() {
    let world = World::new().await;
    let from =
        |address: &str| World::from(call("/webhooks/fenced", &signed(PAID, NOW), PAID), address);
    for request in [
        from("203.0.113.9"),
        call("/webhooks/fenced", &signed(PAID, NOW), PAID),
        // Of a body that never comes nobody notices.
        call("/webhooks/fenced", &signed(PAID, NOW), Body::from_stream(silence())),
    ] {
        let (status, headers, body) = world.send(request).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(body.contains("HERALD_WEBHOOK_SOURCES"), "it says what to set: {body}");
    }
    assert_eq!(world.kept().await, [""; 0], "nothing of it is kept");
    assert_eq!(world.send(from("3.18.12.63")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_kept_call_is_listed_without_its_body() {
    let world = World::new().await;
    let body = format!("{PAID} CANARY");
    world.send(call("/webhooks/fake", &signed(&body, NOW), body.clone())).await;
    let board = &world.desk.stores.inbox_board;
    let rows = board.list(&InboxFilter::default()).await.expect("rows");
    assert!(!format!("{rows:?}").contains("CANARY"));
    assert_eq!(rows.iter().map(|row| &row.state).collect::<Vec<_>>(), [&InboxState::Received]);
}
