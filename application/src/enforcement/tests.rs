//! Who keeps a place, and what becomes of those who do not.

use super::*;
use herald_kernel::{ConnectionId, Instant};
use herald_social_connection::Network;
use herald_subscription::{Entitlements, Quota};
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

fn connection(number: u8) -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(number.into()))
}

fn candidate(number: u8, used: u64, created: u64) -> Candidate {
    let nine: Instant = "2026-11-21T09:00:00Z".parse().expect("an instant");
    let at = |minutes: u64| nine.plus(Duration::from_secs(minutes * 60));
    let (used_at, created_at) = (at(used), at(created));
    Candidate { connection: connection(number), network: Network::X, used_at, created_at }
}

fn tier(connections: u32, networks: u32) -> Entitlements {
    let (connections, networks) = (Quota::Limited(connections), Quota::Limited(networks));
    Entitlements { connections, networks, ..Entitlements::free() }
}

#[test]
fn the_most_recently_used_keeps_its_place_and_of_two_the_older() {
    let candidates = [candidate(1, 5, 2), candidate(2, 9, 3), candidate(3, 9, 1)];
    let kept = |n| keep(&candidates, &BTreeSet::new(), &tier(n, 1));
    assert_eq!(kept(1), [connection(3)].into());
    assert_eq!(kept(2), [connection(2), connection(3)].into());
}

#[test]
fn what_people_chose_keeps_its_place_first() {
    let candidates = [candidate(1, 5, 2), candidate(2, 9, 3), candidate(3, 9, 1)];
    let chosen = [connection(1)].into();
    assert_eq!(keep(&candidates, &chosen, &tier(2, 1)), [connection(1), connection(3)].into());
    assert_eq!(keep(&candidates, &chosen, &tier(2, 0)), BTreeSet::new());
}

proptest! {
    #[test]
    fn no_more_are_kept_than_there_are_places_and_none_is_left_empty(
        times in prop::collection::vec((0..50_u64, 0..50_u64), 0..12), places in 0..12_u32,
    ) {
        let numbered = times.iter().zip(0_u8..);
        let candidates: Vec<_> =
            numbered.map(|((used, created), number)| candidate(number, *used, *created)).collect();
        let kept = keep(&candidates, &BTreeSet::new(), &tier(places, 1));
        let mut backwards = candidates.clone();
        backwards.reverse();
        prop_assert_eq!(&keep(&backwards, &BTreeSet::new(), &tier(places, 1)), &kept);
        let wanted = candidates.len().min(usize::try_from(places).expect("small"));
        prop_assert_eq!(kept.len(), wanted);
    }
}
