//! The embedded storage engine: SQLite behind the storage ports.
//!
//! **Invariant:** one connection writes, every other one only reads; `herald-postgres` has a file of
//! the same name for every file here.

mod content;
mod errors;
mod events;
mod inbox;
mod inbox_board;
mod job_board;
mod job_changes;
mod jobs;
mod key_wraps;
mod keys;
mod links;
mod log_reader;
mod media;
mod observations;
mod open;
mod projections;
mod refreshes;
mod rows;
mod secrets;
mod sequencer;
mod sessions;
mod sign_ins;
mod suppressions;
mod view_changes;
mod views;

pub use errors::OpenError;
pub use open::{Sqlite, SqliteSettings};
