use super::*;
use crate::http::connections::{Bounds, serve};
use axum::{Router, http::StatusCode, routing::post};
use futures::stream;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::Instant,
};

const LONG: Duration = Duration::from_secs(20);

/// A server that refuses whatever is sent, without a look at it.
async fn refusing() -> SocketAddr {
    let router = Router::new().route("/", post(async || StatusCode::PAYLOAD_TOO_LARGE));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let bounds = Bounds { connections: 8, head: LONG };
    tokio::spawn(serve(listener, router, bounds, std::future::pending()));
    address
}

async fn begin(to: SocketAddr, headers: &str) -> TcpStream {
    let mut line = TcpStream::connect(to).await.expect("a connection");
    let head = format!("POST / HTTP/1.1\r\nhost: herald\r\n{headers}\r\n\r\n");
    line.write_all(head.as_bytes()).await.expect("a head");
    line
}

/// The first line of the answer.
async fn heard(line: &mut TcpStream) -> String {
    let mut said = [0; 12];
    let read = tokio::time::timeout(LONG, line.read_exact(&mut said)).await;
    read.expect("an answer in time").expect("an answer");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn whoever_writes_everything_before_they_read_finds_the_answer() {
    let address = refusing().await;
    let body = vec![b'x'; 8 * 1024 * 1024];
    let mut line = begin(address, &format!("content-length: {}", body.len())).await;
    // Once for each of two requests: what was heard out does not end the connection.
    line.write_all(&body).await.expect("all of it is read");
    assert_eq!(heard(&mut line).await, "HTTP/1.1 413");
    let mut line = begin(address, "transfer-encoding: chunked").await;
    for _ in 0..128 {
        line.write_all(b"10000\r\n").await.expect("it is read");
        line.write_all(&body[..0x10000]).await.expect("it is read");
        line.write_all(b"\r\n").await.expect("it is read");
    }
    line.write_all(b"0\r\n\r\n").await.expect("all of it is read");
    assert_eq!(heard(&mut line).await, "HTTP/1.1 413");
}

#[tokio::test]
async fn the_answer_does_not_wait_for_the_body() {
    let mut line = begin(refusing().await, "content-length: 1000000").await;
    assert_eq!(heard(&mut line).await, "HTTP/1.1 413");
}

#[tokio::test]
async fn whoever_announces_too_much_is_answered_and_cut_off() {
    let mut line = begin(refusing().await, "content-length: 1000000000").await;
    let mut said = Vec::new();
    let read = tokio::time::timeout(LONG, line.read_to_end(&mut said)).await;
    read.expect("the server closes").expect("what was said");
    assert!(said.starts_with(b"HTTP/1.1 413"));
}

#[tokio::test]
async fn whoever_waits_to_be_asked_for_the_body_is_not_asked() {
    let wait = "content-length: 1000000\r\nexpect: 100-continue";
    let mut line = begin(refusing().await, wait).await;
    assert_eq!(heard(&mut line).await, "HTTP/1.1 413");
}

/// A body that counts what is read of it, and is heard out once it is dropped. Answers when it is gone.
async fn left(parts: impl futures::Stream<Item = Bytes> + Send + 'static) -> u64 {
    let read = Arc::new(AtomicU64::default());
    let (count, (alive, gone)) = (Arc::clone(&read), tokio::sync::oneshot::channel::<()>());
    let parts = parts.map(move |part| {
        let _kept = &alive;
        count.fetch_add(u64::try_from(part.len()).expect("a length"), Ordering::Relaxed);
        Ok::<_, std::io::Error>(part)
    });
    drop(HeardOut::new(Body::from_stream(parts), &HeaderMap::new()));
    gone.await.expect_err("it is dropped");
    read.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_body_without_an_end_is_read_up_to_the_bound() {
    let part = Bytes::from(vec![0; 65_536]);
    assert_eq!(left(stream::repeat(part)).await, MOST + 65_536, "the part beyond it is the last");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_waited_for_five_seconds() {
    let started = Instant::now();
    assert_eq!(left(stream::pending()).await, 0);
    assert_eq!(started.elapsed().as_secs(), PATIENCE.as_secs());
}
