//! Any OIDC issuer's adapter against an issuer of our own making: which tokens it believes.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]

mod claims;
mod fake;
mod hostile;
mod keys;
mod profiles;
mod sign_in;
