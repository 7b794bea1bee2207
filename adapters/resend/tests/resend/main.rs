//! Resend's adapter against a small Resend of our own making.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

mod fake;
mod sending;
mod webhooks;
