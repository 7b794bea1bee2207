//! Which credits are left, folded from what was bought and spent.

use super::{CreditsCommand, CreditsContext, CreditsEvent as E, CreditsRefusal, Part};
use crate::{CreditKind, PaymentRef};
use herald_kernel::{Decider, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many reservations are remembered once they ended, so that the same end told twice is one. The account
/// buys for years: without a bound its state would grow with every block.
const ENDED_AT_MOST: usize = 1_000;

/// One pack that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// By which payment.
    pub payment: PaymentRef,
    /// How many credits it had.
    pub credits: u32,
    /// How many are neither spent nor set aside nor gone.
    pub left: u32,
    /// Until when they can be spent.
    pub expires_at: Instant,
    /// Was the payment given back, or its time up?
    pub closed: bool,
}

/// What became of a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Held {
    Open(Vec<Part>),
    Spent(u32),
    Released,
}

/// The bought credits of one account and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credits {
    pub(super) kind: Option<CreditKind>,
    pub(super) packs: Vec<Pack>,
    pub(super) held: BTreeMap<Uuid, Held>,
}

impl Credits {
    /// The packs, in the order in which they were bought.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// How many credits can be spent at `now`.
    #[must_use]
    pub fn balance(&self, now: Instant) -> u32 {
        self.spendable(now).fold(0, |sum, pack| sum.saturating_add(pack.left))
    }

    /// What is set aside under this id; 0 once it is spent or free again.
    #[must_use]
    pub fn held_by(&self, id: Uuid) -> u32 {
        match self.held.get(&id) {
            Some(Held::Open(parts)) => parts.iter().fold(0, |sum, it| sum.saturating_add(it.n)),
            Some(Held::Spent(_) | Held::Released) | None => 0,
        }
    }

    /// When the next of them expire.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.packs.iter().filter(|it| !it.closed && it.left > 0).map(|it| it.expires_at).min()
    }

    pub(super) fn spendable(&self, now: Instant) -> impl Iterator<Item = &Pack> {
        self.packs.iter().filter(move |it| !it.closed && now < it.expires_at)
    }

    pub(super) fn pack(&self, payment: &PaymentRef) -> Option<&Pack> {
        self.packs.iter().find(|it| it.payment == *payment)
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

    /// When the first of the packs that `id` has something of is over.
    #[must_use]
    pub fn held_until(&self, id: Uuid) -> Option<Instant> {
        let Some(Held::Open(parts)) = self.held.get(&id) else { return None };
        let ends = parts.iter().filter_map(|part| self.pack(&part.payment));
        ends.map(|pack| pack.expires_at).min()
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

impl Decider for Credits {
    const STREAM: &'static str = "credits";
    type Context = CreditsContext;
    type Command = CreditsCommand;
    type Event = E;
    type Refusal = CreditsRefusal;

    fn decide(
        &self,
        command: CreditsCommand,
        context: &CreditsContext,
    ) -> Result<Vec<E>, CreditsRefusal> {
        super::decide::decide(self, command, context.now)
    }

    fn evolve(&mut self, event: &E) {
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
}
