//! How much waits in the inbox, for whoever watches.

use crate::{desk::Desk, ports::InboxBacklog};

/// Sets the gauges `herald_inbox` and `herald_inbox_oldest_seconds`, for every source that may call
/// and every one of which something is left.
pub async fn gauge(desk: &Desk) {
    let Ok(mut backlog) = desk.stores.inbox_board.backlog(desk.clock.now()).await else { return };
    for source in desk.sources.names() {
        if !backlog.iter().any(|known| known.source == source) {
            backlog.push(InboxBacklog { source, ..InboxBacklog::default() });
        }
    }
    for InboxBacklog { source, received, processing, failed, dead, oldest_seconds } in backlog {
        let states = [
            ("received", received),
            ("processing", processing),
            ("failed", failed),
            ("dead", dead),
        ];
        for (state, count) in states {
            metrics::gauge!("herald_inbox", "source" => source.clone(), "state" => state)
                .set(number(count));
        }
        metrics::gauge!("herald_inbox_oldest_seconds", "source" => source)
            .set(number(oldest_seconds));
    }
}

/// Counts are far below 2^53, where a double is exact.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts stay below 2^53")]
const fn number(count: i64) -> f64 {
    count as f64
}
