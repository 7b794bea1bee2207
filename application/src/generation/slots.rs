//! When a plan's posts go out: spread evenly over its days, at times that clocks show once.

use herald_content_plan::{Date, Period, PostsPerWeek};
use herald_kernel::{ConnectionId, Instant, LocalTime, Network, Shift, Zone};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// One wanted post: where and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Where.
    pub connection: ConnectionId,
    /// On which network.
    pub network: Network,
    /// How long a text that connection may post.
    pub text_limit: u32,
    /// When, by the clocks of the plan's zone.
    pub local: LocalTime,
}

/// The frame that the posts are spread over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The days.
    pub period: Period,
    /// Whose clocks.
    pub zone: Zone,
    /// How often each connection posts.
    pub cadence: PostsPerWeek,
}

/// A connection that posts are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub connection: ConnectionId,
    /// Its network.
    pub network: Network,
    /// How long a text it may post.
    pub text_limit: u32,
}

/// The wanted posts that lie ahead of `now`, in order of time. The same question has the same
/// answer. No seven days hold more posts of a connection than its cadence says.
#[must_use]
pub fn spread(calendar: &Calendar, places: &[Place], now: Instant) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (place, index) in places.iter().zip(0_u64..) {
        let mut times = calendar.times(index, now);
        if times.is_empty() {
            // What is left of the last day is too late for the usual hours.
            times.extend(calendar.next_hour(now));
        }
        let Place { connection, network, text_limit } = *place;
        slots.extend(times.into_iter().map(|local| Slot {
            connection,
            network,
            text_limit,
            local,
        }));
    }
    slots.sort_by_key(|slot| (slot.local, slot.connection));
    slots
}

impl Calendar {
    /// The times of the connection of this index. Each gets its own minutes, so that they do not
    /// all speak at once.
    fn times(&self, index: u64, now: Instant) -> Vec<LocalTime> {
        let Some((first, days)) = self.days_left(now) else { return Vec::new() };
        let cadence = u64::from(self.cadence.get());
        let posts = (days * cadence / 7).max(1);
        let a_day = cadence.div_ceil(7);
        let places_in_time = days * a_day;
        let time = |post: u64| {
            // The middle of the post's share of the places: as far from its neighbours as can be.
            let place = (2 * post + 1) * places_in_time / (2 * posts);
            let (day, part) = (place / a_day, place % a_day);
            let minutes = hour(a_day, part, post + index) * 60 + index * 5 % 60;
            let local = later(first, DAY.saturating_mul(narrow(day)), minutes)?;
            self.exact(local).filter(|(_, instant)| *instant > now).map(|(local, _)| local)
        };
        (0..posts).filter_map(time).collect()
    }

    /// The first midnight and the number of days that are not over at `now`.
    fn days_left(&self, now: Instant) -> Option<(LocalTime, u64)> {
        let today = Date::of(LocalTime::of(now, &self.zone)?);
        let from = self.period.from.max(today);
        let span = Period { from, to: self.period.to }.span()?;
        Some((from.midnight(), span.as_secs() / DAY.as_secs() + 1))
    }

    /// The full hour after next, if it is still within the plan.
    fn next_hour(&self, now: Instant) -> Option<LocalTime> {
        let local = LocalTime::of(now.plus(HOUR * 2), &self.zone)?;
        let civil = local.in_zone(&Zone::utc())?.instant;
        let past_the_hour = civil.micros().rem_euclid(3_600_000_000);
        let hour = Instant::from_micros(civil.micros() - past_the_hour)?;
        let (local, instant) = self.exact(LocalTime::of(hour, &Zone::utc())?)?;
        (instant > now).then_some(local)
    }

    /// `local`, or a little later where clocks are being set: a time that they show exactly once,
    /// within the plan.
    fn exact(&self, local: LocalTime) -> Option<(LocalTime, Instant)> {
        let meant = local.in_zone(&self.zone)?.instant;
        (0..=3).find_map(|hours| {
            let instant = meant.plus(HOUR * hours);
            let local = LocalTime::of(instant, &self.zone)?;
            let resolved = local.in_zone(&self.zone)?;
            let once = resolved.shift == Shift::Exact && resolved.instant == instant;
            (once && self.period.contains(local)).then_some((local, instant))
        })
    }
}

/// The hour of a post: people read in the morning, at noon and in the evening.
const fn hour(a_day: u64, part: u64, turn: u64) -> u64 {
    match (a_day, part) {
        (0 | 1, _) => match turn % 3 {
            0 => 9,
            1 => 12,
            _ => 17,
        },
        (_, 0) => 9,
        (2, _) | (_, 2..) => 18,
        (_, 1) => 13,
    }
}

/// `local` with days and minutes added as a calendar adds them, whatever clocks do meanwhile.
fn later(local: LocalTime, days: Duration, minutes: u64) -> Option<LocalTime> {
    let civil = local.in_zone(&Zone::utc())?.instant;
    LocalTime::of(civil.plus(days).plus(Duration::from_secs(minutes * 60)), &Zone::utc())
}

fn narrow(days: u64) -> u32 {
    u32::try_from(days).unwrap_or(u32::MAX)
}
