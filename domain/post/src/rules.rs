//! What each network takes: one pure table for the API, for drafts, for scheduling and for the last
//! look before sending.

mod links;
pub mod x;

use crate::{content::Content, outcome::Remote};
use herald_kernel::Network;

/// One way in which content breaks a network's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A stable code.
    pub code: &'static str,
    /// Which step; 0 is the root.
    pub step: u16,
    /// The place in the content, such as `segments[0].media[1]`.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Every way in which `content` breaks the rules of `network`, for a connection that may publish
/// texts of `text_limit`, counted as the network counts.
#[must_use]
pub fn violations(network: Network, text_limit: u32, content: &Content) -> Vec<Violation> {
    match network {
        Network::X => x::violations(text_limit, content),
    }
}

/// The post that an address names, where a person pastes one; `None` when it is not the address of
/// a post on `network`.
#[must_use]
pub fn remote_of(network: Network, url: &str) -> Option<Remote> {
    match network {
        Network::X => x::remote_of(url),
    }
}

/// Does the network itself refuse a text that it has just published? Only where this second wall
/// stands may a step that was looked for and not found go out again without a person.
pub(crate) const fn refuses_equal_text(network: Network) -> bool {
    match network {
        Network::X => true,
    }
}
