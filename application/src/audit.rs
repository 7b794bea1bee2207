//! Proving the log: recompute every digest and the chain, and compare.

use crate::{
    failure::Failure,
    log::digest::{GENESIS, Row, chain, event_digest, hex},
    ports::{LogReader, LoggedEvent, Ordinal},
};

const PAGE: u32 = 1_000;

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
    let digest = event_digest(&Row {
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        recorded_at: event.recorded_at,
        payload: &event.payload,
        metadata: &event.metadata,
    });
    if digest != event.digest {
        return Err(Breach::Changed(expected));
    }
    if chain(previous, event.ordinal, &digest) != event.chain {
        return Err(Breach::Broken(expected));
    }
    Ok(())
}

/// Verifies the whole log, telling `progress` how far it has come.
pub async fn verify(
    log: &dyn LogReader,
    mut progress: impl FnMut(Ordinal) + Send,
) -> Result<Verified, Failure> {
    let head = log.head().await?;
    let (mut last, mut previous) = (Ordinal(0), GENESIS);
    let verified =
        |events, previous: &[u8; 32], breach| Verified { events, head: hex(previous), breach };
    while last < head.ordinal {
        let page = log.page(last, PAGE).await?;
        if page.is_empty() {
            let breach = Breach::Gap { expected: last.0 + 1, found: head.ordinal.0 };
            return Ok(verified(last.0, &previous, Some(breach)));
        }
        for event in page {
            if let Err(breach) = check(&event, last.0 + 1, &previous) {
                return Ok(verified(last.0, &previous, Some(breach)));
            }
            (last, previous) = (event.ordinal, event.chain);
        }
        progress(last);
    }
    let unlisted = (head.stored != head.ordinal.0)
        .then_some(Breach::Unlisted { stored: head.stored, listed: head.ordinal.0 });
    Ok(verified(last.0, &previous, unlisted))
}
