//! The production storage engine: PostgreSQL behind the storage ports.
//!
//! **Invariant:** a read may be repeated on a fresh connection, a write never is; `herald-sqlite` has
//! a file of the same name for every file here but `adopt`, `asking`, `announcements` and
//! `snapshot`.

mod adopt;
mod announcements;
mod asking;
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
mod snapshot;
mod suppressions;
mod view_changes;
mod views;

pub use announcements::Neighbours;
pub use errors::OpenError;
pub use open::{Postgres, PostgresSettings};
