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
mod unread;

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
use herald_door::{Origins, Reception};
use herald_graphql::{
    http::Endpoint,
    limits::Limits,
    schema::{self, Checkup, Extras},
    websocket::Seats,
};
use herald_rest::Rest;
use herald_webhooks::Webhooks;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer, timeout::RequestBodyTimeoutLayer};

/// WebSockets that may be open at once.
const SEATS: usize = 1_000;
/// Of these, as many as one address may have: an office is behind one.
const SEATS_OF_ONE: usize = 100;
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
    checkup: Arc<Checkup>,
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
        checkup: Arc::new(Checkup::new(house.health.clone())),
        numbers: numbers::install(),
    };
    let extras = Extras { checkup: Arc::clone(&app.checkup) };
    let endpoint = Endpoint {
        executor: schema::build(Arc::clone(&house.desk), extras),
        door: reception.clone(),
        limits: Limits::default(),
        origins: origins.clone(),
        cookie: cookie.to_owned(),
        seats: Seats::new(SEATS, SEATS_OF_ONE),
        closing,
    };
    let rest =
        Rest { desk: Arc::clone(&house.desk), door: reception, origins, cookie: cookie.to_owned() };
    own(&rest)
        .with_state(app)
        .merge(beside(house, rest))
        .merge(herald_graphql::http::router(endpoint))
        .fallback(pages::nothing_here)
        .layer(middleware::from_fn_with_state(Arc::clone(house), guard::every_request))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(RequestBodyTimeoutLayer::new(PAUSE))
        // Outermost: a page may read every answer, also one that tells of a limit.
        .layer(cors(&house.config.cors_origins))
}

/// Pages and paths of the server's own. What costs more than a page goes through REST's door.
fn own(rest: &Rest) -> Router<App> {
    let counted = Router::new()
        .route("/health/providers", get(health::providers))
        .merge(media::router())
        .layer(middleware::from_fn_with_state(rest.clone(), herald_rest::admit));
    Router::new()
        .route("/", get(pages::home))
        .route("/schema.graphql", get(async || schema::sdl().into_response()))
        .route("/health/live", get(async || "alive\n"))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(numbers::show))
        .route("/sign-in/{link}", get(sessions::ask).post(sessions::sign_in))
        .route("/sign-out", post(sessions::sign_out))
        .route("/auth/token", post(sessions::token))
        .merge(editor::router())
        .layer(DefaultBodyLimit::max(BODY))
        .merge(counted)
}

/// What is served beside GraphQL: REST, and the addresses that others call or send people back to.
fn beside(house: &Arc<House>, rest: Rest) -> Router {
    let callbacks = herald_callbacks::router(Callbacks {
        desk: Arc::clone(&rest.desk),
        door: rest.door.clone(),
        origins: rest.origins.clone(),
        cookie: rest.cookie.clone(),
    });
    let webhooks = herald_webhooks::router(Webhooks {
        desk: Arc::clone(&rest.desk),
        networks: house.config.webhook_networks.clone(),
    });
    Router::new().merge(callbacks).merge(webhooks).merge(herald_rest::router(rest))
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
            HeaderName::from_static(herald_door::ACCOUNT),
        ])
        .expose_headers(
            ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"]
                .map(HeaderName::from_static),
        )
        .allow_credentials(true)
}
