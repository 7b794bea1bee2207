//! When a post goes out: a wall-clock time in a zone, an instant, or as soon as possible.

use crate::PostRefusal;
use herald_kernel::{Instant, LocalTime, Shift, TZDB_VERSION, Zone};
use serde::{Deserialize, Serialize};

/// When a person wants a post to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At a point on the world's time line.
    At(Instant),
    /// When clocks in a zone show a time, whatever the zone's rules become until then.
    Local {
        /// What the clock shows.
        local: LocalTime,
        /// Whose clock.
        zone: Zone,
    },
    /// As soon as possible.
    Asap,
}

/// A wall-clock time and how it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallClock {
    /// What the clock shows.
    pub local: LocalTime,
    /// Whose clock.
    pub zone: Zone,
    /// The release of the time-zone database that was asked.
    pub tzdb: String,
    /// Whether the clock shows this time once, never or twice.
    pub shift: Shift,
}

/// When a post goes out, as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The instant; derived where there is a wall clock.
    pub instant: Instant,
    /// The wall clock that it was derived from, if a person gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<WallClock>,
    /// Was it asked for as soon as possible?
    #[serde(default)]
    pub asap: bool,
}

impl Schedule {
    /// What `when` means, asked at `now`.
    pub fn resolve(when: When, now: Instant) -> Result<Self, PostRefusal> {
        let schedule = match when {
            When::Asap => return Ok(Self { instant: now, wall: None, asap: true }),
            When::At(instant) => Self { instant, wall: None, asap: false },
            When::Local { local, zone } => Self::at_wall(local, zone)?,
        };
        if schedule.instant <= now {
            return Err(PostRefusal::InThePast { instant: schedule.instant });
        }
        Ok(schedule)
    }

    /// Is this already what `when` asks for?
    #[must_use]
    pub fn means(&self, when: &When) -> bool {
        match (when, &self.wall) {
            (When::Asap, _) => self.asap,
            (When::At(instant), None) => !self.asap && self.instant == *instant,
            (When::Local { local, zone }, Some(wall)) => wall.local == *local && wall.zone == *zone,
            (When::At(_), Some(_)) | (When::Local { .. }, None) => false,
        }
    }

    /// The same wall clock under the compiled-in time-zone database; `None` when that changes
    /// nothing.
    #[must_use]
    pub fn re_resolved(&self) -> Option<Self> {
        let wall = self.wall.as_ref()?;
        let moved = Self::at_wall(wall.local, wall.zone.clone()).ok()?;
        (moved.instant != self.instant).then_some(moved)
    }

    fn at_wall(local: LocalTime, zone: Zone) -> Result<Self, PostRefusal> {
        let resolved = local.in_zone(&zone).ok_or(PostRefusal::TimeOutOfRange)?;
        let tzdb = TZDB_VERSION.to_owned();
        let wall = WallClock { local, zone, tzdb, shift: resolved.shift };
        Ok(Self { instant: resolved.instant, wall: Some(wall), asap: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn local(time: &str, zone: &str) -> When {
        When::Local { local: time.parse().expect("a time"), zone: zone.parse().expect("a zone") }
    }

    #[test]
    fn a_wall_clock_time_remembers_how_it_was_understood() {
        let when = local("2026-03-29T02:30:00", "Europe/Berlin");
        let schedule = Schedule::resolve(when, at("2026-01-01T00:00:00Z")).expect("in future");
        let wall = schedule.wall.expect("a wall clock");
        assert_eq!((wall.shift, wall.tzdb.as_str()), (Shift::Gap, TZDB_VERSION));
        assert_eq!(schedule.instant, at("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn what_has_passed_is_refused_and_as_soon_as_possible_is_now() {
        let now = at("2026-11-21T09:00:00Z");
        let past = Schedule::resolve(local("2026-11-21T09:59:59", "Europe/Berlin"), now);
        let instant = at("2026-11-21T08:59:59Z");
        assert_eq!(past, Err(PostRefusal::InThePast { instant }));
        assert_eq!(
            Schedule::resolve(When::At(now), now),
            Err(PostRefusal::InThePast { instant: now })
        );
        let asap = Schedule::resolve(When::Asap, now).expect("always possible");
        assert_eq!((asap.instant, asap.asap), (now, true));
    }

    #[test]
    fn a_new_time_zone_database_moves_what_it_understands_otherwise() {
        let when = local("2026-12-01T09:00:00", "America/Vancouver");
        let right = Schedule::resolve(when, at("2026-01-01T00:00:00Z")).expect("in future");
        assert_eq!(right.re_resolved(), None);
        let old = Schedule { instant: at("2026-12-01T17:00:00Z"), ..right.clone() };
        assert_eq!(old.re_resolved(), Some(right));
    }
}
