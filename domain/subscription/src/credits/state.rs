//! Which credits are left, folded from what was bought and spent.

use super::Part;
use crate::{CreditKind, PaymentRef};
use herald_kernel::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

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

    /// When the first of the packs that `id` has something of is over.
    #[must_use]
    pub fn held_until(&self, id: Uuid) -> Option<Instant> {
        let Some(Held::Open(parts)) = self.held.get(&id) else { return None };
        let ends = parts.iter().filter_map(|part| self.pack(&part.payment));
        ends.map(|pack| pack.expires_at).min()
    }
}
