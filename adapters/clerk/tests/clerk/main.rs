//! Clerk's adapter against a small Clerk of our own making.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]

mod directory;
mod fake;
mod health;
mod webhooks;
