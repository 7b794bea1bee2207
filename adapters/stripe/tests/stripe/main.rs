//! Stripe's adapter against a small Stripe of our own making: what it sends, and what it makes of
//! answers.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]

mod effects;
mod fake;
mod faults;
mod health;
mod published;
mod reads;
mod setup;
mod shapes;
mod webhooks;
