//! Works the inbox off: claims rows as they come, and applies them side by side.

use super::{compare::compare_due, operate::forget_old_bodies, work::work};
use crate::{
    desk::Desk,
    ports::{ClaimedArrival, Lease, StoreError},
};
use futures::future::join_all;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Starts working the inbox off until `stop`. Without a source there is nothing to do.
pub fn start(desk: &Arc<Desk>, stop: &CancellationToken, running: &TaskTracker) {
    if desk.sources.names().is_empty() {
        return;
    }
    let pump = Pump { desk: Arc::clone(desk), stop: stop.clone(), running: running.clone() };
    let upkeep = pump.clone();
    running.spawn(async move { pump.run().await });
    running.spawn(async move { upkeep.keep_up().await });
}

/// Applies what is due, once; answers how many rows that were. For whoever drives time.
pub async fn turn(desk: &Arc<Desk>) -> Result<usize, StoreError> {
    let claimed = claim(desk, desk.sources.pace.parallel).await?;
    let rows = claimed.len();
    join_all(claimed.into_iter().map(|row| work(desk, row))).await;
    Ok(rows)
}

async fn claim(desk: &Desk, limit: u32) -> Result<Vec<ClaimedArrival>, StoreError> {
    let sources = desk.sources.names();
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let lease = Lease { now: desk.clock.now(), length: desk.sources.pace.lease };
    desk.stores.inbox.claim(lease, &sources, limit).await
}

#[derive(Clone)]
struct Pump {
    desk: Arc<Desk>,
    stop: CancellationToken,
    running: TaskTracker,
}

impl Pump {
    async fn run(&self) {
        let places = usize::try_from(self.desk.sources.pace.parallel).unwrap_or(1).max(1);
        let places = Arc::new(Semaphore::new(places));
        let mut pause = Duration::ZERO;
        while !self.stop.is_cancelled() {
            match self.take(&places).await {
                // There may be more at once.
                Ok(claimed) if claimed > 0 => continue,
                Ok(_) => pause = Duration::ZERO,
                Err(error) => {
                    pause = longer(pause, self.desk.settings.waits.retry);
                    tracing::error!(%error, "claiming webhooks failed");
                }
            }
            let wait = if pause.is_zero() { self.until_due().await } else { pause };
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = timeout(wait, self.desk.inbox_wake.notified()) => {}
            }
        }
    }

    async fn take(&self, places: &Arc<Semaphore>) -> Result<usize, StoreError> {
        let Ok(first) = Arc::clone(places).acquire_owned().await else { return Ok(0) };
        let free = u32::try_from(places.available_permits()).unwrap_or(u32::MAX);
        let rows = claim(&self.desk, free.saturating_add(1)).await?;
        let claimed = rows.len();
        let mut first = Some(first);
        for row in rows {
            let place = match first.take() {
                Some(place) => Some(place),
                None => Arc::clone(places).acquire_owned().await.ok(),
            };
            let desk = Arc::clone(&self.desk);
            self.running.spawn(async move {
                work(&desk, row).await;
                drop(place);
                // The next row of the same key is free now.
                desk.inbox_wake.notify_one();
            });
        }
        Ok(claimed)
    }

    /// How long until the next row falls due, no longer than a poll.
    async fn until_due(&self) -> Duration {
        let poll = self.desk.settings.waits.poll;
        match self.desk.stores.inbox.next_due(&self.desk.sources.names()).await {
            Ok(Some(due)) => due.since(self.desk.clock.now()).min(poll),
            Ok(None) | Err(_) => poll,
        }
    }

    /// Forgets old bodies and compares with the providers' own lists, now and then.
    async fn keep_up(&self) {
        while !self.stop.is_cancelled() {
            match forget_old_bodies(&self.desk).await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "the bodies of old webhooks were forgotten"),
                Err(error) => tracing::warn!(%error, "old webhooks were not forgotten"),
            }
            compare_due(&self.desk).await;
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(self.desk.sources.pace.upkeep_every) => {}
            }
        }
    }
}

fn longer(pause: Duration, first: Duration) -> Duration {
    if pause.is_zero() { first } else { (pause * 2).min(Duration::from_secs(30)) }
}
