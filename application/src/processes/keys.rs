//! When a key's overlap or its time ends, somebody has to note it.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::Settings,
};
use herald_api_key::ApiKeyEvent as E;
use herald_kernel::{AccountId, ApiKeyId, Instant};
use serde_json::json;

/// Keys end in time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys;

impl Process for Keys {
    fn name(&self) -> &'static str {
        "keys"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::ApiKey
    }

    fn react(&self, event: &Occurred, _: &Settings) -> Vec<JobChange> {
        let (AnyEvent::ApiKey(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        let key = ApiKeyId::new(event.stream);
        match &**fact {
            E::Issued(issued) => {
                issued.expires_at.map(|at| settle(account, key, "expiry", at)).into_iter().collect()
            }
            E::Rotated { overlap_until, .. } => {
                vec![settle(account, key, "overlap", *overlap_until)]
            }
            E::OverlapEnded | E::Revoked | E::Compromised { .. } | E::Expired => {
                ["expiry", "overlap"].map(|end| JobChange::Cancel { key: name(key, end) }).into()
            }
            E::ScopesChanged { .. } | E::Renamed { .. } | E::Disabled { .. } | E::Enabled => {
                Vec::new()
            }
        }
    }
}

fn name(key: ApiKeyId, end: &str) -> String {
    format!("key_{end}:{key}")
}

/// A key that is over works no more, noted or not: this can wait.
fn settle(account: AccountId, key: ApiKeyId, end: &str, due_at: Instant) -> JobChange {
    let (name, payload) = (name(key, end), json!({ "key": key }));
    let (kind, priority) = (JobKind::SettleApiKey, Priority::Leisurely);
    JobChange::Put(NewJob::new(kind, account, name, payload, due_at, priority))
}
