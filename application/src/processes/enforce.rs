//! What a change of a subscription leads to: places are given back or taken, posts held or let go.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::{Billing, Settings},
};
use herald_account::AccountEvent;
use herald_subscription::SubscriptionEvent as E;
use serde_json::json;

/// Entitlements are met by what is there already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enforce;

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
        let (kind, payload) = (JobKind::EnforceEntitlements, json!({ "ordinal": event.ordinal }));
        let job = NewJob::new(kind, account, key, payload, event.at, Priority::Urgent);
        vec![JobChange::Put(job)]
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
