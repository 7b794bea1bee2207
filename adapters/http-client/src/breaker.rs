//! The circuit breaker: a provider that is down is left alone for a while, then probed once.

use crate::BreakerSettings;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// What the breaker lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Everything.
    Closed,
    /// One call, to see whether the provider is back.
    HalfOpen,
    /// Nothing.
    Open,
}

#[derive(Debug, Clone, Copy)]
enum Circuit {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

/// One provider's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    settings: BreakerSettings,
    circuit: Mutex<Circuit>,
}

/// Leave to make one call. Dropped without a verdict it changes nothing but frees the probe.
#[derive(Debug)]
#[must_use]
pub(crate) struct Leave<'a> {
    breaker: &'a Breaker,
    probe: bool,
    now: Instant,
}

impl Breaker {
    pub(crate) const fn new(settings: BreakerSettings) -> Self {
        Self { settings, circuit: Mutex::new(Circuit::Closed { failures: 0 }) }
    }

    /// Leave to call, or the instant at which one call may probe.
    pub(crate) fn ask(&self, now: Instant) -> Result<Leave<'_>, Instant> {
        let mut circuit = self.lock();
        match *circuit {
            Circuit::Closed { .. } => Ok(Leave { breaker: self, probe: false, now }),
            Circuit::Open { until } if now < until => Err(until),
            Circuit::Open { .. } => {
                *circuit = Circuit::Probing;
                Ok(Leave { breaker: self, probe: true, now })
            }
            Circuit::Probing => Err(now),
        }
    }

    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match *self.lock() {
            Circuit::Closed { .. } => BreakerState::Closed,
            Circuit::Open { until } if now < until => BreakerState::Open,
            Circuit::Open { .. } | Circuit::Probing => BreakerState::HalfOpen,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// The provider answered, whatever it said.
    pub(crate) fn succeeded(mut self) {
        *self.breaker.lock() = Circuit::Closed { failures: 0 };
        self.probe = false;
    }

    /// The provider is in trouble.
    pub(crate) fn failed(mut self, now: Instant) {
        let settings = self.breaker.settings;
        let mut circuit = self.breaker.lock();
        let failures = match *circuit {
            Circuit::Closed { failures } => failures.saturating_add(1),
            Circuit::Probing if self.probe => settings.failures,
            // A call from before the circuit opened does not prolong the pause.
            Circuit::Open { .. } | Circuit::Probing => return,
        };
        *circuit = if failures >= settings.failures {
            Circuit::Open { until: now.checked_add(settings.cooldown).unwrap_or(now) }
        } else {
            Circuit::Closed { failures }
        };
        drop(circuit);
        self.probe = false;
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if self.probe {
            // The prober was cancelled: the next caller may probe instead.
            *self.breaker.lock() = Circuit::Open { until: self.now };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn breaker() -> (Breaker, Instant) {
        let settings = BreakerSettings { failures: 2, cooldown: Duration::from_secs(30) };
        (Breaker::new(settings), Instant::now())
    }

    fn fail(breaker: &Breaker, now: Instant) {
        breaker.ask(now).expect("leave").failed(now);
    }

    #[test]
    fn failures_in_a_row_open_the_circuit_and_one_probe_closes_it() {
        let (breaker, now) = breaker();
        fail(&breaker, now);
        breaker.ask(now).expect("leave").succeeded();
        fail(&breaker, now);
        assert_eq!(breaker.state(now), BreakerState::Closed);
        fail(&breaker, now);
        assert_eq!(breaker.ask(now).map(drop), Err(now + Duration::from_secs(30)));

        let later = now + Duration::from_secs(30);
        let probe = breaker.ask(later).expect("one may probe");
        assert!(breaker.ask(later).is_err(), "only one may probe");
        probe.succeeded();
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn a_failed_probe_opens_again_and_a_cancelled_one_lets_the_next_probe() {
        let (breaker, now) = breaker();
        fail(&breaker, now);
        fail(&breaker, now);
        let later = now + Duration::from_secs(30);
        drop(breaker.ask(later).expect("may probe"));
        breaker.ask(later).expect("may probe after a cancelled probe").failed(later);
        assert_eq!(breaker.state(later), BreakerState::Open);
    }
}
