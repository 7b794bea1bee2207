//! The log in typed pages: while one is folded, the next ones are fetched and decoded.

use super::Journal;
use crate::{
    failure::Failure,
    occurred::Occurred,
    ports::{FactRow, LogReader, Ordinal},
};
use std::{collections::VecDeque, sync::Arc};
use tokio_util::task::AbortOnDropHandle;

/// Pages that are fetched and decoded side by side, and so at most in memory.
const AHEAD: usize = 2;

type Page = Result<Vec<Occurred>, Failure>;

/// The rest of the log, to its end at the time of reading. Dropping it ends the reading.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Pages {
    journal: Journal,
    log: Arc<dyn LogReader>,
    limit: u32,
    /// Where the next page to be fetched begins; `None` when the end was seen.
    after: Option<Ordinal>,
    ahead: VecDeque<AbortOnDropHandle<Page>>,
}

impl Pages {
    /// Reads on after `after`, `limit` events at a time.
    #[must_use]
    pub fn after(journal: &Journal, log: &Arc<dyn LogReader>, after: Ordinal, limit: u32) -> Self {
        let (journal, log) = (journal.clone(), Arc::clone(log));
        let mut this = Self { journal, log, limit, after: Some(after), ahead: VecDeque::new() };
        this.fetch();
        this
    }

    /// The next page; `None` after the last one. After an error comes nothing more.
    pub async fn next(&mut self) -> Result<Option<Vec<Occurred>>, Failure> {
        self.fetch();
        let Some(page) = self.ahead.pop_front() else { return Ok(None) };
        self.fetch();
        let page = page.await.map_err(|error| Failure::Internal(error.to_string()))?;
        let full = page.as_ref().is_ok_and(|page| self.is_full(page.len()));
        if !full {
            // What was asked for beyond it is not wanted.
            self.after = None;
            self.ahead.clear();
        }
        page.map(|page| (!page.is_empty()).then_some(page))
    }

    fn is_full(&self, events: usize) -> bool {
        u32::try_from(events).is_ok_and(|events| events >= self.limit)
    }

    /// Ordinals have no gaps: where a page begins is known before the one in front has come.
    fn fetch(&mut self) {
        while let Some(after) = self.after
            && self.ahead.len() < AHEAD
        {
            let (journal, log, limit) = (self.journal.clone(), Arc::clone(&self.log), self.limit);
            let page = async move { read(&journal, log.facts(after, limit).await?).await };
            self.ahead.push_back(AbortOnDropHandle::new(tokio::spawn(page)));
            self.after = Some(Ordinal(after.0.saturating_add(limit.into())));
        }
    }
}

/// A page with its events typed and opened.
pub async fn read(journal: &Journal, page: Vec<FactRow>) -> Page {
    let mut events = Vec::with_capacity(page.len());
    for fact in page {
        events.push(Occurred::read(journal, fact).await?);
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[tokio::test]
    async fn every_page_comes_once_and_in_order_whatever_its_size() {
        let world = World::new().await;
        for name in ["Ada", "Bob", "Eve"] {
            world.open_account(name).await;
        }
        world.project().await;
        let (journal, log) = (&world.desk.journal, &world.desk.stores.log);
        let end = log.head().await.expect("the head").ordinal.0;
        assert!(end >= 9, "{end}");
        for limit in [1, 2, 3, 4, 9, 100] {
            let mut pages = Pages::after(journal, log, Ordinal(1), limit);
            let mut read = Vec::new();
            while let Some(page) = pages.next().await.expect("a page") {
                read.extend(page.into_iter().map(|event| event.ordinal.0));
            }
            assert_eq!(read, (2..=end).collect::<Vec<_>>(), "{limit} at a time");
            assert_eq!(pages.next().await, Ok(None), "the end stays the end");
        }
    }
}
