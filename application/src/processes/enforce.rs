//! What a change of a subscription leads to: places are given back or taken, posts held or let go.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob},
    settings::{Billing, Settings},
};
use herald_account::AccountEvent;
use herald_kernel::JobId;
use herald_subscription::SubscriptionEvent as E;
use serde_json::json;

/// Entitlements are met by what is there already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enforce;

const URGENT: i32 = 50;

impl Process for Enforce {
    fn name(&self) -> &'static str {
        "enforce"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        matches!(kind, StreamKind::Account | StreamKind::Subscription)
    }

    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange> {
        let Some(account) = event.account else { return Vec::new() };
        let concerns = match &event.event {
            AnyEvent::Subscription(fact) => changes_what_may_be_used(fact),
            AnyEvent::Account(fact) => settings.billing != Billing::Off && frees_a_seat(fact),
            AnyEvent::ApiKey(_)
            | AnyEvent::Claim(_)
            | AnyEvent::Connection(_)
            | AnyEvent::Credits(_)
            | AnyEvent::Plan(_)
            | AnyEvent::Post(_)
            | AnyEvent::Usage(_)
            | AnyEvent::Foreign
            | AnyEvent::Unreadable(_) => false,
        };
        if !concerns {
            return Vec::new();
        }
        let key = format!("enforce:{account}");
        let id = JobId::derived(account.uuid(), &key);
        let payload = json!({ "ordinal": event.ordinal });
        let (kind, due_at) = (JobKind::EnforceEntitlements, event.at);
        vec![JobChange::Put(NewJob { id, kind, key, account, payload, due_at, priority: URGENT })]
    }
}

/// Somebody may wake who rests. Whoever owns the account has a seat before others.
const fn frees_a_seat(fact: &AccountEvent) -> bool {
    matches!(fact, AccountEvent::MemberRemoved { .. } | AccountEvent::RoleChanged { .. })
}

const fn changes_what_may_be_used(fact: &E) -> bool {
    matches!(
        fact,
        E::AccessChanged { .. }
            | E::EntitlementsChanged { .. }
            | E::KeepersChosen { .. }
            | E::DisputeOpened { .. }
            | E::DisputeWon { .. }
            | E::DisputeLost { .. }
            | E::GraceExtended { .. }
            | E::EntitlementOverridden { .. }
            | E::OverrideLifted { .. }
            | E::Grandfathered { .. }
    )
}
