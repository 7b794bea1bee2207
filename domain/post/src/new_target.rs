//! A target as it is asked for, and its id.

use herald_kernel::{ConnectionId, Network, PostId, TargetId};
use serde::{Deserialize, Serialize};

/// A target as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTarget {
    /// Its id, [`target_id`] of the post and the connection.
    pub target: TargetId,
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's network.
    pub network: Network,
    /// How long a text this connection may publish, in the network's own unit (X: 280, 4,000 or
    /// 25,000).
    pub text_limit: u32,
}

/// The id of a post's target on a connection: always the same.
#[must_use]
pub fn target_id(post: PostId, connection: ConnectionId) -> TargetId {
    TargetId::derived(post.uuid(), &connection.to_string())
}
