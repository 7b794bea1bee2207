//! What follows from a command to a count of use.

use super::state::Held;
use super::{
    Breakdown, Usage, UsageCommand as C, UsageContext, UsageEvent as E, UsageRefusal as R,
};
use crate::Overage;
use herald_kernel::{Decider, Instant, LeaseId, RunId};
use uuid::Uuid;

type Decision = Result<Vec<E>, R>;

impl Decider for Usage {
    const STREAM: &'static str = "usage";
    type Context = UsageContext;
    type Command = C;
    type Event = E;
    type Refusal = R;

    fn decide(&self, command: C, context: &UsageContext) -> Decision {
        let events = match command {
            C::Count { unit } => count(self, unit, context),
            C::Lease { lease, replica, n, expires_at } => {
                hand_out(self, lease, replica, n, expires_at, context)
            }
            C::Settle { lease, used, breakdown } => settle(self, lease, used, breakdown),
            C::Reserve { run, n, expires_at } => reserve(self, run, n, expires_at, context),
            C::Commit { run, used } => commit(self, run, used, context.now),
            C::Release { run } => release(self, run),
            C::Draw { id, n, breakdown } => draw(self, id, n, breakdown),
            C::Expire => Ok(expired(self, context.now)),
            C::IntendReport => Ok(intend_report(self, context.now)),
            C::RecordReport { upto, seen } => Ok(record_report(self, upto, seen)),
        }?;
        Ok(with_thresholds(self, events, context))
    }

    fn evolve(&mut self, event: &E) {
        super::evolve::evolve(self, event);
    }
}

/// What nobody settled in time comes first, so that it is neither held for ever nor handed out.
fn expired(it: &Usage, now: Instant) -> Vec<E> {
    let leases = it.leases.iter().filter_map(|(lease, held)| match held {
        Held::Open { n, expires_at } if *expires_at <= now => {
            Some(E::LeaseExpired { lease: *lease, used: *n })
        }
        Held::Open { .. } | Held::Used { .. } | Held::Released => None,
    });
    let runs = it.runs.iter().filter_map(|(run, held)| match held {
        Held::Open { expires_at, .. } if *expires_at <= now => {
            Some(E::ReservationExpired { run: *run })
        }
        Held::Open { .. } | Held::Used { .. } | Held::Released => None,
    });
    leases.chain(runs).collect()
}

/// Refuses when `n` more are not left, once what has expired is settled.
fn must_be_left(it: &Usage, n: u32, context: &UsageContext) -> Result<Vec<E>, R> {
    if n == 0 {
        return Err(R::Nothing);
    }
    if !context.period.contains(context.now) {
        return Err(R::OutsidePeriod);
    }
    let over = expired(it, context.now);
    let taken = after(it, &over).taken();
    match (context.overage, context.quota.limit()) {
        (Overage::Block, Some(limit)) if taken.saturating_add(n.into()) > u64::from(limit) => {
            let (policy, resets_at) = (context.counter.as_str(), context.period.end());
            Err(R::QuotaExceeded { policy, limit, used: taken, resets_at })
        }
        (Overage::Block | Overage::Meter, _) => Ok(over),
    }
}

fn after(it: &Usage, events: &[E]) -> Usage {
    let mut next = it.clone();
    for event in events {
        next.evolve(event);
    }
    next
}

fn count(it: &Usage, unit: Uuid, context: &UsageContext) -> Decision {
    if it.units.contains(&unit) {
        return Ok(Vec::new());
    }
    let mut events = must_be_left(it, 1, context)?;
    events.push(E::Counted { unit, at: context.now });
    Ok(events)
}

fn hand_out(
    it: &Usage,
    lease: LeaseId,
    replica: Uuid,
    n: u32,
    expires_at: Instant,
    context: &UsageContext,
) -> Decision {
    if it.leases.contains_key(&lease) {
        return Ok(Vec::new());
    }
    must_expire_later(expires_at, context.now)?;
    let mut events = must_be_left(it, n, context)?;
    events.push(E::Leased { lease, replica, n, expires_at });
    Ok(events)
}

fn must_expire_later(expires_at: Instant, now: Instant) -> Result<(), R> {
    if expires_at <= now { Err(R::ExpiryInThePast) } else { Ok(()) }
}

/// An expired block stays used: whoever was late may have used it up after all.
fn settle(it: &Usage, lease: LeaseId, used: u32, breakdown: Breakdown) -> Decision {
    match it.leases.get(&lease) {
        None | Some(Held::Released) => Err(R::LeaseUnknown),
        Some(Held::Used { .. }) => Ok(Vec::new()),
        Some(Held::Open { n, .. }) if used > *n => Err(R::MoreThanHeld { used, held: *n }),
        Some(Held::Open { .. }) => Ok(vec![E::Settled { lease, used, breakdown }]),
    }
}

fn reserve(
    it: &Usage,
    run: RunId,
    n: u32,
    expires_at: Instant,
    context: &UsageContext,
) -> Decision {
    match it.runs.get(&run) {
        Some(Held::Open { .. } | Held::Used { .. }) => return Ok(Vec::new()),
        Some(Held::Released) => return Err(R::ReservationOver),
        None => {}
    }
    must_expire_later(expires_at, context.now)?;
    let mut events = must_be_left(it, n, context)?;
    events.push(E::Reserved { run, n, expires_at });
    Ok(events)
}

fn commit(it: &Usage, run: RunId, used: u32, now: Instant) -> Decision {
    match it.runs.get(&run) {
        None => Err(R::ReservationUnknown),
        Some(Held::Released) => Err(R::ReservationOver),
        Some(Held::Used { used: former }) if *former == used => Ok(Vec::new()),
        Some(Held::Used { .. }) => Err(R::AlreadyCommitted),
        Some(Held::Open { n, .. }) if used > *n => Err(R::MoreThanHeld { used, held: *n }),
        Some(Held::Open { expires_at, .. }) if *expires_at <= now => Err(R::ReservationOver),
        Some(Held::Open { .. }) => Ok(vec![E::Committed { run, used }]),
    }
}

fn release(it: &Usage, run: RunId) -> Decision {
    match it.runs.get(&run) {
        None => Err(R::ReservationUnknown),
        Some(Held::Released) => Ok(Vec::new()),
        Some(Held::Used { .. }) => Err(R::AlreadyCommitted),
        Some(Held::Open { .. }) => Ok(vec![E::Released { run }]),
    }
}

/// One report at a time: a part that may have been told is told again before a new one begins.
fn intend_report(it: &Usage, at: Instant) -> Vec<E> {
    if it.report.is_some() || it.settled <= it.reported {
        return Vec::new();
    }
    vec![E::ReportIntended { from: it.reported, upto: it.settled, at }]
}

fn record_report(it: &Usage, upto: u64, seen: bool) -> Vec<E> {
    let open = it.report.is_some_and(|report| report.upto == upto);
    if open { vec![E::Reported { upto, seen }] } else { Vec::new() }
}

/// What was bought has its own account, which was asked before: no quota is asked here.
fn draw(it: &Usage, id: Uuid, n: u32, breakdown: Breakdown) -> Decision {
    match (it.drawn_for.contains(&id), n) {
        (true, _) => Ok(Vec::new()),
        (false, 0) => Err(R::Nothing),
        (false, _) => Ok(vec![E::Drawn { id, n, breakdown }]),
    }
}

/// Says once when four fifths, and once when all of the quota is taken.
fn with_thresholds(it: &Usage, mut events: Vec<E>, context: &UsageContext) -> Vec<E> {
    let Some(limit) = context.quota.limit().filter(|limit| *limit > 0) else { return events };
    let next = after(it, &events);
    let used = next.taken();
    for percent in [80_u8, 100] {
        let reached = used.saturating_mul(100) >= u64::from(limit) * u64::from(percent);
        if reached && next.reached < percent && !events.is_empty() {
            let (quota, at) = (context.quota, context.now);
            events.push(E::ThresholdReached { percent, quota, used, at });
        }
    }
    events
}
