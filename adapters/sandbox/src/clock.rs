//! The sandbox's own time: the machine's clock, moved forward when a test says so.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// Milliseconds since 1970, in the sandbox's time.
pub(crate) type Millis = i64;

/// The machine's time plus what the control API added to it.
pub(crate) fn now(offset: Millis) -> Millis {
    DateTime::<Utc>::from(SystemTime::now()).timestamp_millis().saturating_add(offset)
}

/// The way X and most others print a time: `2026-11-21T09:00:00.000Z`.
pub(crate) fn print(at: Millis) -> String {
    instant(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads an RFC 3339 time.
pub(crate) fn read(text: &str) -> Option<Millis> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis())
}

/// A time as a person reads it on a page.
pub(crate) fn plain(at: Millis) -> String {
    instant(at).format("%-d %b %Y, %H:%M UTC").to_string()
}

fn instant(at: Millis) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH
        .checked_add_signed(TimeDelta::try_milliseconds(at).unwrap_or_default())
        .unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
}
