//! A local stand-in for the providers: their real HTTP, with faults on demand.
//!
//! The sandbox answers under one prefix per provider (`/x/…`, `/openrouter/api/v1/…`,
//! `/openai/v1/…`), keeps a ledger of every effect that really happened (`/_ledger`), shows
//! what was "published" (`/`) and misbehaves when it is told to (`/_control`). It knows nothing
//! of Herald: it reads only what a provider would read, so that it can be the oracle.

mod chat;
mod clock;
mod control;
mod faults;
mod inject;
mod ledger;
mod operations;
mod page;
mod server;
mod state;
mod world;
mod x;

pub use faults::{Cut, Effect, Kind, Rule};
pub use ledger::{Entry, LedgerError};
pub use server::{Running, Sandbox, Settings, StartError, router};
pub use state::State;
pub use world::Vocabulary;
pub use x::oauth::{CLIENT_ID, CLIENT_SECRET, Client, PUBLIC_CLIENT_ID};
