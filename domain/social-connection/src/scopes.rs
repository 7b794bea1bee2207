//! What each network must allow us to do.

use herald_kernel::Network;

/// The scopes without which no post can go out.
#[must_use]
pub const fn publishing_scopes(network: Network) -> &'static [&'static str] {
    match network {
        Network::X => &["tweet.read", "tweet.write", "users.read"],
    }
}

/// The scope without which a post goes out, but no picture with it.
#[must_use]
pub const fn media_scope(network: Network) -> &'static str {
    match network {
        Network::X => "media.write",
    }
}
