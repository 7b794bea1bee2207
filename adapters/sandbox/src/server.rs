//! The listener: its own loop over connections, so that a fault can end one without a word.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use crate::identity::settings::IdentitySettings;
use crate::inject::{self, Severed};
use crate::ledger::LedgerError;
use crate::resend::ResendSettings;
use crate::state::State;
use crate::world::Vocabulary;
use crate::x::oauth::{CLIENT_ID, CLIENT_SECRET, Client, PUBLIC_CLIENT_ID};
use crate::{
    chat, clerk, cognito, control, github, google, identity, page, resend, stripe, svix, x,
};

/// How a sandbox is to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to remember things (in a folder `sandbox` of its own); without, they end with it.
    pub data_dir: Option<PathBuf>,
    /// What links are built on; without, the address that is listened on.
    pub public_url: Option<String>,
    /// Whether every ledger entry reaches the disk before it is answered.
    pub fsync_ledger: bool,
    /// Where the dice of random faults begin.
    pub seed: u64,
    /// The applications that people can permit to act for them.
    pub clients: Vec<Client>,
    /// Which of its two vocabularies X answers in.
    pub vocabulary: Vocabulary,
    /// Whether X's limits per fifteen minutes hold; campaigns of many posts switch them off.
    pub rate_limits: bool,
    /// How Stripe is set up: keys, and where its events go.
    pub stripe: stripe::StripeSettings,
    /// Who Google, GitHub, Clerk and Cognito know.
    pub identity: IdentitySettings,
    /// Who may send mail through Resend, and where it tells what became of it.
    pub resend: ResendSettings,
}

impl Default for Settings {
    fn default() -> Self {
        let client = |id: &str, secret: Option<&str>| Client {
            id: id.to_owned(),
            secret: secret.map(str::to_owned),
        };
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            data_dir: None,
            public_url: None,
            fsync_ledger: false,
            seed: 0,
            clients: vec![client(CLIENT_ID, Some(CLIENT_SECRET)), client(PUBLIC_CLIENT_ID, None)],
            vocabulary: Vocabulary::default(),
            rate_limits: true,
            stripe: stripe::StripeSettings::default(),
            identity: IdentitySettings::default(),
            resend: ResendSettings::default(),
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// What an earlier run left cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A stand-in for the providers.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Opens the memory, listens, and serves until [`Running::shutdown`] or drop.
    pub async fn start(settings: Settings) -> Result<Running, StartError> {
        let state = State::open(&settings)?;
        let refused = |source| StartError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        state.listening_at(address);
        svix::resume(&state);
        let stop = CancellationToken::new();
        let connections = TaskTracker::new();
        let accepting = accept(listener, router(state.clone()), stop.clone(), connections.clone());
        connections.spawn(accepting);
        connections.spawn(stripe::deliver(state.clone(), stop.clone()));
        connections.close();
        Ok(Running { address, state, connections, stop: stop.drop_guard() })
    }
}

/// A sandbox that is serving.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    state: State,
    connections: TaskTracker,
    stop: DropGuard,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of one provider, with a slash at its end: `x`, `openrouter`, `openai`.
    #[must_use]
    pub fn base_url(&self, provider: &str) -> String {
        format!("http://{}/{provider}/", self.address)
    }

    /// The handle on its memory.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Stops listening, ends every connection, and returns when all is quiet.
    pub async fn shutdown(self) {
        let Self { connections, stop, .. } = self;
        drop(stop);
        connections.wait().await;
    }
}

/// Everything that the sandbox serves, for embedding. A connection can only be cut by the
/// sandbox's own listener; embedded, a cut shows as a body that breaks off.
pub fn router(state: State) -> Router {
    Router::new()
        .merge(page::router())
        .merge(control::router())
        .merge(identity::control::router())
        .merge(svix::control::router())
        .merge(clerk::control())
        .nest("/x", x::router().merge(page::posts()))
        .nest("/google", google::router())
        .nest("/github", github::router())
        .nest("/clerk", clerk::router())
        .merge(cognito::router())
        .merge(resend::router())
        .merge(stripe::control())
        .nest("/stripe", stripe::router())
        .nest("/openrouter/api/v1", chat::openrouter())
        .nest("/openai/v1", chat::openai())
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.clone(), inject::inject))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .with_state(state)
}

async fn accept(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                connections.spawn(converse(stream, router.clone(), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the sandbox could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// One connection until it ends, is cut by a fault, or the sandbox stops.
async fn converse(stream: TcpStream, router: Router, stop: CancellationToken) {
    let reset = Arc::new(AtomicBool::new(false));
    let wish = Arc::clone(&reset);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        answer(router.clone(), request.map(Body::new), Arc::clone(&wish))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = stop.cancelled() => {}
        // A connection that broke is the caller's business, or a fault that did its work.
        _ = &mut connection => {}
    }
    if reset.load(Ordering::Relaxed) {
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// An error here makes hyper drop the connection before a byte is written.
async fn answer(
    router: Router,
    request: Request,
    reset: Arc<AtomicBool>,
) -> Result<Response, Cutting> {
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<Severed>() {
        Some(severed) => {
            reset.store(severed.reset, Ordering::Relaxed);
            Err(Cutting)
        }
        None => Ok(response),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("cut by a fault rule")]
struct Cutting;
