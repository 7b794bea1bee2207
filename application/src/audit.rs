//! Proving the log: recompute every digest and the chain, and compare.

use crate::{
    failure::Failure,
    log::digest::{GENESIS, chain, hex},
    ports::{LogReader, LoggedEvent, Ordinal, Stores},
};
use herald_kernel::Instant;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

const PAGE: u32 = 1_000;
/// Microseconds between two counts of all stored events.
const EVERY: i64 = 3_600 * 1_000_000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Events that were checked.
    pub events: i64,
    /// The chain value of the last one, hex: whoever kept an earlier one can compare.
    pub head: String,
    /// The first thing that is not as it should be.
    pub breach: Option<Breach>,
}

/// Where and how the log is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// An ordinal is missing or repeated.
    #[error("event {expected} is missing: {found} follows instead")]
    Gap {
        /// What should come.
        expected: i64,
        /// What came.
        found: i64,
    },
    /// An event's content is not what was chained.
    #[error("event {0} was changed after it was written")]
    Changed(i64),
    /// The chain does not continue.
    #[error("the chain is broken at event {0}")]
    Broken(i64),
    /// Events are stored that the log does not list.
    #[error("{stored} events are stored, {listed} are in the log")]
    Unlisted {
        /// Events stored.
        stored: i64,
        /// Events listed.
        listed: i64,
    },
}

/// Checks one logged event after the one with `previous` chain value.
pub fn check(event: &LoggedEvent, expected: i64, previous: &[u8; 32]) -> Result<(), Breach> {
    if event.ordinal.0 != expected {
        return Err(Breach::Gap { expected, found: event.ordinal.0 });
    }
    // What was written was JSON, so what is none was changed.
    let digest = event.row.digest().map_err(|_| Breach::Changed(expected))?;
    if digest != event.digest {
        return Err(Breach::Changed(expected));
    }
    if chain(previous, event.ordinal, &digest) != event.chain {
        return Err(Breach::Broken(expected));
    }
    Ok(())
}

/// Checks `page`, which follows the event `last` with the chain value `previous`; answers where the
/// next page begins, or how far it came and what is wrong.
fn check_page(page: &[LoggedEvent], mut end: End) -> Result<End, (End, Breach)> {
    for event in page {
        check(event, end.0.0 + 1, &end.1).map_err(|breach| (end, breach))?;
        end = (event.ordinal, event.chain);
    }
    Ok(end)
}

/// The last event that was checked and its chain value.
type End = (Ordinal, [u8; 32]);

/// Verifies the whole log, telling `progress` how far it has come. What waits is sequenced first; a
/// page is checked while the next one is fetched.
pub async fn verify(
    stores: &Stores,
    mut progress: impl FnMut(Ordinal) + Send,
) -> Result<Verified, Failure> {
    let log = stores.log.as_ref();
    let head = stores.sequencer.run_to_end().await?;
    let mut end: End = (Ordinal(0), GENESIS);
    let mut page = log.page(end.0, PAGE).await?;
    while end.0 < head {
        let Some(last) = page.last().map(|event| event.ordinal) else {
            let breach = Breach::Gap { expected: end.0.0 + 1, found: head.0 };
            return Ok(verified(end, Some(breach)));
        };
        let checking = tokio::task::spawn_blocking(move || check_page(&page, end));
        let next = if last < head { log.page(last, PAGE).await } else { Ok(Vec::new()) };
        let checked = checking.await.map_err(|error| Failure::Internal(error.to_string()))?;
        end = match checked {
            Ok(end) => end,
            Err((end, breach)) => return Ok(verified(end, Some(breach))),
        };
        progress(end.0);
        page = next?;
    }
    let breach = match unlisted(stores).await? {
        None => census(log).await?,
        breach => breach,
    };
    Ok(verified(end, breach))
}

fn verified((last, chain): End, breach: Option<Breach>) -> Verified {
    Verified { events: last.0, head: hex(&chain), breach }
}

/// Is there an event that the sequencer does not see? One that others append meanwhile is none:
/// what counts is what was stored before it ran to the end.
pub async fn unlisted(stores: &Stores) -> Result<Option<Breach>, Failure> {
    let before = stores.log.head().await?;
    let listed = stores.sequencer.run_to_end().await?.0;
    let missing = listed < before.stored;
    Ok(missing.then_some(Breach::Unlisted { stored: before.stored, listed }))
}

/// Counts the stored events one by one and compares with what the log lists: an event that the
/// sequencer never sees, and one that was taken away, show nowhere else.
pub async fn census(log: &dyn LogReader) -> Result<Option<Breach>, Failure> {
    let before = log.head().await?;
    let stored = log.counted().await?;
    let after = log.head().await?;
    // Others write meanwhile: the count may lie in between.
    let as_told = (before.stored..=after.stored).contains(&stored);
    Ok((!as_told).then_some(Breach::Unlisted { stored, listed: after.stored }))
}

/// Counts now and then while the worker runs, never at its start.
#[derive(Debug)]
pub(crate) struct Census(AtomicI64);

impl Census {
    /// The first one is due a while after `now`.
    pub(crate) const fn since(now: Instant) -> Self {
        Self(AtomicI64::new(now.micros()))
    }

    /// Is it time? Answers so once.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let last = self.0.load(Relaxed);
        let due = now.micros().saturating_sub(last) >= EVERY;
        due && self.0.compare_exchange(last, now.micros(), Relaxed, Relaxed).is_ok()
    }

    /// Takes it, and says aloud what is wrong.
    pub(crate) async fn take(log: &dyn LogReader) {
        match census(log).await {
            Ok(None) => {}
            Ok(Some(breach)) => tracing::error!(%breach, "the log is not as it should be"),
            Err(failure) => tracing::warn!(?failure, "the stored events could not be counted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ports::{Sequenced, Sequencer, StoreError},
        testing::{World, start},
    };
    use std::{
        sync::{Arc, atomic::AtomicU32},
        time::Duration,
    };

    /// A sequencer that sees nothing for some steps.
    struct Asleep {
        steps: AtomicU32,
        stores: Stores,
    }

    #[async_trait::async_trait]
    impl Sequencer for Asleep {
        async fn step(&self) -> Result<Sequenced, StoreError> {
            if self.steps.load(Relaxed) == 0 {
                return self.stores.sequencer.step().await;
            }
            self.steps.fetch_sub(1, Relaxed);
            Ok(Sequenced { events: 0, head: self.stores.log.head().await?.ordinal })
        }
    }

    /// The stores of a world with one account in its log and another one that nobody has sequenced.
    async fn with_one_waiting(asleep: u32) -> Stores {
        let world = World::new().await;
        world.open_account("Ada").await;
        world.project().await;
        world.open_account("Bob").await;
        let stores = world.desk.stores.clone();
        let sequencer = Asleep { steps: AtomicU32::new(asleep), stores: stores.clone() };
        Stores { sequencer: Arc::new(sequencer), ..stores }
    }

    #[tokio::test]
    async fn an_event_that_the_sequencer_never_sees_is_a_breach() {
        let stores = with_one_waiting(u32::MAX).await;
        let verified = verify(&stores, |_| ()).await.expect("it is read");
        assert!(matches!(verified.breach, Some(Breach::Unlisted { .. })), "{verified:?}");
    }

    #[tokio::test]
    async fn an_event_that_comes_while_the_log_is_read_is_no_breach() {
        for asleep in [0, 1] {
            let stores = with_one_waiting(asleep).await;
            let verified = verify(&stores, |_| ()).await.expect("it is read");
            assert_eq!(verified.breach, None, "asleep for {asleep} steps");
        }
    }

    #[test]
    fn a_census_is_due_once_an_hour_and_not_at_the_start() {
        let census = Census::since(start());
        assert!(!census.is_due(start()));
        let later = start().plus(Duration::from_secs(3_601));
        assert!(census.is_due(later));
        assert!(!census.is_due(later));
    }
}
