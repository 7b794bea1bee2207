//! Where requests come from, and how much of them is too much.

use crate::compose::House;
use axum::http::{Extensions, HeaderMap};
use herald_graphql::http::Source;
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

/// The caller's address: the connection's, or, when that is a trusted proxy's, the last address of
/// `X-Forwarded-For` that is not a trusted proxy's itself. What stands before it, the caller wrote.
fn source(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut source = peer.to_canonical();
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
    fn only_a_trusted_proxy_says_for_whom_it_calls() {
        assert_eq!(seen("203.0.113.9", "192.0.2.1").as_deref(), Some("203.0.113.9"));
        assert_eq!(seen("10.0.0.1", "192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(seen("10.0.0.1", "192.0.2.1, 203.0.113.9").as_deref(), Some("203.0.113.9"));
        assert_eq!(seen("10.0.0.1", "somebody"), None);
    }
}
