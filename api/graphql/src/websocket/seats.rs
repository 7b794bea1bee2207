//! Places for open WebSockets: so many in all, and for one address no more than its share.

use herald_application::limits::neighbourhood;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Who sits from where. All whose address cannot be told are taken for one.
type Taken = HashMap<Option<IpAddr>, usize>;

/// The places of a server.
#[derive(Debug)]
pub struct Seats {
    all: usize,
    share: usize,
    taken: Mutex<Taken>,
}

impl Seats {
    /// So many in all, of which one address has at most its share.
    #[must_use]
    pub fn new(all: usize, share: usize) -> Arc<Self> {
        Arc::new(Self { all, share, taken: Mutex::default() })
    }

    /// A place until it is dropped; `None` when all are taken, or as many as this address may have.
    pub(crate) fn take(self: &Arc<Self>, source: Option<IpAddr>) -> Option<Seat> {
        let source = source.map(neighbourhood);
        let mut taken = self.taken();
        let own = taken.get(&source).copied().unwrap_or_default();
        if own >= self.share || taken.values().sum::<usize>() >= self.all {
            return None;
        }
        taken.insert(source, own + 1);
        drop(taken);
        Some(Seat { seats: Arc::clone(self), source })
    }

    /// Counts stay right whoever died meanwhile.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place, taken.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    source: Option<IpAddr>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        let left = taken.get(&self.source).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            taken.remove(&self.source);
        } else {
            taken.insert(self.source, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sits(seats: &Arc<Seats>, address: &str) -> Option<Seat> {
        seats.take(Some(address.parse().unwrap()))
    }

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest_to_others() {
        let seats = Seats::new(3, 2);
        let first = sits(&seats, "192.0.2.1").unwrap();
        let _second = sits(&seats, "192.0.2.1").unwrap();
        assert!(sits(&seats, "192.0.2.1").is_none(), "its share is taken");
        let _other = sits(&seats, "198.51.100.7").unwrap();
        assert!(sits(&seats, "203.0.113.9").is_none(), "all are taken");
        drop(first);
        assert!(sits(&seats, "192.0.2.1").is_some(), "whoever leaves makes room");
    }

    #[test]
    fn whoever_has_one_ipv6_address_has_one_share_for_all_of_theirs() {
        let seats = Seats::new(3, 1);
        let _first = sits(&seats, "2001:db8::1").unwrap();
        assert!(sits(&seats, "2001:db8::2").is_none());
        assert!(sits(&seats, "2001:db8:0:1::1").is_some());
    }
}
