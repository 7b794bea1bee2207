//! The log in typed pages, one ahead of the other: while a page is folded, the next one is decoded
//! and the one after it fetched.

use super::Journal;
use crate::{
    failure::Failure,
    occurred::Occurred,
    ports::{LogReader, LoggedEvent, Ordinal, StoreError},
};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pages that wait between two stages, so that no more than a handful are in memory.
const AHEAD: usize = 1;

/// The rest of the log, to its end at the time of reading.
#[derive(Debug)]
pub struct Pages(Receiver<Result<Vec<Occurred>, Failure>>);

impl Pages {
    /// Reads on after `after`, `limit` events at a time. Dropping it ends the reading.
    #[must_use]
    pub fn after(journal: &Journal, log: &Arc<dyn LogReader>, after: Ordinal, limit: u32) -> Self {
        let (fetched, fetching) = channel(AHEAD);
        let (decoded, decoding) = channel(AHEAD);
        tokio::spawn(fetch(Arc::clone(log), after, limit, fetched));
        tokio::spawn(decode(journal.clone(), fetching, decoded));
        Self(decoding)
    }

    /// The next page; `None` after the last one. After an error comes nothing more.
    pub async fn next(&mut self) -> Result<Option<Vec<Occurred>>, Failure> {
        self.0.recv().await.transpose()
    }
}

async fn fetch(
    log: Arc<dyn LogReader>,
    mut after: Ordinal,
    limit: u32,
    to: Sender<Result<Vec<LoggedEvent>, StoreError>>,
) {
    loop {
        let page = log.page(after, limit).await;
        match page.as_deref() {
            Ok([]) => return,
            Ok([.., last]) => after = last.ordinal,
            Err(_) => {}
        }
        let failed = page.is_err();
        if to.send(page).await.is_err() || failed {
            return;
        }
    }
}

async fn decode(
    journal: Journal,
    mut from: Receiver<Result<Vec<LoggedEvent>, StoreError>>,
    to: Sender<Result<Vec<Occurred>, Failure>>,
) {
    while let Some(page) = from.recv().await {
        let page = match page {
            Ok(page) => read(&journal, &page).await,
            Err(error) => Err(error.into()),
        };
        let failed = page.is_err();
        if to.send(page).await.is_err() || failed {
            return;
        }
    }
}

/// A page with its events typed and opened.
pub async fn read(journal: &Journal, page: &[LoggedEvent]) -> Result<Vec<Occurred>, Failure> {
    let mut events = Vec::with_capacity(page.len());
    for logged in page {
        events.push(Occurred::read(journal, logged).await?);
    }
    Ok(events)
}
