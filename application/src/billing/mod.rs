//! What an account pays for and the payment provider: asking it, hearing from it, waiting for it.
//!
//! **Invariant:** what a webhook says is a reason to ask and never an answer: what counts is fetched.

mod account;
mod facts;
mod questions;
pub mod return_to;
mod setup;
mod sync;
pub mod tax;
mod waiting;
mod webhooks;

pub use account::account_of;
pub(crate) use questions::methods_of;
pub use questions::{invoices, look, payment_methods, preview_change};
pub(crate) use setup::meter_of;
pub use setup::setup;
pub(crate) use sync::subscription;
pub use sync::{sync_customer, sync_job};
pub use waiting::{Page, await_checkout, await_portal};
pub use webhooks::PaymentWebhooks;

use crate::{business::Payments, desk::Desk, jobs::JobFailure, ports::payments::PaymentFailure};

/// Who takes payments here.
pub fn payments(desk: &Desk) -> Result<&Payments, PaymentFailure> {
    desk.business.payments.as_ref().ok_or(PaymentFailure::NotConfigured)
}

impl From<PaymentFailure> for JobFailure {
    fn from(failure: PaymentFailure) -> Self {
        let text = format!("{}: {failure}", failure.code());
        if failure.retryable() { Self::Retry(text) } else { Self::GiveUp(text) }
    }
}

/// What is recorded of a failure that trying again does not mend: the code, and what the payer can
/// do where a card was declined, as `code` or `code:advice`.
#[must_use]
pub fn recorded_code(failure: &PaymentFailure) -> String {
    match failure {
        PaymentFailure::Card { code, decline_code, advice } => {
            let code = decline_code.as_deref().unwrap_or(code);
            let advice = serde_json::to_value(advice).unwrap_or_default();
            format!("{code}:{}", advice.as_str().unwrap_or("other_card"))
        }
        PaymentFailure::Refused { code, .. } => code.clone(),
        PaymentFailure::NotConfigured
        | PaymentFailure::Authentication { .. }
        | PaymentFailure::RateLimited { .. }
        | PaymentFailure::Unreachable { .. }
        | PaymentFailure::IdempotencyConflict(_) => failure.code().to_owned(),
    }
}

#[cfg(test)]
mod interleavings;
#[cfg(test)]
pub(crate) mod tests;
