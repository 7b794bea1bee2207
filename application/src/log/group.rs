//! Commands that are ready at the same moment share one statement and one commit.
//!
//! **Invariant:** each is written whole or not at all, and no one pays for another's conflict.

use crate::{
    bridge::StreamKind,
    ports::{AppendError, Appended, EventStore, StoreError, StreamAppend},
};
use std::{
    collections::{HashSet, VecDeque},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

/// Events in one group, unless its first member alone has more.
const EVENTS: usize = 500;

type Answer = Result<Appended, AppendError>;

/// Which of a group's streams are whose, and who is to be told.
type Member = (Range<usize>, oneshot::Sender<Answer>);

/// One command's append, waiting to be written.
struct Waiting {
    streams: Vec<StreamAppend>,
    tell: oneshot::Sender<Answer>,
}

/// Appends of one process, written in groups: who waits while one group is written is in the next.
pub(crate) struct Group {
    events: Arc<dyn EventStore>,
    waiting: Mutex<VecDeque<Waiting>>,
    pens: Semaphore,
}

impl Group {
    /// As many groups are written side by side as the engine has writers.
    pub(crate) fn new(events: Arc<dyn EventStore>) -> Self {
        let pens = Semaphore::new(events.writers().max(1));
        Self { events, waiting: Mutex::default(), pens }
    }

    /// Appends as [`EventStore::append`] does. The position is the group's last one, so that whoever
    /// waits for it waits for all that was written in the same transaction.
    pub(crate) async fn append(&self, streams: Vec<StreamAppend>) -> Answer {
        if streams.is_empty() {
            return self.events.append(&streams).await;
        }
        let (tell, mut told) = oneshot::channel();
        self.waiting().push_back(Waiting { streams, tell });
        let mut waits = true;
        while waits {
            tokio::select! {
                biased;
                answer = &mut told => return answer.unwrap_or_else(gone),
                _pen = self.pens.acquire() => waits = self.write().await,
            }
        }
        told.await.unwrap_or_else(gone)
    }

    /// Writes those who wait; answers whether anybody did.
    async fn write(&self) -> bool {
        let (streams, members) = self.take();
        if members.is_empty() {
            return false;
        }
        let together = self.events.append(&streams).await;
        let at_fault = matches!(
            together,
            Err(AppendError::Conflict | AppendError::Store(StoreError::Corrupt(_)))
        );
        // Nothing was written, because of one of them: only that one may hear of it.
        let one_by_one = at_fault && members.len() > 1;
        for (range, tell) in members {
            let answer = if one_by_one {
                self.events.append(streams.get(range).unwrap_or_default()).await
            } else {
                together.clone()
            };
            // Nobody listens any more when a client of the port went away.
            let _ = tell.send(answer);
        }
        true
    }

    /// Takes those who wait and touch different streams: two writers of one stream conflict for sure.
    fn take(&self) -> (Vec<StreamAppend>, Vec<Member>) {
        let mut waiting = self.waiting();
        let (mut left, mut taken) = (VecDeque::new(), Vec::new());
        let (mut seen, mut events) = (HashSet::new(), 0);
        for next in waiting.drain(..) {
            let own: usize = next.streams.iter().map(|stream| stream.events.len()).sum();
            let fits = taken.is_empty() || events + own <= EVENTS;
            if fits && !next.streams.iter().any(|stream| seen.contains(&name(stream))) {
                seen.extend(next.streams.iter().map(name));
                events += own;
                taken.push(next);
            } else {
                left.push_back(next);
            }
        }
        *waiting = left;
        drop(waiting);
        // In one order everywhere, so that two groups do not wait for each other crosswise.
        taken.sort_by_key(|member| member.streams.iter().map(name).min());
        let (mut streams, mut members) = (Vec::new(), Vec::new());
        for member in taken {
            let from = streams.len();
            streams.extend(member.streams);
            members.push((from..streams.len(), member.tell));
        }
        (streams, members)
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(stream: &StreamAppend) -> (StreamKind, Uuid) {
    (stream.kind, stream.id)
}

/// Whoever held the pen was dropped: as when a connection breaks, the end was not seen.
fn gone(_: oneshot::error::RecvError) -> Answer {
    Err(StoreError::Unavailable("the append was given up while it was written".to_owned()).into())
}

#[cfg(test)]
mod tests;
