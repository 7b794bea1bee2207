//! Calendar dates, and the days that a plan spans.

use herald_kernel::{LocalTime, Zone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr, time::Duration};

/// A day as a calendar shows it: `2026-12-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(LocalTime);

/// Text that is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a date such as 2026-12-01")]
pub struct InvalidDate;

impl Date {
    /// The day on which a clock shows `local`.
    #[must_use]
    pub fn of(local: LocalTime) -> Self {
        let text = local.to_string();
        let day = text.split_once('T').map_or(text.as_str(), |(day, _)| day);
        // Midnight of a day that a local time lies on can be written as well.
        day.parse().unwrap_or(Self(local))
    }

    /// The first instant-less moment of the day: midnight.
    #[must_use]
    pub const fn midnight(self) -> LocalTime {
        self.0
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        if text.contains(['T', 't', ' ']) {
            return Err(InvalidDate);
        }
        format!("{text}T00:00:00").parse().map(Self).map_err(|_| InvalidDate)
    }
}
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.split_once('T').map_or(text.as_str(), |(day, _)| day))
    }
}
impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// The days that a plan spans, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// Does a clock show `local` on one of the days?
    #[must_use]
    pub fn contains(self, local: LocalTime) -> bool {
        let day = Date::of(local);
        self.from <= day && day <= self.to
    }

    /// From the first to the last midnight; `None` when the last day is before the first.
    #[must_use]
    pub fn span(self) -> Option<Duration> {
        let utc = Zone::utc();
        let from = self.from.midnight().in_zone(&utc)?.instant;
        let to = self.to.midnight().in_zone(&utc)?.instant;
        (from <= to).then(|| to.since(from))
    }
}
