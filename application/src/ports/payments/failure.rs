//! Why the payment provider did not do, or did not say, what was asked.

use herald_kernel::Instant;

/// A call to the payment provider that gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentFailure {
    /// There are no credentials here.
    #[error("no payment provider is configured; set STRIPE_SECRET_KEY")]
    NotConfigured,
    /// The provider does not take our credentials: an operator must act.
    #[error("the payment provider does not accept our key: {message}")]
    Authentication {
        /// The provider's own words, redacted.
        message: String,
    },
    /// The payer's card or bank said no.
    #[error("the payment was declined ({}): {}", decline_code.as_deref().unwrap_or(code), advice.words())]
    Card {
        /// The provider's code, such as `card_declined`.
        code: String,
        /// The bank's reason, such as `insufficient_funds`.
        decline_code: Option<String>,
        /// What the payer can do.
        advice: CardAdvice,
    },
    /// Asked too often, or somebody else holds the object.
    #[error("the payment provider asks us to wait ({reason})")]
    RateLimited {
        /// The provider's reason, such as `lock_timeout`; `own-budget` is ours.
        reason: String,
        /// When to ask again, if that is known.
        retry_at: Option<Instant>,
    },
    /// No answer, or none that can be read. The same key may be used again either way.
    #[error("the payment provider did not answer: {cause}")]
    Unreachable {
        /// What was seen.
        cause: String,
        /// Whether the call may have had its effect.
        reached: Reached,
        /// When to ask again, if that is known.
        retry_at: Option<Instant>,
    },
    /// The provider understood and said no.
    #[error("the payment provider refused ({code}): {message}")]
    Refused {
        /// The provider's code, such as `resource_missing`.
        code: String,
        /// The parameter at fault.
        param: Option<String>,
        /// The provider's own words, redacted.
        message: String,
    },
    /// The key was used before in a way that this call contradicts.
    #[error("the idempotency key is {}", .0.words())]
    IdempotencyConflict(KeyConflict),
}

/// Whether an unanswered call may have had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It never left: certainly nothing was done.
    No,
    /// Nobody knows.
    Perhaps,
}

/// How a key was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyConflict {
    /// By a call that is still under way: ask again later.
    InFlight,
    /// For something else: a fault of ours, and repeating does not help.
    OtherParameters,
}

/// What the payer can do about a declined payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardAdvice {
    /// Try the same card again in a while.
    TryLater,
    /// Use another card.
    OtherCard,
    /// Correct the number, the date, the security code or the postcode.
    CorrectDetails,
    /// Put money on the account, or use another card.
    AddFunds,
    /// Ask the bank, or use another card.
    AskBank,
    /// Confirm the payment with the bank.
    Confirm,
    /// A real card cannot be used with test keys, nor a test card with live ones.
    WrongMode,
}

impl PaymentFailure {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "PAYMENTS_NOT_CONFIGURED",
            Self::Authentication { .. } => "PAYMENTS_AUTHENTICATION",
            Self::Card { .. } => "PAYMENT_DECLINED",
            Self::RateLimited { .. } => "PAYMENTS_RATE_LIMITED",
            Self::Unreachable { .. } => "PAYMENTS_UNREACHABLE",
            Self::Refused { .. } => "PAYMENTS_REFUSED",
            Self::IdempotencyConflict(_) => "PAYMENTS_KEY_CONFLICT",
        }
    }

    /// May the same call with the same key succeed later, with nobody doing anything?
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unreachable { .. }
            | Self::IdempotencyConflict(KeyConflict::InFlight) => true,
            Self::NotConfigured
            | Self::Authentication { .. }
            | Self::Card { .. }
            | Self::Refused { .. }
            | Self::IdempotencyConflict(KeyConflict::OtherParameters) => false,
        }
    }

    /// When to ask again, if that is known.
    #[must_use]
    pub const fn retry_at(&self) -> Option<Instant> {
        match self {
            Self::RateLimited { retry_at, .. } | Self::Unreachable { retry_at, .. } => *retry_at,
            Self::NotConfigured
            | Self::Authentication { .. }
            | Self::Card { .. }
            | Self::Refused { .. }
            | Self::IdempotencyConflict(_) => None,
        }
    }

    /// Does the provider not know the object that was named?
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "resource_missing")
    }
}

impl KeyConflict {
    const fn words(self) -> &'static str {
        match self {
            Self::InFlight => "in use by a call that is still under way",
            Self::OtherParameters => "taken by a call with other parameters",
        }
    }
}

impl CardAdvice {
    /// The advice in one sentence, for the payer.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::TryLater => "Try again in a few minutes; if it fails again, use another card.",
            Self::OtherCard => "Use another card or another way to pay.",
            Self::CorrectDetails => "Check the card's number, date, security code and postcode.",
            Self::AddFunds => "The account has not enough money: top it up, or use another card.",
            Self::AskBank => "Ask your bank why it declined, or use another card.",
            Self::Confirm => "Your bank wants you to confirm the payment: open the bill and do so.",
            Self::WrongMode => {
                "Test cards work only in test mode, and real cards only in live mode."
            }
        }
    }
}
