//! How clients ask and command: GraphQL over HTTP, over WebSockets and as event streams.

pub mod http;
pub mod limits;
pub mod schema;
pub mod sse;
pub mod websocket;
