//! What an identity that no longer holds leads to: its sessions end, and a person whom their issuer
//! gave up is forgotten in time.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::Settings,
};
use herald_account::{AccountEvent, UnlinkedBy};
use serde_json::json;

/// Identities are followed to their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identities;

impl Process for Identities {
    fn name(&self) -> &'static str {
        "identities"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::Account
    }

    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange> {
        let (AnyEvent::Account(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        let AccountEvent::IdentityUnlinked { member, identity, by } = fact else {
            return Vec::new();
        };
        let mut jobs = vec![NewJob::new(
            JobKind::EndSessions,
            account,
            format!("end-sessions:{account}/{identity}"),
            json!({ "identity": identity, "member": member, "cause": event.sequence }),
            event.at,
            Priority::AtOnce,
        )];
        if *by == UnlinkedBy::Provider {
            jobs.push(NewJob::new(
                JobKind::ForgetMember,
                account,
                format!("forget:{account}/{member}"),
                json!({ "member": member, "identity": identity }),
                event.at.plus(settings.identity.forget_after),
                Priority::Ordinary,
            ));
        }
        jobs.into_iter().map(JobChange::Put).collect()
    }
}
