//! The transport, proven against a small schema: the specification line by line, and the bounds.

mod bounds;
mod conformance;
mod nonsense;
mod streams;
mod websockets;
mod world;
