//! The writer against fake chat endpoints: what is sent, what comes of answers, who is asked next.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

mod fake;
mod fallback;
mod health;
mod requests;
