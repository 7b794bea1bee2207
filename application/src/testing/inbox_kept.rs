//! A storage engine that forgets: the inbox.

use super::memory::Memory;
use crate::ports::{
    Arrival, ClaimedArrival, InboxBacklog, InboxBoard, InboxCursor, InboxCursors, InboxFilter,
    InboxReception, InboxReplay, InboxRow, InboxSettlement, InboxState, InboxStateName, InboxStore,
    Lease, StoreError,
};
use async_trait::async_trait;
use herald_kernel::Instant;

/// One webhook as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) shown: InboxRow,
    pub(crate) arrival: Arrival,
    pub(crate) fence: i64,
}

impl Row {
    fn open(&self) -> bool {
        matches!(
            self.shown.state,
            InboxState::Received | InboxState::Processing { .. } | InboxState::Failed { .. }
        )
    }

    fn in_hands(&self) -> bool {
        matches!(self.shown.state, InboxState::Processing { .. })
    }
}

/// Rows of a key that nothing of the same key is before.
fn first_of_its_key(rows: &[Row], row: &Row) -> bool {
    row.open()
        && !row.in_hands()
        && !rows.iter().any(|other| {
            let same = other.arrival.source == row.arrival.source
                && other.arrival.key == row.arrival.key
                && other.open();
            same && (other.shown.number < row.shown.number || other.in_hands())
        })
}

fn shown(number: i64, arrival: &Arrival) -> InboxRow {
    let Arrival { source, event_id, kind, key, object, api_version, .. } = arrival.clone();
    InboxRow {
        number,
        source,
        event_id,
        kind,
        key,
        object,
        api_version,
        occurred_at: arrival.occurred_at,
        size: arrival.size,
        digest: arrival.digest,
        has_body: true,
        received_at: arrival.received_at,
        due_at: arrival.received_at,
        state: InboxState::Received,
        attempts: 0,
        replays: 0,
    }
}

#[async_trait]
impl InboxStore for Memory {
    async fn receive(&self, arrival: &Arrival) -> Result<InboxReception, StoreError> {
        let mut state = self.state();
        let known = state.inbox.iter().any(|row| {
            row.arrival.source == arrival.source && row.arrival.event_id == arrival.event_id
        });
        if known {
            return Ok(InboxReception::Duplicate);
        }
        let number = i64::try_from(state.inbox.len() + 1).unwrap_or(i64::MAX);
        let row = Row { shown: shown(number, arrival), arrival: arrival.clone(), fence: 0 };
        state.inbox.push(row);
        Ok(InboxReception::Stored)
    }

    async fn claim(
        &self,
        lease: Lease,
        sources: &[String],
        limit: u32,
    ) -> Result<Vec<ClaimedArrival>, StoreError> {
        let mut state = self.state();
        let rows = state.inbox.clone();
        let free = state.inbox.iter_mut().filter(|row| sources.contains(&row.arrival.source));
        let free = free.filter(|row| match row.shown.state {
            InboxState::Processing { until } => until <= lease.now,
            InboxState::Received | InboxState::Failed { .. } => {
                row.shown.due_at <= lease.now && first_of_its_key(&rows, row)
            }
            InboxState::Applied { .. } | InboxState::Ignored { .. } | InboxState::Dead { .. } => {
                false
            }
        });
        let claimed = free.take(limit.try_into().unwrap_or_default()).map(|row| {
            row.fence += 1;
            row.shown.attempts += 1;
            row.shown.state = InboxState::Processing { until: lease.now.plus(lease.length) };
            let (number, attempts, fence) = (row.shown.number, row.shown.attempts, row.fence);
            ClaimedArrival { number, arrival: row.arrival.clone(), attempts, fence }
        });
        Ok(claimed.collect())
    }

    async fn renew(&self, number: i64, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let mut state = self.state();
        let held = state.inbox.iter_mut().find(|row| row.shown.number == number);
        let held = held.filter(|row| row.fence == fence && row.in_hands());
        Ok(held.map(|row| row.shown.state = InboxState::Processing { until }).is_some())
    }

    async fn settle(
        &self,
        number: i64,
        fence: i64,
        now: Instant,
        how: &InboxSettlement,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let held = state.inbox.iter_mut().find(|row| row.shown.number == number);
        let Some(row) = held.filter(|row| row.fence == fence && row.in_hands()) else {
            return Ok(false);
        };
        row.shown.state = match how.clone() {
            InboxSettlement::Applied => InboxState::Applied { at: now },
            InboxSettlement::Ignored(reason) => InboxState::Ignored { at: now, reason },
            InboxSettlement::Failed { due_at, cause } => {
                row.shown.due_at = due_at;
                InboxState::Failed { cause }
            }
            InboxSettlement::Dead(cause) => InboxState::Dead { at: now, cause },
        };
        Ok(true)
    }

    async fn next_due(&self, sources: &[String]) -> Result<Option<Instant>, StoreError> {
        let rows = &self.state().inbox;
        let first = rows.iter().filter(|row| first_of_its_key(rows, row));
        let first = first.filter(|row| sources.contains(&row.arrival.source));
        Ok(first.map(|row| row.shown.due_at).min())
    }
}

#[async_trait]
impl InboxBoard for Memory {
    async fn list(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>, StoreError> {
        let state = self.state();
        let rows = state.inbox.iter().rev().map(|row| &row.shown).filter(|row| {
            filter.source.as_ref().is_none_or(|source| row.source == *source)
                && (filter.states.is_empty() || filter.states.contains(&row.state.name()))
                && filter.kind.as_ref().is_none_or(|kind| row.kind == *kind)
                && filter.since.is_none_or(|since| row.received_at >= since)
                && filter.until.is_none_or(|until| row.received_at < until)
                && filter.before.is_none_or(|before| row.number < before)
        });
        Ok(rows.take(filter.limit.try_into().unwrap_or_default()).cloned().collect())
    }

    async fn find(&self, source: &str, event_id: &str) -> Result<Option<InboxRow>, StoreError> {
        let state = self.state();
        let mut rows = state.inbox.iter().map(|row| &row.shown);
        Ok(rows.find(|row| row.source == source && row.event_id == event_id).cloned())
    }

    async fn replay(&self, which: &InboxReplay, now: Instant) -> Result<u64, StoreError> {
        let mut state = self.state();
        let meant = state.inbox.iter_mut().map(|row| &mut row.shown).filter(|row| match which {
            InboxReplay::One { source, event_id } => {
                row.source == *source && row.event_id == *event_id
            }
            InboxReplay::Range { source, first, last } => {
                row.source == *source && (first..=last).contains(&&row.number)
            }
            InboxReplay::Since { source, since } => {
                row.source == *source && row.received_at >= *since
            }
        });
        let open = [InboxStateName::Received, InboxStateName::Processing];
        let settled = meant.filter(|row| row.has_body && !open.contains(&row.state.name()));
        let replayed = settled.map(|row| {
            row.state = InboxState::Received;
            row.due_at = now;
            row.attempts = 0;
            row.replays += 1;
        });
        Ok(replayed.count().try_into().unwrap_or_default())
    }

    async fn backlog(&self, now: Instant) -> Result<Vec<InboxBacklog>, StoreError> {
        let state = self.state();
        let mut found: Vec<InboxBacklog> = Vec::new();
        for row in state.inbox.iter().map(|row| &row.shown) {
            let counted =
                matches!(row.state, InboxState::Applied { .. } | InboxState::Ignored { .. });
            if counted {
                continue;
            }
            let place = found.iter().position(|known| known.source == row.source);
            let place = place.unwrap_or_else(|| {
                let source = row.source.clone();
                found.push(InboxBacklog { source, ..InboxBacklog::default() });
                found.len() - 1
            });
            let backlog = &mut found[place];
            match row.state {
                InboxState::Received => backlog.received += 1,
                InboxState::Processing { .. } => backlog.processing += 1,
                InboxState::Failed { .. } => backlog.failed += 1,
                InboxState::Dead { .. } => backlog.dead += 1,
                InboxState::Applied { .. } | InboxState::Ignored { .. } => {}
            }
            if !matches!(row.state, InboxState::Dead { .. }) {
                let age = now.since(row.received_at).as_secs().try_into().unwrap_or(i64::MAX);
                backlog.oldest_seconds = backlog.oldest_seconds.max(age);
            }
        }
        Ok(found)
    }

    async fn forget_before(&self, instant: Instant) -> Result<u64, StoreError> {
        let mut state = self.state();
        let old = state.inbox.iter_mut().filter(|row| match row.shown.state {
            InboxState::Applied { at } | InboxState::Ignored { at, .. } => {
                row.shown.has_body && at < instant
            }
            InboxState::Received
            | InboxState::Processing { .. }
            | InboxState::Failed { .. }
            | InboxState::Dead { .. } => false,
        });
        let forgotten = old.map(|row| {
            row.shown.has_body = false;
            row.arrival.body.clear();
            row.arrival.headers.clear();
        });
        Ok(forgotten.count().try_into().unwrap_or_default())
    }
}

#[async_trait]
impl InboxCursors for Memory {
    async fn cursor(&self, source: &str) -> Result<Option<InboxCursor>, StoreError> {
        Ok(self.state().inbox_cursors.get(source).cloned())
    }

    async fn move_cursor(
        &self,
        source: &str,
        from: Option<&str>,
        to: &InboxCursor,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let known = state.inbox_cursors.get(source).map(|known| known.cursor.as_str());
        if known != from {
            return Ok(false);
        }
        state.inbox_cursors.insert(source.to_owned(), to.clone());
        Ok(true)
    }
}
