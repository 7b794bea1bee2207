//! What an identity provider keeps beside its people's names: written anew when tier, onboarding or
//! the payment customer changes.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::Settings,
};
use herald_account::{AccountEvent as A, OnboardingStep};
use herald_subscription::SubscriptionEvent as S;
use serde_json::json;

/// Notes follow what they tell of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notes;

impl Process for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        matches!(kind, StreamKind::Account | StreamKind::Subscription)
    }

    fn react(&self, event: &Occurred, _: &Settings) -> Vec<JobChange> {
        let Some(account) = event.account.filter(|_| tells(&event.event)) else {
            return Vec::new();
        };
        let key = format!("notes:{account}");
        let (kind, priority) = (JobKind::WriteNotes, Priority::Leisurely);
        vec![JobChange::Put(NewJob::new(kind, account, key, json!({}), event.at, priority))]
    }
}

fn tells(event: &AnyEvent) -> bool {
    if let AnyEvent::Subscription(fact) = event {
        return matches!(
            **fact,
            S::CustomerLinked { .. }
                | S::AccessChanged { .. }
                | S::EntitlementsChanged { .. }
                | S::Grandfathered { .. }
        );
    }
    matches!(
        event,
        AnyEvent::Account(
            A::MemberAdded { .. }
                | A::RoleChanged { .. }
                | A::IdentityLinked { .. }
                | A::OnboardingAdvanced { step: OnboardingStep::Completed }
        )
    )
}
