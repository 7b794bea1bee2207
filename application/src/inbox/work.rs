//! One row in a worker's hands: applied, and settled as it ended.

use super::{Applied, Source, sealing::opened};
use crate::{
    desk::Desk,
    ports::{Arrival, ClaimedArrival, Hint, InboxSettlement, StoreError},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// A cause is for people to read: longer ones are cut.
const LONGEST_CAUSE: usize = 500;

/// Applies a claimed row and stores how that ended.
pub(super) async fn work(desk: &Arc<Desk>, row: ClaimedArrival) {
    let Some(source) = desk.sources.get(&row.arrival.source) else { return };
    let started = std::time::Instant::now();
    let applied = tokio::select! {
        applied = apply(desk, source, &row) => applied,
        () = keep_lease(desk, &row) => return,
    };
    let settlement = settlement(desk, &row, applied);
    let name = row.arrival.source.clone();
    metrics::counter!(
        "herald_inbox_total", "source" => name.clone(), "outcome" => outcome(&settlement)
    )
    .increment(1);
    metrics::histogram!("herald_inbox_seconds", "source" => name)
        .record(started.elapsed().as_secs_f64());
    if let Err(error) = settle(desk, &row, &settlement).await {
        // The lease runs out and the row is claimed again: appliers are safe to repeat.
        let event = &row.arrival.event_id;
        tracing::error!(number = row.number, event, %error, "a webhook's end could not be stored");
    }
}

async fn apply(desk: &Arc<Desk>, source: &Source, row: &ClaimedArrival) -> Applied {
    if row.attempts > desk.settings.job_attempts {
        // It never came to an end of its own: whoever applies it dies of it.
        return Applied::GiveUp("its worker stopped before the end, again and again".to_owned());
    }
    let hint = hint(&row.arrival);
    let body = match opened(desk, &row.arrival).await {
        Ok(body) => body,
        Err(applied) => return applied,
    };
    let applying = source.applier.apply(desk, &hint, &body);
    let in_time = timeout(desk.sources.pace.patience, applying).await;
    in_time.unwrap_or_else(|_| Applied::Retry("it took too long".to_owned()))
}

fn hint(arrival: &Arrival) -> Hint {
    Hint {
        event_id: arrival.event_id.clone(),
        kind: arrival.kind.clone(),
        key: arrival.key.clone(),
        object: arrival.object.clone(),
        api_version: arrival.api_version.clone(),
        occurred_at: arrival.occurred_at,
    }
}

fn settlement(desk: &Desk, row: &ClaimedArrival, applied: Applied) -> InboxSettlement {
    let short = |text: String| -> String {
        text.chars().filter(|c| !c.is_control()).take(LONGEST_CAUSE).collect()
    };
    match applied {
        Applied::Done => InboxSettlement::Applied,
        Applied::Ignored(reason) => InboxSettlement::Ignored(short(reason)),
        Applied::Retry(cause) if row.attempts < desk.settings.job_attempts => {
            let due_at = desk.clock.now().plus(pause(desk, row.attempts));
            InboxSettlement::Failed { due_at, cause: short(cause) }
        }
        Applied::Retry(cause) | Applied::GiveUp(cause) => InboxSettlement::Dead(short(cause)),
    }
}

const fn outcome(settlement: &InboxSettlement) -> &'static str {
    match settlement {
        InboxSettlement::Applied => "applied",
        InboxSettlement::Ignored(_) => "ignored",
        InboxSettlement::Failed { .. } => "failed",
        InboxSettlement::Dead(_) => "dead",
    }
}

/// Doubles with each attempt, with jitter, up to the longest pause.
fn pause(desk: &Desk, attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let grown = desk.settings.waits.retry.saturating_mul(1 << doublings);
    let grown = grown.min(desk.sources.pace.longest_pause);
    grown.mul_f64(rand::Rng::random_range(&mut rand::rng(), 0.9..1.1))
}

async fn settle(
    desk: &Desk,
    row: &ClaimedArrival,
    settlement: &InboxSettlement,
) -> Result<(), StoreError> {
    let (number, attempts) = (row.number, row.attempts);
    let (source, event) = (&row.arrival.source, &row.arrival.event_id);
    match settlement {
        InboxSettlement::Applied | InboxSettlement::Ignored(_) => {}
        InboxSettlement::Failed { cause, .. } => {
            tracing::warn!(number, source, event, attempts, cause, "a webhook is tried again");
        }
        InboxSettlement::Dead(cause) => {
            tracing::error!(number, source, event, attempts, cause, "a webhook is given up");
        }
    }
    let now = desk.clock.now();
    if !desk.stores.inbox.settle(number, row.fence, now, settlement).await? {
        tracing::warn!(number, source, event, "a webhook was another worker's when it was settled");
    }
    Ok(())
}

/// Renews the lease while the row is worked on. Ends only when the row is no longer ours; the work
/// is then dropped where it stands, because somebody else has begun it: commands that it told run
/// to their end and are safe to repeat.
async fn keep_lease(desk: &Desk, row: &ClaimedArrival) {
    let length = desk.sources.pace.lease;
    loop {
        tokio::time::sleep(length / 3).await;
        let until = desk.clock.now().plus(length);
        match desk.stores.inbox.renew(row.number, row.fence, until).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(number = row.number, %error, "a lease was not renewed"),
        }
    }
}
