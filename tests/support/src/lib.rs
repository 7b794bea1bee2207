//! What tests share: storage fixtures for both engines and the suite that each must pass.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]
#![expect(clippy::missing_panics_doc, reason = "a test panics when it fails")]

mod fresh;
pub mod samples;
mod server;
pub mod storage;
pub mod suite;

pub use fresh::Fresh;
pub use storage::Storage;
