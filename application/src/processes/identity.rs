//! What an identity that no longer holds leads to: its sessions end, and a person whom their issuer
//! gave up is forgotten in time.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob},
    settings::Settings,
};
use herald_account::{AccountEvent, UnlinkedBy};
use herald_kernel::JobId;
use serde_json::json;

/// Identities are followed to their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identities;

const URGENT: i32 = 20;
const ORDINARY: i32 = 100;

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
        let job = |kind, key: String, payload, due_at, priority| {
            let id = JobId::derived(account.uuid(), &key);
            JobChange::Put(NewJob { id, kind, key, account, payload, due_at, priority })
        };
        let mut jobs = vec![job(
            JobKind::EndSessions,
            format!("end-sessions:{account}/{identity}"),
            json!({ "identity": identity, "member": member, "cause": event.sequence }),
            event.at,
            URGENT,
        )];
        if *by == UnlinkedBy::Provider {
            jobs.push(job(
                JobKind::ForgetMember,
                format!("forget:{account}/{member}"),
                json!({ "member": member, "identity": identity }),
                event.at.plus(settings.identity.forget_after),
                ORDINARY,
            ));
        }
        jobs
    }
}
