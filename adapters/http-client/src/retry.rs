//! Whether and when a failed call is tried again.

use crate::{Environment, Failure, Settings, when};
use std::time::{Duration, SystemTime};

/// Follows one call through its tries.
#[derive(Debug)]
pub(crate) struct Retry {
    tries: u32,
    spent: Duration,
}

impl Retry {
    pub(crate) const fn new() -> Self {
        Self { tries: 0, spent: Duration::ZERO }
    }

    pub(crate) const fn tries(&self) -> u32 {
        self.tries
    }

    pub(crate) const fn tried(&mut self) {
        self.tries = self.tries.saturating_add(1);
    }

    /// Takes `span` from the call's patience.
    pub(crate) fn has_patience(&mut self, span: Duration, settings: &Settings) -> bool {
        let spent = self.spent.saturating_add(span);
        let patient = spent <= settings.patience;
        if patient {
            self.spent = spent;
        }
        patient
    }

    /// The pause before the next try, or `None` when `failure` is the last word.
    pub(crate) fn pause(
        &mut self,
        failure: &Failure,
        tries: u32,
        settings: &Settings,
        environment: &dyn Environment,
    ) -> Option<Duration> {
        if self.tries >= tries || !may_pass(failure, settings) {
            return None;
        }
        let asked = asked_until(failure, environment.wall())
            .and_then(|at| at.duration_since(environment.wall()).ok())
            .unwrap_or_default();
        let backoff = settings.base_delay * 2_u32.saturating_pow(self.tries.saturating_sub(1));
        let longer = 1.0 + settings.jitter.clamp(0.0, 1.0) * environment.chance();
        // Chance only adds: a provider's "not before" is kept.
        let pause = Duration::try_from_secs_f64(backoff.max(asked).as_secs_f64() * longer).ok()?;
        self.has_patience(pause, settings).then_some(pause)
    }
}

fn may_pass(failure: &Failure, settings: &Settings) -> bool {
    let worth_asking_again = failure.answer().is_none_or(|answer| !(settings.is_final)(answer));
    match failure {
        Failure::Network(_) | Failure::Timeout | Failure::Outage(_) => worth_asking_again,
        Failure::RateLimited { answer, .. } => answer.is_some() && worth_asking_again,
        Failure::Authentication(_)
        | Failure::Refusal(_)
        | Failure::InvalidAnswer { .. }
        | Failure::BreakerOpen { .. }
        | Failure::TooLarge { .. }
        | Failure::Unsendable { .. } => false,
    }
}

fn asked_until(failure: &Failure, now: SystemTime) -> Option<SystemTime> {
    failure.until().or_else(|| failure.answer().and_then(|answer| when::retry_at(answer, now)))
}
