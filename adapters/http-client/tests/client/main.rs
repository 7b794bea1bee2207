//! The client against a provider that misbehaves in every way that a socket allows.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

mod commits;
mod provider;
mod retries;
mod secrets;
mod world;
