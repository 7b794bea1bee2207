//! Where requests come from, and how much of them is too much.

use crate::compose::House;
use axum::{
    extract::{MatchedPath, Request},
    http::{Extensions, HeaderMap, Method},
    response::{IntoResponse as _, Response},
};
use herald_application::limits::{Entrance, Stopped, charge_stranger};
use herald_door::{Limited, Source, TurnedAway};
use herald_rest::Problem;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Notes where a request comes from, for whoever answers it. What cannot be told is not noted.
pub(super) fn note_source(
    house: &House,
    peer: SocketAddr,
    headers: &HeaderMap,
    extensions: &mut Extensions,
) {
    if let Some(source) = source(peer.ip(), headers, &house.config.trusted_proxies) {
        extensions.insert(Source(source));
    }
}

/// Stops whoever knocks too often at what is open to strangers. GraphQL counts its strangers itself,
/// since only it knows who is one.
pub(super) fn stop(house: &House, request: &Request) -> Option<Response> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let entrance = entrance(request.method(), path)?;
    let Source(source) = *request.extensions().get::<Source>()?;
    let Err(Stopped::Exceeded(it)) = charge_stranger(&house.desk, entrance, source) else {
        return None;
    };
    let (violated, retry_after) = (it.violated, it.retry_after);
    let limited = Limited { violated, retry_after, headers: HeaderMap::new() };
    Some(Problem::from(TurnedAway::Limited(Box::new(limited))).into_response())
}

/// What is open to strangers beside GraphQL, by its route.
fn entrance(method: &Method, route: &str) -> Option<Entrance> {
    let is = |prefix: &str| route.starts_with(prefix);
    // A browser asks whether it may ask: that is no knock.
    if *method == Method::OPTIONS {
        return None;
    }
    if is("/webhooks/") || is("/api/webhooks/") {
        Some(Entrance::Webhook)
    } else if is("/oauth/") || (is("/auth/") && route.ends_with("/callback")) {
        Some(Entrance::Callback)
    } else if (is("/auth/") && route != "/auth/me") || (is("/sign-in/") && *method == Method::POST)
    {
        Some(Entrance::SignIn)
    } else {
        None
    }
}

/// The caller's address: the connection's, or, when that is a trusted proxy's, the last address of
/// `X-Forwarded-For` that is not a trusted proxy's itself. What stands before it, the caller wrote.
fn source(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut source = peer;
    if !is_proxy(&source) {
        return Some(source);
    }
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            source = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
            if !is_proxy(&source) {
                return Some(source);
            }
        }
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> Option<String> {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, forwarded.parse().expect("a value"));
        source(peer.parse().expect("an address"), &headers, &trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn every_door_for_strangers_is_watched_and_no_other() {
        for (method, route, expected) in [
            (Method::POST, "/sign-in/{link}", Some(Entrance::SignIn)),
            (Method::GET, "/sign-in/{link}", None),
            (Method::GET, "/auth/{provider}/start", Some(Entrance::SignIn)),
            (Method::GET, "/auth/{provider}/callback", Some(Entrance::Callback)),
            (Method::GET, "/oauth/{network}/callback", Some(Entrance::Callback)),
            (Method::POST, "/webhooks/{provider}", Some(Entrance::Webhook)),
            (Method::POST, "/api/webhooks/{provider}", Some(Entrance::Webhook)),
            (Method::GET, "/auth/me", None),
            (Method::POST, "/auth/login", Some(Entrance::SignIn)),
            (Method::POST, "/auth/confirm/resend", Some(Entrance::SignIn)),
            (Method::POST, "/auth/challenge", Some(Entrance::SignIn)),
            (Method::OPTIONS, "/auth/login", None),
            (Method::POST, "/graphql", None),
            (Method::GET, "/health/live", None),
        ] {
            assert_eq!(entrance(&method, route), expected, "{method} {route}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_calls() {
        assert_eq!(seen("203.0.113.9", "192.0.2.1").as_deref(), Some("203.0.113.9"));
        assert_eq!(seen("10.0.0.1", "192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(seen("10.0.0.1", "192.0.2.1, 203.0.113.9").as_deref(), Some("203.0.113.9"));
        let behind_two = "192.0.2.1, 203.0.113.9, 10.0.0.2";
        assert_eq!(seen("10.0.0.1", behind_two).as_deref(), Some("203.0.113.9"));
        for unreadable in ["somebody", "192.0.2.1, unknown"] {
            assert_eq!(seen("10.0.0.1", unreadable), None, "{unreadable}");
        }
    }
}
