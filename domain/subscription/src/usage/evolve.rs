//! What a count becomes by what happens to it.

use super::state::{Held, OpenReport, Usage};
use super::{Breakdown, UsageEvent as E, totals::add_to};

pub(super) fn evolve(it: &mut Usage, event: &E) {
    match event {
        E::Counted { unit, .. } => {
            it.units.insert(*unit);
            it.settled = it.settled.saturating_add(1);
        }
        E::Leased { lease, n, expires_at, .. } => {
            it.leases.insert(*lease, Held::Open { n: *n, expires_at: *expires_at });
            it.held = it.held.saturating_add(u64::from(*n));
        }
        E::Settled { lease, used, breakdown } => {
            let former = it.leases.insert(*lease, Held::Used { used: *used });
            settle(it, former, *used);
            add_all(it, breakdown);
        }
        E::LeaseExpired { lease, used } => {
            let former = it.leases.insert(*lease, Held::Used { used: *used });
            settle(it, former, *used);
        }
        E::Reserved { run, n, expires_at } => {
            it.runs.insert(*run, Held::Open { n: *n, expires_at: *expires_at });
            it.held = it.held.saturating_add(u64::from(*n));
        }
        E::Committed { run, used } => {
            let former = it.runs.insert(*run, Held::Used { used: *used });
            settle(it, former, *used);
        }
        E::Released { run } | E::ReservationExpired { run } => {
            let former = it.runs.insert(*run, Held::Released);
            settle(it, former, 0);
        }
        E::ReportIntended { from, upto, at } => {
            it.report = Some(OpenReport { from: *from, upto: *upto, at: *at });
        }
        E::Reported { upto, .. } => {
            it.reported = *upto;
            it.report = None;
        }
        E::Drawn { id, n, breakdown } => {
            it.drawn_for.insert(*id);
            it.drawn = it.drawn.saturating_add(u64::from(*n));
            add_all(it, breakdown);
        }
        E::ThresholdReached { percent, .. } => it.reached = *percent,
    }
}

/// What was held is free, but for what was used of it.
fn settle(it: &mut Usage, former: Option<Held>, used: u32) {
    match former {
        Some(Held::Open { n, .. }) => it.held = it.held.saturating_sub(u64::from(n)),
        Some(Held::Used { used }) => it.settled = it.settled.saturating_sub(u64::from(used)),
        Some(Held::Released) | None => {}
    }
    it.settled = it.settled.saturating_add(u64::from(used));
}

fn add_all(it: &mut Usage, breakdown: &Breakdown) {
    for (name, count) in breakdown.counts() {
        add_to(&mut it.breakdown, name, *count);
    }
}
