//! Conversations in `graphql-transport-ws`.

use crate::world::world;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn served() -> (String, tokio::sync::watch::Sender<bool>) {
    let world = world();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, world.router).await });
    (format!("ws://{address}/graphql"), world.close)
}

async fn open(
    url: &str,
    protocol: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, Error> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message; or the code with which the connection was closed.
async fn hear(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(text.as_str()).unwrap(),
            Some(Ok(Message::Close(Some(frame)))) => return json!(u16::from(frame.code)),
            Some(Ok(_)) => {}
            other => return json!(format!("{other:?}")),
        }
    }
}

async fn greeted(url: &str) -> Socket {
    let mut socket = open(url, "graphql-transport-ws", &[]).await.unwrap();
    let payload = json!({ "Authorization": "Bearer good" });
    say(&mut socket, json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "connection_ack" }));
    socket
}

fn subscribe(id: &str, query: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } })
}

#[tokio::test]
async fn a_subscription_brings_its_results_and_its_end() {
    let (url, _close) = served().await;
    let mut socket = greeted(&url).await;
    say(&mut socket, subscribe("s", "subscription { count(to: 2) }")).await;
    for n in 1..=2 {
        let next = hear(&mut socket).await;
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("s")));
        assert_eq!(next["payload"]["data"]["count"], json!(n));
    }
    assert_eq!(hear(&mut socket).await, json!({ "type": "complete", "id": "s" }));
}

#[tokio::test]
async fn queries_are_answered_and_know_the_visitor() {
    let (url, _close) = served().await;
    let mut socket = greeted(&url).await;
    say(&mut socket, subscribe("q", "{ visitor }")).await;
    assert_eq!(hear(&mut socket).await["payload"]["data"]["visitor"], json!("bearer"));
    assert_eq!(hear(&mut socket).await["type"], json!("complete"));
}

#[tokio::test]
async fn what_cannot_be_carried_out_is_an_error_and_the_connection_stays() {
    let (url, _close) = served().await;
    let mut socket = greeted(&url).await;
    for query in ["{", "{ unknown }", "subscription { unknown }"] {
        say(&mut socket, subscribe("e", query)).await;
        let error = hear(&mut socket).await;
        assert_eq!(error["type"], json!("error"), "{query}: {error}");
        assert!(error["payload"][0]["message"].is_string());
    }
    say(&mut socket, json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong", "payload": { "a": 1 } }));
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_code() {
    let good = json!({ "Authorization": "Bearer good" });
    let init = json!({ "type": "connection_init", "payload": good });
    let endless = subscribe("s", "subscription { silence }");
    let table: [(&[Value], u16); 8] = [
        (&[subscribe("s", "{ hello }")], 4401),
        (&[init.clone(), init.clone()], 4429),
        (&[init.clone(), endless.clone(), endless.clone()], 4409),
        (&[json!({ "type": "start", "id": "1", "payload": {} })], 4400),
        (&[json!([1, 2])], 4400),
        (
            &[json!({ "type": "connection_init", "payload": { "authorization": "Bearer bad" } })],
            4403,
        ),
        (&[json!({ "type": "connection_init" })], 4403),
        (&[], 4408),
    ];
    let (url, _close) = served().await;
    for (messages, code) in table {
        let mut socket = open(&url, "graphql-transport-ws", &[]).await.unwrap();
        for message in messages {
            say(&mut socket, message.clone()).await;
        }
        let mut heard = hear(&mut socket).await;
        while heard["type"] == json!("connection_ack") {
            heard = hear(&mut socket).await;
        }
        assert_eq!(heard, json!(code), "{messages:?}");
    }
}

#[tokio::test]
async fn one_connection_runs_only_so_many_operations() {
    let (url, _close) = served().await;
    let mut socket = greeted(&url).await;
    for id in ["1", "2", "3"] {
        say(&mut socket, subscribe(id, "subscription { silence }")).await;
    }
    let error = hear(&mut socket).await;
    assert_eq!(error["payload"][0]["extensions"]["code"], json!("LIMIT_EXCEEDED"));
    say(&mut socket, json!({ "type": "complete", "id": "1" })).await;
    say(&mut socket, subscribe("4", "{ hello }")).await;
    assert_eq!(hear(&mut socket).await["type"], json!("next"), "a place is free again");
}

#[tokio::test]
async fn the_older_protocol_and_foreign_pages_are_refused_at_the_door() {
    let (url, _close) = served().await;
    let cookie = ("cookie", "herald_session=good");
    let evil = ("origin", "https://evil.example");
    let refused = [
        (open(&url, "graphql-ws", &[]).await, 400),
        (open(&url, "graphql-transport-ws", &[cookie, evil]).await, 403),
    ];
    for (answer, status) in refused {
        assert!(matches!(&answer, Err(Error::Http(r)) if r.status() == status), "{answer:?}");
    }
    let app = ("origin", "https://app.example");
    assert!(open(&url, "graphql-transport-ws", &[cookie, app]).await.is_ok());
    assert!(open(&url, "graphql-transport-ws", &[evil]).await.is_ok(), "no cookie, no harm");
}

#[tokio::test]
async fn a_message_is_no_larger_than_a_body() {
    let (url, _close) = served().await;
    let mut socket = greeted(&url).await;
    say(&mut socket, subscribe(&"s".repeat(100_000), "{ hello }")).await;
    assert!(!hear(&mut socket).await.is_object(), "the connection ends");
}

#[tokio::test]
async fn connections_are_counted() {
    let (url, _close) = served().await;
    let mut open_ones = Vec::new();
    for _ in 0..3 {
        open_ones.push(greeted(&url).await);
    }
    let fourth = open(&url, "graphql-transport-ws", &[]).await;
    assert!(matches!(&fourth, Err(Error::Http(r)) if r.status() == 503), "{fourth:?}");
}

#[tokio::test]
async fn conversations_end_politely_when_the_server_stops() {
    let (url, close) = served().await;
    let mut socket = greeted(&url).await;
    close.send(true).unwrap();
    assert_eq!(hear(&mut socket).await, json!(1001));
}
