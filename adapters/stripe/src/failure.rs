//! What Stripe's refusals and silences mean.

use crate::instant;
use herald_application::ports::payments::{CardAdvice, KeyConflict, PaymentFailure, Reached};
use herald_http_client::{Answer, Error, Failure, NetworkCause, redact};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Trouble,
}

/// Stripe's `error` object, as far as we act on it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Trouble {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl Trouble {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    fn code_or(&self, fallback: impl FnOnce() -> String) -> String {
        self.code.clone().or_else(|| self.kind.clone()).unwrap_or_else(fallback)
    }

    fn words(&self) -> String {
        self.message.as_deref().map_or_else(|| "Stripe gave no reason".to_owned(), redact)
    }
}

/// What a failed call means.
pub(crate) fn failed(error: &Error) -> PaymentFailure {
    let failure = &error.failure;
    let retry_at = failure.until().map(instant);
    match failure {
        Failure::Authentication(answer) => {
            PaymentFailure::Authentication { message: read(answer).words() }
        }
        Failure::RateLimited { answer, .. } => {
            let reason = answer.as_deref().map_or_else(|| "own-budget".to_owned(), reason);
            PaymentFailure::RateLimited { reason, retry_at }
        }
        Failure::Refusal(answer) => refused(answer),
        Failure::Unsendable { reason } => PaymentFailure::Refused {
            code: "unsendable".to_owned(),
            param: None,
            message: (*reason).to_owned(),
        },
        Failure::Network(_)
        | Failure::Timeout
        | Failure::Outage(_)
        | Failure::InvalidAnswer { .. }
        | Failure::BreakerOpen { .. }
        | Failure::TooLarge { .. } => PaymentFailure::Unreachable {
            cause: failure.to_string(),
            reached: reached(error),
            retry_at,
        },
    }
}

/// Certainly nothing was done only if no try could have arrived: an earlier one may have.
fn reached(error: &Error) -> Reached {
    let never_left = match error.failure {
        Failure::Network(cause) => cause != NetworkCause::Broken && error.tries <= 1,
        Failure::BreakerOpen { .. } => error.tries == 0,
        Failure::Timeout
        | Failure::RateLimited { .. }
        | Failure::Authentication(_)
        | Failure::Outage(_)
        | Failure::Refusal(_)
        | Failure::InvalidAnswer { .. }
        | Failure::TooLarge { .. }
        | Failure::Unsendable { .. } => false,
    };
    if never_left { Reached::No } else { Reached::Perhaps }
}

/// A good answer in which we cannot find what we need. What was asked for was done.
pub(crate) fn unreadable(why: &impl std::fmt::Display) -> PaymentFailure {
    PaymentFailure::Unreachable {
        cause: format!("Stripe's answer cannot be read: {}", redact(&why.to_string())),
        reached: Reached::Perhaps,
        retry_at: None,
    }
}

fn read(answer: &Answer) -> Trouble {
    answer.json::<Refusal>().map(|refusal| refusal.error).unwrap_or_default()
}

/// Which limit was reached, as the header or the code says.
fn reason(answer: &Answer) -> String {
    let told = answer.header("stripe-rate-limited-reason").map(redact);
    told.unwrap_or_else(|| read(answer).code_or(|| "rate_limit".to_owned()))
}

fn refused(answer: &Answer) -> PaymentFailure {
    let trouble = read(answer);
    let status = answer.status.as_u16();
    let in_use = trouble.code.as_deref() == Some("idempotency_key_in_use");
    match status {
        409 if in_use || trouble.is("idempotency_error") => {
            PaymentFailure::IdempotencyConflict(KeyConflict::InFlight)
        }
        // Another call holds the object; the same call may pass in a moment.
        409 if trouble.code.as_deref() == Some("lock_timeout") => {
            PaymentFailure::RateLimited { reason: "lock_timeout".to_owned(), retry_at: None }
        }
        _ if trouble.is("idempotency_error") => {
            PaymentFailure::IdempotencyConflict(KeyConflict::OtherParameters)
        }
        // Something that Stripe depends on did not answer.
        424 => PaymentFailure::Unreachable {
            cause: trouble.words(),
            reached: Reached::Perhaps,
            retry_at: None,
        },
        _ if trouble.is("card_error") || status == 402 => declined(&trouble),
        _ => PaymentFailure::Refused {
            code: trouble.code_or(|| format!("http-{status}")),
            param: trouble.param.clone(),
            message: trouble.words(),
        },
    }
}

fn declined(trouble: &Trouble) -> PaymentFailure {
    let code = trouble.code_or(|| "card_declined".to_owned());
    // The bank's reason says more than Stripe's code where both are there.
    let advice = advice(trouble.decline_code.as_deref().unwrap_or(&code));
    PaymentFailure::Card { code, decline_code: trouble.decline_code.clone(), advice }
}

/// What the payer can do, by the decline codes that Stripe documents. Codes such as `lost_card` and
/// `fraudulent` must not be told to whoever holds the card, so they read like a plain no.
fn advice(code: &str) -> CardAdvice {
    use CardAdvice as A;
    match code {
        "approve_with_id"
        | "issuer_not_available"
        | "processing_error"
        | "reenter_transaction"
        | "try_again_later" => A::TryLater,
        "incorrect_cvc"
        | "incorrect_number"
        | "incorrect_zip"
        | "incorrect_address"
        | "incorrect_pin"
        | "invalid_cvc"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "invalid_number"
        | "invalid_pin" => A::CorrectDetails,
        "insufficient_funds" | "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
            A::AddFunds
        }
        "authentication_required"
        | "authentication_not_handled"
        | "mobile_device_authentication_required"
        | "offline_pin_required"
        | "online_or_offline_pin_required"
        | "payment_intent_authentication_failure"
        | "subscription_payment_intent_requires_action" => A::Confirm,
        "testmode_decline" | "live_mode_test_card" | "test_mode_live_card" => A::WrongMode,
        "card_not_supported"
        | "currency_not_supported"
        | "expired_card"
        | "duplicate_transaction"
        | "lost_card"
        | "stolen_card"
        | "pickup_card"
        | "fraudulent"
        | "merchant_blacklist"
        | "pin_try_exceeded" => A::OtherCard,
        // `generic_decline`, `do_not_honor`, `call_issuer` and whatever banks think of next.
        _ => A::AskBank,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decline_leads_to_something_that_the_payer_can_do() {
        for (code, expected) in [
            ("insufficient_funds", CardAdvice::AddFunds),
            ("expired_card", CardAdvice::OtherCard),
            ("incorrect_cvc", CardAdvice::CorrectDetails),
            ("processing_error", CardAdvice::TryLater),
            ("authentication_required", CardAdvice::Confirm),
            ("do_not_honor", CardAdvice::AskBank),
            ("a_code_of_tomorrow", CardAdvice::AskBank),
        ] {
            assert_eq!(advice(code), expected, "{code}");
        }
    }

    #[test]
    fn a_thief_learns_nothing_from_the_advice() {
        assert_eq!(advice("stolen_card"), advice("card_not_supported"));
        assert_eq!(advice("fraudulent"), advice("card_not_supported"));
    }
}
