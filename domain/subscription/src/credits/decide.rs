//! What follows from a command to bought credits.

use super::state::Held;
use super::{
    Credits, CreditsCommand as C, CreditsContext, CreditsEvent as E, CreditsRefusal as R, Part,
};
use crate::PaymentRef;
use herald_kernel::{Decider, Instant};
use uuid::Uuid;

type Decision = Result<Vec<E>, R>;

impl Decider for Credits {
    const STREAM: &'static str = "credits";
    type Context = CreditsContext;
    type Command = C;
    type Event = E;
    type Refusal = R;

    fn decide(&self, command: C, context: &CreditsContext) -> Decision {
        let now = context.now;
        match command {
            C::Buy { payment, kind, credits, amount, expires_at } => {
                if self.pack(&payment).is_some() {
                    return Ok(Vec::new());
                }
                if self.kind.is_some_and(|known| known != kind) {
                    return Err(R::OtherKind);
                }
                if credits == 0 {
                    return Err(R::Nothing);
                }
                if expires_at <= now {
                    return Err(R::ExpiryInThePast);
                }
                Ok(vec![E::Bought { payment, kind, credits, amount, expires_at }])
            }
            C::Reserve { id, n } => reserve(self, id, n, now),
            C::Commit { id, used } => commit(self, id, used),
            C::Release { id } => release(self, id),
            C::Refund { payment } => refund(self, payment),
            C::Expire => Ok(expire(self, now)),
        }
    }

    fn evolve(&mut self, event: &E) {
        self.believe(event);
    }
}

/// Takes what was bought first.
fn reserve(it: &Credits, id: Uuid, n: u32, now: Instant) -> Decision {
    match it.held.get(&id) {
        Some(Held::Open(_) | Held::Spent(_)) => return Ok(Vec::new()),
        Some(Held::Released) => return Err(R::ReservationOver),
        None if n == 0 => return Err(R::Nothing),
        None => {}
    }
    let left = it.balance(now);
    if n > left {
        return Err(R::CreditsExhausted { left });
    }
    let parts = it.spendable(now).map(|it| Part { payment: it.payment.clone(), n: it.left });
    Ok(vec![E::Reserved { id, parts: first(parts, n) }])
}

/// The first `n` credits of what the parts hold.
fn first(parts: impl Iterator<Item = Part>, mut n: u32) -> Vec<Part> {
    let mut taken = Vec::new();
    for part in parts {
        let some = part.n.min(n);
        n -= some;
        if some > 0 {
            taken.push(Part { n: some, ..part });
        }
    }
    taken
}

fn commit(it: &Credits, id: Uuid, used: u32) -> Decision {
    match it.held.get(&id) {
        None => Err(R::ReservationUnknown),
        Some(Held::Spent(former)) if *former == used => Ok(Vec::new()),
        Some(Held::Spent(_) | Held::Released) => Err(R::ReservationOver),
        Some(Held::Open(parts)) => {
            let held = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(part.n));
            if used > held {
                return Err(R::MoreThanHeld { used, held });
            }
            Ok(vec![E::Committed { id, parts: first(parts.iter().cloned(), used) }])
        }
    }
}

fn release(it: &Credits, id: Uuid) -> Decision {
    match it.held.get(&id) {
        None => Err(R::ReservationUnknown),
        Some(Held::Released) => Ok(Vec::new()),
        Some(Held::Spent(_)) => Err(R::ReservationOver),
        Some(Held::Open(_)) => Ok(vec![E::Released { id }]),
    }
}

fn refund(it: &Credits, payment: PaymentRef) -> Decision {
    let pack = it.pack(&payment).ok_or(R::PackUnknown)?;
    if pack.closed {
        return Ok(Vec::new());
    }
    if pack.left < pack.credits {
        return Err(R::PackUsed);
    }
    Ok(vec![E::Refunded { payment, credits: pack.left }])
}

fn expire(it: &Credits, now: Instant) -> Vec<E> {
    let over = it.packs.iter().filter(|pack| !pack.closed && pack.expires_at <= now);
    over.map(|pack| E::Expired { payment: pack.payment.clone(), credits: pack.left }).collect()
}
