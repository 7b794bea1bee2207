//! One connection for one request, driven by the task that uses it.

use crate::{Failure, NetworkCause, tls};
use bytes::Bytes;
use futures::future::{Fuse, FutureExt as _};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

pub(super) type Sender = http1::SendRequest<Full<Bytes>>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Io = TokioIo<Box<dyn Stream>>;

/// The half that moves bytes. It moves them only while [`Connection::drive`] is awaited, so nothing
/// is written behind the back of whoever checks the deadline.
pub(super) struct Connection(Fuse<http1::Connection<Io, Full<Bytes>>>);

impl Connection {
    /// Waits for `work` and moves bytes meanwhile.
    pub(super) async fn drive<F: Future>(&mut self, work: F) -> F::Output {
        tokio::pin!(work);
        tokio::select! {
            biased;
            output = &mut work => output,
            // The connection's own end reaches `work` as an error, if it concerns it.
            _ = &mut self.0 => work.await,
        }
    }
}

/// Name, TCP, TLS: everything that can fail before there is anything to lose.
pub(super) async fn open(url: &Url) -> Result<(Sender, Connection), Failure> {
    let host = url.host().ok_or(Failure::Unsendable { reason: "the address has no host" })?;
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = connect(&host, port).await?;
    // A commit is one small write: waiting to fill a packet only delays it.
    drop(tcp.set_nodelay(true));
    let stream: Box<dyn Stream> =
        if url.scheme() == "https" { Box::new(encrypt(tcp, &host).await?) } else { Box::new(tcp) };
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Network(NetworkCause::Broken))?;
    Ok((sender, Connection(connection.fuse())))
}

async fn connect(host: &Host<&str>, port: u16) -> Result<TcpStream, Failure> {
    let addresses: Vec<_> = match host {
        Host::Ipv4(ip) => vec![(*ip, port).into()],
        Host::Ipv6(ip) => vec![(*ip, port).into()],
        Host::Domain(name) => tokio::net::lookup_host((*name, port))
            .await
            .map_err(|_| Failure::Network(NetworkCause::Name))?
            .collect(),
    };
    TcpStream::connect(addresses.as_slice())
        .await
        .map_err(|_| Failure::Network(NetworkCause::Connect))
}

async fn encrypt(
    tcp: TcpStream,
    host: &Host<&str>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failure> {
    let failed = Failure::Network(NetworkCause::Tls);
    let Ok(config) = tls::config() else { return Err(failed) };
    let name = match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok(),
        Host::Ipv4(ip) => Some(ServerName::from(std::net::IpAddr::from(*ip))),
        Host::Ipv6(ip) => Some(ServerName::from(std::net::IpAddr::from(*ip))),
    };
    let Some(name) = name else { return Err(failed) };
    TlsConnector::from(config).connect(name, tcp).await.map_err(|_| failed)
}
