//! The transport, proven against a small schema: the specification line by line, and the bounds.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod nonsense;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod websockets;
#[cfg(test)]
mod world;
