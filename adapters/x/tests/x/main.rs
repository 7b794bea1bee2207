//! X's adapter against a small X of our own making: what it sends, and what it makes of answers.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]

mod asked;
mod consent;
mod fake;
mod health;
mod lookups;
mod pictures;
mod posts;
