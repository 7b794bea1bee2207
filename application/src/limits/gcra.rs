//! How many calls in a short time are too many: the generic cell rate algorithm, in memory.
//!
//! A bucket is one instant: when it will be empty again. It holds so many calls in so much time, and
//! drains evenly, so that no burst is ever larger than the whole.

use herald_kernel::Instant;
use moka::sync::Cache;
use std::{
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Buckets that are kept at once. Whose bucket was pushed out begins with an empty one.
const AT_MOST: u64 = 100_000;

/// So many calls in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; none at all when 0.
    pub calls: u32,
    /// In how much time.
    pub window: Duration,
}

impl Rate {
    /// So many in a minute.
    #[must_use]
    pub const fn per_minute(calls: u32) -> Self {
        Self { calls, window: Duration::from_secs(60) }
    }

    /// One replica's part of it, at least one call.
    #[must_use]
    pub fn share(self, replicas: u32) -> Self {
        Self { calls: (self.calls / replicas.max(1)).max(u32::from(self.calls > 0)), ..self }
    }

    fn window_nanos(self) -> u64 {
        u64::try_from(self.window.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// What a bucket says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// May it pass?
    pub passes: bool,
    /// How many more would pass now.
    pub remaining: u32,
    /// In how many seconds the bucket is empty again.
    pub empty_in: u64,
    /// In how many seconds a refused call would pass.
    pub retry_in: u64,
}

/// When the bucket is empty again, in nanoseconds since 1970; 0 for an empty one.
#[derive(Debug, Default)]
pub(super) struct Bucket(u64);

impl Bucket {
    /// Pours `cost` in, if it fits. What costs more than a whole bucket needs an empty one.
    pub(super) fn pour(&mut self, rate: Rate, now: Instant, cost: u32) -> Level {
        let window = rate.window_nanos();
        let Some(drop) = window.checked_div(rate.calls.into()) else {
            let seconds = rate.window.as_secs();
            return Level { passes: false, remaining: 0, empty_in: seconds, retry_in: seconds };
        };
        let now = u64::try_from(now.micros()).unwrap_or_default().saturating_mul(1_000);
        // A clock that was set back must not lock anybody out for longer than a window.
        let filled = self.0.saturating_sub(now).min(window);
        let wanted = drop.saturating_mul(cost.min(rate.calls).into());
        let passes = filled.saturating_add(wanted) <= window;
        let level = if passes { filled.saturating_add(wanted) } else { filled };
        self.0 = now.saturating_add(level);
        let remaining = window.saturating_sub(level).checked_div(drop).unwrap_or_default();
        Level {
            passes,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX).min(rate.calls),
            empty_in: seconds(level),
            retry_in: seconds(filled.saturating_add(wanted).saturating_sub(window)),
        }
    }
}

const fn seconds(nanos: u64) -> u64 {
    nanos.div_ceil(1_000_000_000)
}

/// A bucket for each of many.
#[derive(Debug)]
pub struct Buckets<K: Hash + Eq + Send + Sync + 'static>(Cache<K, Arc<Mutex<Bucket>>>);

impl<K: Hash + Eq + Send + Sync + 'static> Default for Buckets<K> {
    fn default() -> Self {
        // A bucket that nobody touched for longer than any window is empty.
        let idle = Duration::from_secs(3_700);
        Self(Cache::builder().max_capacity(AT_MOST).time_to_idle(idle).build())
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    /// Pours into the bucket of `key`.
    pub fn pour(&self, key: K, rate: Rate, now: Instant, cost: u32) -> Level {
        let bucket = self.0.get_with(key, Arc::default);
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.pour(rate, now, cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: u64) -> Instant {
        Instant::from_micros(i64::try_from(millis * 1_000).expect("small")).expect("valid")
    }

    /// The same as a leaky bucket that is worked out in exact fractions.
    #[derive(Default)]
    struct Reference {
        /// In calls times window nanoseconds, so that nothing is rounded.
        filled: u128,
        then: u64,
    }

    impl Reference {
        fn pour(&mut self, calls: u32, window: u64, now: u64, cost: u32) -> bool {
            let drained = u128::from(now - self.then) * u128::from(calls);
            self.filled = self.filled.saturating_sub(drained);
            self.then = now;
            let wanted = u128::from(cost.min(calls)) * u128::from(window);
            let passes = self.filled + wanted <= u128::from(calls) * u128::from(window);
            self.filled += if passes { wanted } else { 0 };
            passes
        }
    }

    proptest! {
        // Divisors of the window only: there the two agree to the nanosecond.
        #[test]
        fn it_agrees_with_a_leaky_bucket(
            calls in prop::sample::select(vec![1_u32, 2, 3, 5, 10, 60, 100, 600]),
            steps in prop::collection::vec((0_u64..5_000, 1_u32..4), 1..200),
        ) {
            let rate = Rate::per_minute(calls);
            let (mut bucket, mut reference, mut now) = (Bucket::default(), Reference::default(), 0);
            for (pause, cost) in steps {
                now += pause;
                let expected = reference.pour(calls, 60_000, now, cost);
                let level = bucket.pour(rate, at(now), cost);
                prop_assert_eq!(level.passes, expected);
                prop_assert!(level.passes || level.retry_in > 0);
            }
        }

        #[test]
        fn no_window_holds_more_than_twice_the_rate_and_the_first_burst_exactly_it(
            calls in 1_u32..500, tries in 1_u32..1_500,
        ) {
            let mut bucket = Bucket::default();
            let rate = Rate::per_minute(calls);
            let passed = (0..tries).filter(|_| bucket.pour(rate, at(9), 1).passes).count();
            prop_assert_eq!(passed, usize::try_from(calls.min(tries)).expect("small"));
        }

        #[test]
        fn whoever_waits_as_long_as_told_passes(calls in 1_u32..500, cost in 1_u32..20) {
            let (mut bucket, rate) = (Bucket::default(), Rate::per_minute(calls));
            while bucket.pour(rate, at(0), cost).passes {}
            let told = bucket.pour(rate, at(0), cost).retry_in;
            prop_assert!(bucket.pour(rate, at(told * 1_000), cost).passes);
        }
    }

    #[test]
    fn ten_replicas_share_a_rate_and_each_has_at_least_one() {
        assert_eq!(Rate::per_minute(100).share(10), Rate::per_minute(10));
        assert_eq!(Rate::per_minute(3).share(10), Rate::per_minute(1));
        assert_eq!(Rate::per_minute(0).share(10), Rate::per_minute(0));
        assert!(!Bucket::default().pour(Rate::per_minute(0), at(0), 1).passes);
    }
}
