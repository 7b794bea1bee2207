//! What can be asked for: use cases, by aggregate and topic.
//!
//! A use case is a struct: its fields are the input, its [`UseCase`](crate::execute::UseCase)
//! implementation says who may ask, loads what it needs through [`Work`](crate::execute::Work), and
//! lets the domain decide. [`Desk::carry_out`](crate::desk::Desk::carry_out) does the rest.

pub mod account;
pub mod api_key;
pub mod connection;
pub mod media;
pub mod plan;
pub mod post;
pub mod subscription;
