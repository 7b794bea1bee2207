//! Metrics in Prometheus' text form, for this machine or whoever holds the token.

use super::{App, guard::is_of_this_machine};
use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Starts recording; `None` where this process records already.
pub(super) fn install() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(Matcher::Suffix("seconds".to_owned()), SECONDS);
    builder.ok()?.install_recorder().ok()
}

pub(super) async fn show(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !may_read(&app, peer, &headers) {
        let text = "metrics are for this machine, or for the bearer of HERALD_METRICS_TOKEN\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    gauge(&app).await;
    let Some(handle) = &app.numbers else {
        return (StatusCode::SERVICE_UNAVAILABLE, "metrics are not recorded\n").into_response();
    };
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}

fn may_read(app: &App, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let Some(token) = &app.house.config.metrics_token else {
        return is_of_this_machine(peer, headers);
    };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    // Equal digests in a time that tells nothing about where two tokens differ.
    Sha256::digest(given) == Sha256::digest(token.expose_secret())
}

/// What is only known by asking storage.
async fn gauge(app: &App) {
    let desk = &app.house.desk;
    if let (Ok(head), Ok(checkpoints)) =
        (desk.stores.log.head().await, desk.stores.projections.checkpoints().await)
    {
        metrics::gauge!("herald_log_events").set(number(head.ordinal.0));
        // What nobody folds any more falls behind for ever, and is nobody's concern.
        for (projection, stands) in app.house.worker.projector().standing(&checkpoints) {
            let lag = stands.map_or(0, |c| head.ordinal.0 - c.ordinal.0);
            let stopped = stands.is_some_and(|c| c.error.is_some());
            metrics::gauge!("herald_projection_lag_events", "projection" => projection)
                .set(number(lag));
            metrics::gauge!("herald_projection_stopped", "projection" => projection)
                .set(number(i64::from(stopped)));
        }
    }
    if let Ok(backlog) = desk.stores.job_board.backlog(desk.clock.now()).await {
        let states = [
            ("due", backlog.due),
            ("later", backlog.later),
            ("running", backlog.running),
            ("dead", backlog.dead),
        ];
        for (state, count) in states {
            metrics::gauge!("herald_jobs", "state" => state).set(number(count));
        }
        metrics::gauge!("herald_jobs_oldest_seconds").set(number(backlog.oldest_seconds));
    }
    herald_application::inbox::gauge(desk).await;
}

/// Counts are far below 2^53, where a double is exact.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts stay below 2^53")]
const fn number(count: i64) -> f64 {
    count as f64
}
