//! What the server notes about every request, in its extensions, before anybody answers it.

use std::net::IpAddr;
use uuid::Uuid;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(pub IpAddr);

/// Names a request in logs and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestId(pub Uuid);
