//! Why a call did not succeed, in the few tiers that callers act on.

use crate::Answer;
use std::time::SystemTime;

/// A call that gave no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{provider} did not carry out {operation} (tries: {tries}): {failure}")]
pub struct Error {
    /// Who was asked.
    pub provider: &'static str,
    /// What was asked.
    pub operation: &'static str,
    /// How often it went over the wire.
    pub tries: u32,
    /// Why it failed.
    pub failure: Failure,
}

/// The tiers of failure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No connection, or one that broke.
    #[error("{0}")]
    Network(NetworkCause),
    /// Connected, but no whole answer in time.
    #[error("no complete answer in the time allowed")]
    Timeout,
    /// Asked too often: the provider's word, or our own budget.
    #[error("the rate limit is reached{}", until_text(*until))]
    RateLimited {
        /// When to ask again, where known.
        until: Option<SystemTime>,
        /// The provider's answer; `None` when our own budget said no.
        answer: Option<Box<Answer>>,
    },
    /// The credentials were not accepted.
    #[error("the credentials were refused ({0:?})")]
    Authentication(Box<Answer>),
    /// The provider is in trouble.
    #[error("the provider is in trouble ({0:?})")]
    Outage(Box<Answer>),
    /// The provider understood and said no.
    #[error("refused ({0:?})")]
    Refusal(Box<Answer>),
    /// An answer that makes no sense.
    #[error("the answer cannot be used: {reason}")]
    InvalidAnswer {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not asked: the provider failed often enough just now.
    #[error("not asked, because the provider has been failing{}", until_text(Some(*until)))]
    BreakerOpen {
        /// When one call may probe again.
        until: SystemTime,
    },
    /// The answer is larger than we read.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The request cannot be put on the wire.
    #[error("the request cannot be sent: {reason}")]
    Unsendable {
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Where the network failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkCause {
    /// The name has no address.
    #[error("the host name could not be resolved")]
    Name,
    /// Nobody listens, or nobody answered in time.
    #[error("no connection could be made")]
    Connect,
    /// The encrypted handshake failed.
    #[error("the encrypted connection could not be made")]
    Tls,
    /// The connection broke before the answer was whole.
    #[error("the connection broke before the answer was complete")]
    Broken,
}

impl Failure {
    /// A stable code for metrics, jobs and people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Network(_) => "PROVIDER_NETWORK",
            Self::Timeout => "PROVIDER_TIMEOUT",
            Self::RateLimited { .. } => "PROVIDER_RATE_LIMITED",
            Self::Authentication(_) => "PROVIDER_AUTHENTICATION",
            Self::Outage(_) => "PROVIDER_OUTAGE",
            Self::Refusal(_) => "PROVIDER_REFUSED",
            Self::InvalidAnswer { .. } => "PROVIDER_INVALID_ANSWER",
            Self::BreakerOpen { .. } => "PROVIDER_BREAKER_OPEN",
            Self::TooLarge { .. } => "PROVIDER_ANSWER_TOO_LARGE",
            Self::Unsendable { .. } => "PROVIDER_REQUEST_UNSENDABLE",
        }
    }

    /// The provider's answer, where there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Authentication(answer) | Self::Outage(answer) | Self::Refusal(answer) => {
                Some(answer)
            }
            Self::RateLimited { answer: Some(answer), .. } => Some(answer),
            Self::RateLimited { answer: None, .. }
            | Self::Network(_)
            | Self::Timeout
            | Self::InvalidAnswer { .. }
            | Self::BreakerOpen { .. }
            | Self::TooLarge { .. }
            | Self::Unsendable { .. } => None,
        }
    }

    /// When asking again makes sense, where the provider or we ourselves said so.
    #[must_use]
    pub const fn until(&self) -> Option<SystemTime> {
        match self {
            Self::RateLimited { until, .. } => *until,
            Self::BreakerOpen { until } => Some(*until),
            Self::Network(_)
            | Self::Timeout
            | Self::Authentication(_)
            | Self::Outage(_)
            | Self::Refusal(_)
            | Self::InvalidAnswer { .. }
            | Self::TooLarge { .. }
            | Self::Unsendable { .. } => None,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Network(_)
            | Self::Timeout
            | Self::RateLimited { .. }
            | Self::Outage(_)
            | Self::BreakerOpen { .. } => true,
            Self::Authentication(_)
            | Self::Refusal(_)
            | Self::InvalidAnswer { .. }
            | Self::TooLarge { .. }
            | Self::Unsendable { .. } => false,
        }
    }

    /// Whether the provider itself is to blame, which is what the circuit breaker counts.
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(self, Self::Network(_) | Self::Timeout | Self::Outage(_))
    }
}

fn until_text(until: Option<SystemTime>) -> String {
    until.map_or_else(String::new, |at| format!(" until {}", httpdate::fmt_http_date(at)))
}
