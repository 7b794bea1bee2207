//! What a change of a subscription leads to: places are given back or taken, posts held or let go.

use super::Process;
use crate::{
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob},
    settings::Settings,
};
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

    fn react(&self, event: &Occurred, _: &Settings) -> Vec<JobChange> {
        let (AnyEvent::Subscription(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        if !changes_what_may_be_used(fact) {
            return Vec::new();
        }
        let key = format!("enforce:{account}");
        let id = JobId::derived(account.uuid(), &key);
        let payload = json!({ "ordinal": event.ordinal });
        let (kind, due_at) = (JobKind::EnforceEntitlements, event.at);
        vec![JobChange::Put(NewJob { id, kind, key, account, payload, due_at, priority: URGENT })]
    }
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
