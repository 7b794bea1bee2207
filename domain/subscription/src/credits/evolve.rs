//! What bought credits become by what happens to them.

use super::state::Held;
use super::{Credits, CreditsEvent as E, Pack, Part};
use crate::PaymentRef;
use uuid::Uuid;

/// So many reservations are remembered once they ended, so that the same end told twice is one. The account
/// buys for years: without a bound its state would grow with every block.
const ENDED_AT_MOST: usize = 1_000;

impl Credits {
    pub(super) fn believe(&mut self, event: &E) {
        match event {
            E::Bought { payment, kind, credits, expires_at, .. } => {
                self.kind = Some(*kind);
                self.packs.push(Pack {
                    payment: payment.clone(),
                    credits: *credits,
                    left: *credits,
                    expires_at: *expires_at,
                    closed: false,
                });
            }
            E::Reserved { id, parts } => {
                self.take(parts);
                self.held.insert(*id, Held::Open(parts.clone()));
            }
            E::Committed { id, parts } => {
                self.give_back(id);
                self.take(parts);
                let used = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(part.n));
                self.end(*id, Held::Spent(used));
            }
            E::Released { id } => {
                self.give_back(id);
                self.end(*id, Held::Released);
            }
            E::Refunded { payment, .. } | E::Expired { payment, .. } => {
                self.change(payment, |pack| {
                    pack.left = 0;
                    pack.closed = true;
                });
            }
        }
    }

    fn change(&mut self, payment: &PaymentRef, change: impl FnOnce(&mut Pack)) {
        if let Some(pack) = self.packs.iter_mut().find(|it| it.payment == *payment) {
            change(pack);
        }
    }

    /// Remembers how a reservation ended, and forgets the ends that were long ago: ids grow.
    fn end(&mut self, id: Uuid, end: Held) {
        self.held.insert(id, end);
        if self.held.len() > ENDED_AT_MOST {
            let ended = self.held.iter().find(|(_, held)| !matches!(held, Held::Open(_)));
            ended.map(|(id, _)| *id).map(|id| self.held.remove(&id));
        }
    }

    /// What was set aside goes back to its packs; to a closed one it is of no use any more.
    fn give_back(&mut self, id: &Uuid) {
        if let Some(Held::Open(parts)) = self.held.get(id).cloned() {
            for part in parts {
                self.change(&part.payment, |pack| {
                    if !pack.closed {
                        pack.left = pack.left.saturating_add(part.n);
                    }
                });
            }
        }
    }

    fn take(&mut self, parts: &[Part]) {
        for part in parts {
            self.change(&part.payment, |pack| pack.left = pack.left.saturating_sub(part.n));
        }
    }
}
