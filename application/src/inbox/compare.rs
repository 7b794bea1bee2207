//! Finds what a provider recorded and never managed to deliver: its own list against the inbox.

use super::{sealing::keep, take_in::arrival};
use crate::{
    desk::Desk,
    ports::{EventListing, InboxCursor, InboxReception, ListingFailure, StoreError},
};
use std::sync::Arc;

/// Pages of one comparison; what is left over is for the next one.
const PAGES: u32 = 1_000;

/// Compares every list whose time has come. A failure is told and tried again at the next upkeep.
pub(super) async fn compare_due(desk: &Arc<Desk>) {
    for (source, listing) in desk.sources.listings() {
        match is_due(desk, source).await {
            Ok(false) => continue,
            Ok(true) => {}
            Err(error) => {
                tracing::warn!(source, %error, "it is unknown when events were last compared");
                continue;
            }
        }
        match compare(desk, source, listing.as_ref()).await {
            Ok(0) => tracing::debug!(source, "no event is missing"),
            Ok(events) => tracing::warn!(source, events, "events that never arrived were fetched"),
            Err(error) => {
                metrics::counter!("herald_inbox_comparisons_failed_total", "source" => source.to_owned())
                    .increment(1);
                tracing::warn!(source, %error, "events were not compared");
            }
        }
    }
}

async fn is_due(desk: &Desk, source: &str) -> Result<bool, StoreError> {
    let known = desk.stores.inbox_cursors.cursor(source).await?;
    let now = desk.clock.now();
    Ok(known.is_none_or(|known| now.since(known.moved_at) >= desk.sources.pace.compare_every))
}

/// Keeps every listed event that is not in the inbox; answers how many there were. The cursor moves
/// behind what is kept, so a crash in between only means to look twice.
pub async fn compare(
    desk: &Arc<Desk>,
    source: &str,
    listing: &dyn EventListing,
) -> Result<u64, ListingFailure> {
    let cursors = &desk.stores.inbox_cursors;
    let mut missing = 0;
    let mut from = cursors.cursor(source).await?.map(|known| known.cursor);
    for _ in 0..PAGES {
        let now = desk.clock.now();
        let page = listing.events_after(from.as_deref(), now).await?;
        for (hint, body) in page.events {
            let Ok(arrival) = arrival(source, hint, body, now) else {
                tracing::error!(source, "a listed event is not of its documented form");
                continue;
            };
            if keep(desk, arrival).await? == InboxReception::Stored {
                missing += 1;
            }
        }
        let to = InboxCursor { cursor: page.cursor, moved_at: now };
        if !cursors.move_cursor(source, from.as_deref(), &to).await? {
            // Another replica compares as well.
            break;
        }
        from = Some(to.cursor);
        if !page.more {
            break;
        }
    }
    if missing > 0 {
        metrics::counter!("herald_inbox_missed_total", "source" => source.to_owned())
            .increment(missing);
        desk.inbox_wake.notify_one();
    }
    Ok(missing)
}
