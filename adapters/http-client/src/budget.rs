//! Our own budget of calls: so many a minute, spread by a virtual clock.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A generic cell rate: after a quiet minute the whole minute's budget may go at once.
#[derive(Debug)]
pub(crate) struct Budget {
    per_minute: u32,
    /// The time at which everything taken so far would have been due.
    due: Mutex<Option<Instant>>,
}

impl Budget {
    pub(crate) const fn new(per_minute: u32) -> Self {
        Self { per_minute, due: Mutex::new(None) }
    }

    /// Takes `cells`, or says how long to wait before asking again.
    pub(crate) fn take(&self, now: Instant, cells: u32) -> Result<(), Duration> {
        let per_minute = self.per_minute.max(1);
        // One call larger than the minute's budget would otherwise wait for ever.
        let cost = MINUTE * cells.min(per_minute) / per_minute;
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = due.map_or(Duration::ZERO, |due| due.saturating_duration_since(now)) + cost;
        if let Some(wait) = ahead.checked_sub(MINUTE).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        *due = now.checked_add(ahead);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_spent_budget_says_how_long_to_wait() {
        let (budget, now) = (Budget::new(2), Instant::now());
        assert_eq!(budget.take(now, 1), Ok(()));
        assert_eq!(budget.take(now, 1), Ok(()));
        assert_eq!(budget.take(now, 1), Err(Duration::from_secs(30)));
        assert_eq!(budget.take(now + Duration::from_secs(30), 1), Ok(()));
    }

    #[test]
    fn a_call_larger_than_the_budget_waits_for_a_full_one_and_no_longer() {
        let (budget, now) = (Budget::new(100), Instant::now());
        assert_eq!(budget.take(now, 1), Ok(()));
        let wait = budget.take(now, 1_000_000).expect_err("must wait");
        assert_eq!(budget.take(now + wait, 1_000_000), Ok(()));
    }

    proptest! {
        #[test]
        fn over_an_hour_the_budget_is_kept(
            per_minute in 1_u32..200,
            steps in prop::collection::vec(0_u64..5_000, 1..400),
        ) {
            let (budget, start) = (Budget::new(per_minute), Instant::now());
            let mut now = start;
            let mut taken = 0_u32;
            for step in steps {
                now += Duration::from_millis(step);
                if budget.take(now, 1).is_ok() { taken += 1; }
            }
            let minutes = now.duration_since(start).as_secs_f64() / 60.0;
            prop_assert!(f64::from(taken) <= f64::from(per_minute) * (minutes + 1.0) + 1.0);
        }
    }
}
