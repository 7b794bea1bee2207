//! What an operator does with the inbox: look, replay, forget.

use crate::{
    desk::Desk,
    ports::{InboxFilter, InboxReplay, InboxRow, InboxState, StoreError},
};

/// A page holds no more rows.
/// One more than a page of the API, which so learns whether there are more.
const LONGEST_PAGE: u32 = 101;

/// Why nothing is replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayRefused {
    /// There is no such event in the inbox.
    #[error("there is no such event in the inbox")]
    NotFound,
    /// It waits or is being applied: it needs no replay.
    #[error("the event waits or is being applied already")]
    Open,
    /// Its body is forgotten; only the provider can deliver it again.
    #[error("the event's body is forgotten; ask the provider to deliver it again")]
    Forgotten,
    /// Storage does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReplayRefused {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Open => "WEBHOOK_OPEN",
            Self::Forgotten => "WEBHOOK_FORGOTTEN",
            Self::Store(_) => "UNAVAILABLE",
        }
    }
}

/// Rows, newest first, at most a hundred and one.
pub async fn list(desk: &Desk, filter: &InboxFilter) -> Result<Vec<InboxRow>, StoreError> {
    let limit = filter.limit.min(LONGEST_PAGE);
    desk.stores.inbox_board.list(&InboxFilter { limit, ..filter.clone() }).await
}

/// The row of this source and event id; `None` when it never came.
pub async fn find(
    desk: &Desk,
    source: &str,
    event_id: &str,
) -> Result<Option<InboxRow>, StoreError> {
    desk.stores.inbox_board.find(source, event_id).await
}

/// Has rows applied once more; answers how many. Safe at any time, because an applier asks the
/// provider how things stand and does not believe the body. Of a range, rows that are open or whose
/// body is forgotten are passed over; of one event that is a refusal.
pub async fn replay(desk: &Desk, which: &InboxReplay) -> Result<u64, ReplayRefused> {
    let rows = desk.stores.inbox_board.replay(which, desk.clock.now()).await?;
    if rows > 0 {
        tracing::info!(rows, ?which, "webhooks are replayed");
        desk.inbox_wake.notify_one();
        return Ok(rows);
    }
    if let InboxReplay::One { source, event_id } = which {
        let row = find(desk, source, event_id).await?.ok_or(ReplayRefused::NotFound)?;
        let open = matches!(row.state, InboxState::Received | InboxState::Processing { .. });
        return Err(if open { ReplayRefused::Open } else { ReplayRefused::Forgotten });
    }
    Ok(0)
}

/// Forgets the bodies of rows that were settled long enough ago; answers how many.
pub async fn forget_old_bodies(desk: &Desk) -> Result<u64, StoreError> {
    let before = desk.clock.now().minus(desk.sources.pace.keep_bodies);
    let mut forgotten = 0;
    loop {
        match desk.stores.inbox_board.forget_before(before).await? {
            0 => return Ok(forgotten),
            bite => forgotten += bite,
        }
    }
}
