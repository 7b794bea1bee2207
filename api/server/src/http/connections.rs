//! The connections: how many at once, how long a client may take over a request's head, and how they
//! end when the server stops.

use super::unread::HeardOut;
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// What clients may take of the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Connections that may be open at once. Whoever comes later waits until one is closed.
    pub(super) connections: usize,
    /// How long the head of a request may take, and a connection rest between two requests.
    pub(super) head: Duration,
}

/// Answers `router` on every connection until `stop`, then lets requests that have begun come to
/// their end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let seats = Arc::new(Semaphore::new(bounds.connections));
    let (open, closing) = (TaskTracker::new(), CancellationToken::new());
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some((seat, stream, peer)) = next(&listener, &seats) => {
                let (router, closing) = (router.clone(), closing.clone());
                open.spawn(async move {
                    one(stream, peer, router, bounds.head, closing).await;
                    drop(seat);
                });
            }
        }
    }
    drop(listener);
    closing.cancel();
    open.close();
    open.wait().await;
}

/// The next connection and its seat. `None` when the system refused: try again.
async fn next(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let seat = Arc::clone(seats).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((seat, stream, as_named(peer))),
        Err(error) if is_theirs(&error) => None,
        Err(error) => {
            // Most often there are no file descriptors left: some must be closed first.
            tracing::warn!(%error, "a connection cannot be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// The peer as networks are named: where both kinds of addresses are listened to, one of the older
/// kind comes in the clothes of the newer.
fn as_named(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}

/// Did the client itself give up before it was accepted?
fn is_theirs(error: &io::Error) -> bool {
    let theirs = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset,
    ];
    theirs.contains(&error.kind())
}

async fn one(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    closing: CancellationToken,
) {
    // An answer in two parts must not wait for the client's acknowledgement of the first one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection went away at once");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let body = HeardOut::new(Body::new(body), &head.headers);
        let mut request = Request::from_parts(head, Body::new(body));
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let served = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
    };

    const PATIENCE: Duration = Duration::from_secs(20);
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: herald\r\n\r\n";

    /// A server that answers "hello", where it listens, and how to stop it.
    async fn server(bounds: Bounds) -> (SocketAddr, oneshot::Sender<()>) {
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/", post(async |body: String| body));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(serve(listener, router, bounds, async move {
            stopped.await.ok();
        }));
        (address, stop)
    }

    async fn connect(to: SocketAddr) -> TcpStream {
        TcpStream::connect(to).await.expect("a connection")
    }

    /// Everything until the server closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut all = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
        read.expect("the server closes").expect("what was said");
        String::from_utf8_lossy(&all).into_owned()
    }

    /// What is said until "hello".
    async fn greeted(stream: &mut TcpStream) {
        let mut all = Vec::new();
        while !all.ends_with(b"hello") {
            let mut part = [0; 512];
            let read = tokio::time::timeout(PATIENCE, stream.read(&mut part)).await;
            let read = read.expect("an answer in time").expect("a part");
            assert_ne!(read, 0, "{}", String::from_utf8_lossy(&all));
            all.extend_from_slice(&part[..read]);
        }
    }

    #[test]
    fn a_proxy_is_known_by_its_address_whatever_is_listened_to() {
        let peer: SocketAddr = "[::ffff:10.0.0.1]:40000".parse().expect("an address");
        let network: ipnet::IpNet = "10.0.0.0/8".parse().expect("a network");
        assert!(network.contains(&as_named(peer).ip()));
        let newer: SocketAddr = "[2001:db8::1]:40000".parse().expect("an address");
        assert_eq!(as_named(newer), newer);
    }

    #[tokio::test]
    async fn whoever_does_not_finish_a_head_is_cut_off() {
        let bounds = Bounds { connections: 8, head: Duration::from_millis(50) };
        let (address, _stop) = server(bounds).await;
        let mut slow = connect(address).await;
        slow.write_all(b"GET / HTTP/1.1\r\nx-never: ").await.expect("half a head");
        assert!(!rest(&mut slow).await.contains("200 OK"), "no answer to half a head");
    }

    #[tokio::test]
    async fn beyond_the_bound_a_connection_waits_for_a_seat() {
        let bounds = Bounds { connections: 1, head: PATIENCE };
        let (address, _stop) = server(bounds).await;
        let mut first = connect(address).await;
        first.write_all(ASK).await.expect("a request");
        greeted(&mut first).await;
        let mut second = connect(address).await;
        second.write_all(ASK).await.expect("a request");
        // The first one still has the seat: it is answered again, and the second one not yet.
        first.write_all(ASK).await.expect("a request");
        greeted(&mut first).await;
        let early = second.try_read(&mut [0; 16]);
        assert_eq!(early.map_err(|error| error.kind()), Err(io::ErrorKind::WouldBlock));
        drop(first);
        greeted(&mut second).await;
    }

    #[tokio::test]
    async fn a_request_that_has_begun_is_answered_although_the_server_stops() {
        let bounds = Bounds { connections: 8, head: PATIENCE };
        let (address, stop) = server(bounds).await;
        let mut begun = connect(address).await;
        let head =
            b"POST / HTTP/1.1\r\nhost: herald\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
        begun.write_all(head).await.expect("a head");
        let mut asked = [0; 25];
        begun.read_exact(&mut asked).await.expect("the handler wants the body");
        assert!(asked.starts_with(b"HTTP/1.1 100 Continue"), "{asked:?}");
        stop.send(()).expect("it listens");
        begun.write_all(b"body").await.expect("a body");
        assert!(rest(&mut begun).await.ends_with("\r\n\r\nbody"), "it came to its end");
    }
}
