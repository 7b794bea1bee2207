//! GitHub's adapter against a small GitHub of our own making.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

mod fake;
mod health;
mod sign_in;
