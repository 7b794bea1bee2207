//! Where a call comes from, when proxies stand in between.

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The caller's address: the connection's, or, when that is a trusted proxy's, the last address of
/// `X-Forwarded-For` that is not a trusted proxy's itself. What stands before it, the caller wrote.
/// Nothing when it cannot be told.
pub(crate) fn visitor(parts: &Parts, trusted: &[IpNet]) -> Option<IpAddr> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    behind(peer.ip(), &parts.headers, trusted)
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut visitor = peer.to_canonical();
    if !is_proxy(&visitor) {
        return Some(visitor);
    }
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            visitor = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
            if !is_proxy(&visitor) {
                return Some(visitor);
            }
        }
    }
    Some(visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> Option<String> {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().expect("a value"));
        }
        let peer = peer.parse().expect("an address");
        behind(peer, &headers, &trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn a_strangers_word_about_its_address_is_not_believed() {
        assert_eq!(seen("203.0.113.9", &["3.18.12.63"]).as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn a_trusted_proxy_says_who_called() {
        assert_eq!(seen("10.0.0.1", &["3.18.12.63"]).as_deref(), Some("3.18.12.63"));
        assert_eq!(seen("::ffff:10.0.0.1", &["3.18.12.63"]).as_deref(), Some("3.18.12.63"));
    }

    #[test]
    fn what_the_caller_wrote_before_the_proxies_does_not_count() {
        let chain = &["3.18.12.63, 203.0.113.9, 10.0.0.2"];
        assert_eq!(seen("10.0.0.1", chain).as_deref(), Some("203.0.113.9"));
        let lines = &["3.18.12.63", "203.0.113.9"];
        assert_eq!(seen("10.0.0.1", lines).as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn an_address_that_cannot_be_read_is_no_address() {
        assert_eq!(seen("10.0.0.1", &["somebody"]), None);
        assert_eq!(seen("10.0.0.1", &["3.18.12.63, unknown"]), None);
    }
}
