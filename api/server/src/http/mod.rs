//! The HTTP surface: which paths there are, and what stands before all of them.

mod connections;
mod editor;
mod guard;
mod health;
mod limits;
mod media;
mod numbers;
mod pages;
mod sessions;

use crate::compose::House;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::IntoResponse,
    routing::{get, post},
};
use connections::Bounds;
use herald_callbacks::Callbacks;
use herald_graphql::{
    http::{Endpoint, Origins},
    limits::Limits,
    schema::{self, Extras, Reception},
};
use herald_rest::Rest;
use herald_webhooks::Webhooks;
use std::{sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer, timeout::RequestBodyTimeoutLayer};

/// WebSockets that may be open at once.
const SEATS: usize = 1_000;
/// How long answers that have begun may take to their end once the server stops.
const GRACE: Duration = Duration::from_secs(2);
/// What the clients may take of us. Each connection costs a few kilobytes while it rests.
const BOUNDS: Bounds = Bounds { connections: 10_000, head: Duration::from_secs(60) };
/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(30);
/// Bytes of a body, uploads apart.
const BODY: usize = 64 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    house: Arc<House>,
    reception: Reception,
    origins: Origins,
    cookie: &'static str,
    numbers: Option<metrics_exporter_prometheus::PrometheusHandle>,
}

/// Serves until `stop`, then lets answers that have begun come to their end.
pub(crate) async fn serve(
    listener: TcpListener,
    house: Arc<House>,
    closing: watch::Receiver<bool>,
    stop: impl Future<Output = ()>,
) {
    let router = router(&house, closing.clone());
    tokio::select! {
        () = connections::serve(listener, router, BOUNDS, stop) => {}
        () = overdue(closing) => {
            tracing::warn!("some requests did not end in time; their connections are cut");
        }
    }
}

/// Ends a while after the server was told to stop: one slow client must not keep the process.
async fn overdue(mut closing: watch::Receiver<bool>) {
    let told = closing.wait_for(|closing| *closing).await.is_ok();
    if told {
        tokio::time::sleep(GRACE).await;
    } else {
        std::future::pending::<()>().await;
    }
}

fn router(house: &Arc<House>, closing: watch::Receiver<bool>) -> Router {
    let settings = &house.config.settings;
    let secure = settings.public_url.scheme() == "https";
    let origins = Origins::new(
        house
            .config
            .cors_origins
            .iter()
            .cloned()
            .chain([settings.public_url.origin().ascii_serialization()]),
    );
    // The prefix makes browsers bind the cookie to this host and to TLS.
    let cookie = if secure { "__Host-herald_session" } else { "herald_session" };
    let reception = Reception::new(Arc::clone(&house.desk));
    let app = App {
        house: Arc::clone(house),
        reception: reception.clone(),
        origins: origins.clone(),
        cookie,
        numbers: numbers::install(),
    };
    let endpoint = Endpoint {
        executor: schema::build(Arc::clone(&house.desk), Extras { health: house.health.clone() }),
        door: reception.clone(),
        limits: Limits::default(),
        origins: origins.clone(),
        cookie: cookie.to_owned(),
        seats: Arc::new(Semaphore::new(SEATS)),
        closing,
    };
    let beside = beside(house, &reception, &origins, cookie);
    Router::new()
        .route("/", get(pages::home))
        .route("/schema.graphql", get(async || schema::sdl().into_response()))
        .route("/health/live", get(async || "alive\n"))
        .route("/health/ready", get(health::ready))
        .route("/health/providers", get(health::providers))
        .route("/metrics", get(numbers::show))
        .route("/sign-in/{link}", get(sessions::ask).post(sessions::sign_in))
        .route("/sign-out", post(sessions::sign_out))
        .route("/auth/token", post(sessions::token))
        .merge(editor::router())
        .layer(DefaultBodyLimit::max(BODY))
        .merge(media::router())
        .with_state(app)
        .merge(beside)
        .merge(herald_graphql::http::router(endpoint))
        .fallback(pages::nothing_here)
        .layer(cors(&house.config.cors_origins))
        .layer(middleware::from_fn_with_state(Arc::clone(house), guard::every_request))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(RequestBodyTimeoutLayer::new(PAUSE))
}

/// What is served beside GraphQL: REST, and the addresses that others call or send people back to.
fn beside(house: &Arc<House>, door: &Reception, origins: &Origins, cookie: &str) -> Router {
    let rest = herald_rest::router(Rest {
        desk: Arc::clone(&house.desk),
        door: door.clone(),
        origins: origins.clone(),
        cookie: cookie.to_owned(),
    });
    let callbacks = herald_callbacks::router(Callbacks {
        desk: Arc::clone(&house.desk),
        door: door.clone(),
        origins: origins.clone(),
        cookie: cookie.to_owned(),
    });
    let webhooks = herald_webhooks::router(Webhooks {
        desk: Arc::clone(&house.desk),
        trusted_proxies: house.config.trusted_proxies.clone(),
        networks: house.config.webhook_networks.clone(),
    });
    Router::new().merge(callbacks).merge(webhooks).merge(rest)
}

/// Browsers of the named origins may call; nobody else's pages.
fn cors(origins: &[String]) -> CorsLayer {
    use axum::http::{HeaderName, Method, header};
    let origins: Vec<_> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static(herald_graphql::http::ACCOUNT),
        ])
        .allow_credentials(true)
}
