//! Sending, once for each key.

use crate::{
    Resend,
    wire::{self, Accepted, SendEmail},
};
use async_trait::async_trait;
use herald_application::ports::{Mail, MailFailure, Messages};
use herald_http_client::{Failure, HeaderName, Method, Request};
use herald_kernel::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

/// Resend forgets keys after 24 hours and takes none of more than 256 characters.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

#[async_trait]
impl Messages for Resend {
    async fn send(&self, mail: &Mail) -> Result<String, MailFailure> {
        let body = SendEmail::of(mail, &self.settings.from);
        let request = Request::new("send_email", Method::POST, ["emails"])
            .bearer(&self.settings.key)
            .header(IDEMPOTENCY_KEY, &mail.key)
            .json(&body);
        match self.client.send(&request).await {
            // It was taken; the same key asks again without sending again.
            Ok(answer) => answer.json().map(|Accepted { id }| id).map_err(|_| {
                MailFailure::Retry("Resend's answer is not of its documented form".to_owned())
            }),
            Err(error) => Err(failed(&error.failure, self.client.environment().wall())),
        }
    }
}

fn failed(failure: &Failure, now: SystemTime) -> MailFailure {
    let retry = || MailFailure::Retry(failure.code().to_owned());
    let Some(name) = failure.answer().and_then(wire::name) else {
        return match failure {
            Failure::Unsendable { reason } => MailFailure::Refused { code: (*reason).to_owned() },
            Failure::Network(_)
            | Failure::Timeout
            | Failure::RateLimited { .. }
            | Failure::Authentication(_)
            | Failure::Outage(_)
            | Failure::Refusal(_)
            | Failure::InvalidAnswer { .. }
            | Failure::BreakerOpen { .. }
            | Failure::TooLarge { .. } => retry(),
        };
    };
    match name.as_str() {
        name if wire::is_quota(name) => {
            next_day(now).map_or_else(retry, |until| MailFailure::Quota { until })
        }
        "invalid_idempotent_request" => MailFailure::TakenBefore,
        // Keys are mended by an operator; what is under way comes to its end.
        "missing_api_key"
        | "invalid_api_key"
        | "restricted_api_key"
        | "concurrent_idempotent_requests"
        | "rate_limit_exceeded" => MailFailure::Retry(name),
        _ if failure.is_transient() => MailFailure::Retry(name),
        _ => MailFailure::Refused { code: name },
    }
}

/// When the next day of UTC begins. A month's quota is asked for every day: a plan may be raised.
fn next_day(now: SystemTime) -> Option<Instant> {
    const DAY: u64 = 86_400;
    let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let next = (seconds / DAY).checked_add(1)?.checked_mul(DAY)?.checked_mul(1_000_000)?;
    Instant::from_micros(i64::try_from(next).ok()?)
}
