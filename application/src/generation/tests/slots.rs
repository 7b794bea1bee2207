//! When posts go out.

use super::{period, zone};
use crate::generation::{Calendar, Place, Slot, spread};
use herald_content_plan::{Date, PostsPerWeek};
use herald_kernel::{ConnectionId, Instant, Network, Shift, Zone};
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

fn places(count: u128) -> Vec<Place> {
    let place = |n| Place {
        connection: ConnectionId::new(Uuid::from_u128(n)),
        network: Network::X,
        text_limit: 280,
    };
    (1..=count).map(place).collect()
}

fn calendar(from: &str, to: &str, zone_name: &str, cadence: u32) -> Calendar {
    Calendar {
        period: period(from, to),
        zone: zone(zone_name),
        cadence: PostsPerWeek::try_from(cadence).expect("a cadence"),
    }
}

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn locals(slots: &[Slot]) -> Vec<String> {
    slots.iter().map(|slot| slot.local.to_string()).collect()
}

#[test]
fn three_posts_a_week_lie_apart_and_at_different_hours() {
    let calendar = calendar("2026-12-01", "2026-12-07", "Europe/Berlin", 3);
    let slots = spread(&calendar, &places(1), at("2026-11-21T09:00:00Z"));
    assert_eq!(
        locals(&slots),
        ["2026-12-02T09:00:00", "2026-12-04T12:00:00", "2026-12-06T17:00:00"]
    );
}

#[test]
fn what_has_passed_of_a_plan_is_not_planned() {
    let calendar = calendar("2026-12-01", "2026-12-07", "Europe/Berlin", 7);
    let slots = spread(&calendar, &places(1), at("2026-12-05T12:00:00Z"));
    assert!(slots.iter().all(|slot| slot.local.to_string().as_str() > "2026-12-05T13:00:00"));
    assert!(!slots.is_empty());
}

#[test]
fn late_on_the_last_day_one_post_still_finds_an_hour() {
    let calendar = calendar("2026-12-01", "2026-12-01", "UTC", 1);
    let slots = spread(&calendar, &places(1), at("2026-12-01T18:20:00Z"));
    assert_eq!(locals(&slots), ["2026-12-01T20:00:00"]);
    assert_eq!(spread(&calendar, &places(1), at("2026-12-01T23:20:00Z")), []);
}

#[test]
fn connections_do_not_all_speak_at_once() {
    let calendar = calendar("2026-12-01", "2026-12-01", "UTC", 1);
    let slots = spread(&calendar, &places(10), at("2026-11-21T09:00:00Z"));
    let mut times = locals(&slots);
    times.dedup();
    assert_eq!(times.len(), 10);
}

/// Every fifth zone is enough for a run; over many runs it is all of them.
fn any_zone() -> impl Strategy<Value = Zone> {
    let zones: Vec<_> = Zone::all().collect();
    prop::sample::select(zones)
}

/// A first day between 2026 and 2035, and how many days follow it.
fn any_days() -> impl Strategy<Value = (Date, Date)> {
    (0_u64..3_652, 0_u64..60).prop_map(|(first, more)| {
        let day = |days: u64| {
            let midnight = at("2026-01-01T00:00:00Z").plus(Duration::from_secs(days * 86_400));
            midnight.to_string().chars().take(10).collect::<String>().parse().expect("a day")
        };
        (day(first), day(first + more))
    })
}

proptest! {
    #[test]
    fn every_post_is_within_the_plan_ahead_of_now_and_at_a_time_that_clocks_show_once(
        zone in any_zone(), (from, to) in any_days(), cadence in 1_u32..=21, count in 1_u128..=10,
        days_in in 0_u64..70,
    ) {
        let period = herald_content_plan::Period { from, to };
        let now = from.midnight().in_zone(&zone).expect("in range").instant;
        let now = now.plus(Duration::from_secs(days_in * 80_000)).minus(Duration::from_secs(86_400));
        let cadence = PostsPerWeek::try_from(cadence).expect("a cadence");
        let calendar = Calendar { period, zone: zone.clone(), cadence };
        let slots = spread(&calendar, &places(count), now);
        for slot in &slots {
            prop_assert!(period.contains(slot.local), "{} is not in {period:?}", slot.local);
            let resolved = slot.local.in_zone(&zone).expect("in range");
            prop_assert_eq!(resolved.shift, Shift::Exact);
            prop_assert!(resolved.instant > now);
        }
        prop_assert_eq!(spread(&calendar, &places(count), now), slots, "the same every time");
    }

    #[test]
    fn no_seven_days_hold_more_posts_than_the_cadence_and_few_hold_less(
        (from, to) in any_days(), cadence in 1_u32..=21, count in 1_u128..=3,
    ) {
        let period = herald_content_plan::Period { from, to };
        let calendar = Calendar {
            period,
            zone: Zone::utc(),
            cadence: PostsPerWeek::try_from(cadence).expect("a cadence"),
        };
        let slots = spread(&calendar, &places(count), at("2025-12-01T00:00:00Z"));
        let days = period.span().expect("in order").as_secs() / 86_400 + 1;
        for place in places(count) {
            let of_place = slots.iter().filter(|slot| slot.connection == place.connection);
            let days_of: Vec<Instant> = of_place
                .map(|slot| Date::of(slot.local).midnight().in_zone(&Zone::utc()).expect("ok").instant)
                .collect();
            let expected = (days * u64::from(cadence) / 7).max(1);
            prop_assert_eq!(u64::try_from(days_of.len()).expect("few"), expected);
            for first in &days_of {
                let week = first.plus(Duration::from_secs(7 * 86_400));
                let within = days_of.iter().filter(|day| *day >= first && **day < week).count();
                prop_assert!(within <= usize::try_from(cadence).expect("small"), "{within} in a week");
            }
        }
    }
}
