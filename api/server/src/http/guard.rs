//! What stands before every path: TLS where it is owed, headers that browsers obey, a name and a
//! number for each request.

use super::limits;
use crate::compose::House;
use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};
use herald_application::settings::Mode;
use herald_door::RequestId;
use std::{any::Any, net::SocketAddr, sync::Arc, time::Instant};

/// Scripts come from here only, and nobody may frame us.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn every_request(
    State(house): State<Arc<House>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let id = RequestId(house.desk.ids.uuid());
    request.extensions_mut().insert(id);
    let headers = request.headers().clone();
    limits::note_source(&house, peer, &headers, request.extensions_mut());
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_else(|| "unmatched".to_owned());
    let secure = is_secure(&house, peer, request.headers());
    let own = is_of_this_machine(peer, request.headers());
    let refused = house.config.mode() == Mode::Production && !secure && !own;
    let mut response = if refused {
        (
            StatusCode::UPGRADE_REQUIRED,
            "Use https: in production plain HTTP is only for this machine. A proxy that ends TLS is \
             named in HERALD_TRUSTED_PROXIES and says X-Forwarded-Proto.\n",
        )
            .into_response()
    } else if let Some(stopped) = limits::stop(&house, &request) {
        stopped
    } else {
        next.run(request).await
    };
    let status = response.status().as_str().to_owned();
    metrics::counter!("herald_http_requests_total", "path" => path.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("herald_http_request_seconds", "path" => path)
        .record(started.elapsed().as_secs_f64());
    dress(response.headers_mut(), secure, id);
    response
}

fn dress(headers: &mut HeaderMap, secure: bool, id: RequestId) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    // Whatever a session opens is nobody else's to keep.
    set(header::CACHE_CONTROL, "private, no-store");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if let Ok(value) = HeaderValue::from_str(&id.0.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// Does somebody on this machine ask for themselves? A proxy on it asks for others, and says so.
pub(super) fn is_of_this_machine(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let forwarded =
        |name: &HeaderName| *name == header::FORWARDED || name.as_str().starts_with("x-forwarded-");
    peer.ip().is_loopback() && !headers.keys().any(forwarded)
}

/// Did the visitor come over TLS? Only a trusted proxy can say so for us.
fn is_secure(house: &House, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let trusted = house.config.trusted_proxies.iter().any(|net| net.contains(&peer.ip()));
    let says = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    trusted && says.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

/// A handler died: the caller learns that it was us, and nothing else.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something is broken on our side.\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_on_this_machine_does_not_make_strangers_its_own() {
        let asks = |peer: &str, header: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("herald"));
            headers.extend(header.map(|name| {
                (HeaderName::from_static(name), HeaderValue::from_static("203.0.113.9"))
            }));
            let peer = SocketAddr::new(peer.parse().expect("an address"), 40_000);
            is_of_this_machine(peer, &headers)
        };
        assert!(asks("127.0.0.1", None) && asks("::1", None));
        assert!(!asks("10.0.0.1", None));
        for header in ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"] {
            assert!(!asks("127.0.0.1", Some(header)), "{header}");
        }
    }
}
