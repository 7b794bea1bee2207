//! Cognito's adapter against a small Cognito of our own making.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]

mod asked;
mod directory;
mod fake;
mod health;
mod password;
mod registration;
