//! What is counted about every call: how many, how long, how often again, how near the limit, what
//! it cost.

use crate::{BreakerState, LimitStanding};
use std::time::Duration;

/// One call has ended. `outcome` is `ok` or a failure's code.
pub(crate) fn ended(
    provider: &'static str,
    operation: &'static str,
    outcome: &'static str,
    took: Duration,
) {
    metrics::counter!(
        "provider_requests_total",
        "provider" => provider, "operation" => operation, "outcome" => outcome
    )
    .increment(1);
    metrics::histogram!(
        "provider_request_seconds",
        "provider" => provider, "operation" => operation
    )
    .record(took.as_secs_f64());
}

/// A call is tried again.
pub(crate) fn retried(provider: &'static str, operation: &'static str) {
    metrics::counter!(
        "provider_retries_total",
        "provider" => provider, "operation" => operation
    )
    .increment(1);
}

/// A good answer was at hand.
pub(crate) fn cached(provider: &'static str, operation: &'static str) {
    metrics::counter!(
        "provider_cache_hits_total",
        "provider" => provider, "operation" => operation
    )
    .increment(1);
}

/// An answer told how much of an allowance is used.
pub(crate) fn limit(provider: &'static str, standing: &LimitStanding) {
    metrics::gauge!(
        "provider_limit_utilisation",
        "provider" => provider, "operation" => standing.operation, "unit" => standing.unit
    )
    .set(standing.utilisation());
}

/// A call cost money.
pub(crate) fn cost(provider: &'static str, operation: &'static str, nano_usd: u64) {
    metrics::counter!(
        "provider_cost_nano_usd_total",
        "provider" => provider, "operation" => operation
    )
    .increment(nano_usd);
}

/// What the breaker lets through: 0 everything, 1 one probe, 2 nothing.
pub(crate) fn breaker(provider: &'static str, state: BreakerState) {
    let value = match state {
        BreakerState::Closed => 0.0,
        BreakerState::HalfOpen => 1.0,
        BreakerState::Open => 2.0,
    };
    metrics::gauge!("provider_breaker_state", "provider" => provider).set(value);
}
