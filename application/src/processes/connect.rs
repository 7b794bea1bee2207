//! What a connection's events lead to: exchange the code, renew the tokens, hold or release posts.

use super::Process;
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Ordinal, Priority},
    settings::Settings,
};
use herald_kernel::{AccountId, ConnectionId, Instant};
use herald_social_connection::{ConnectionEvent, TokenOrigin};
use serde_json::{Value, json};

/// Connections are made, kept alive and ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connect;

impl Process for Connect {
    fn name(&self) -> &'static str {
        "connect"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::Connection
    }

    fn react(&self, event: &Occurred, _: &Settings) -> Vec<JobChange> {
        let (AnyEvent::Connection(fact), Some(account)) = (&event.event, event.account) else {
            return Vec::new();
        };
        let jobs = Jobs { account, connection: ConnectionId::new(event.stream), at: event.at };
        jobs.following(fact, event.ordinal)
    }
}

struct Jobs {
    account: AccountId,
    connection: ConnectionId,
    at: Instant,
}

impl Jobs {
    fn following(&self, fact: &ConnectionEvent, ordinal: Ordinal) -> Vec<JobChange> {
        use ConnectionEvent as E;
        match fact {
            E::TokenExchangeIntended { attempt } => vec![self.exchange(*attempt)],
            E::TokenStored { origin: TokenOrigin::Refresh(_), .. } => vec![self.refresh()],
            E::Established { .. } | E::Reauthorized { .. } => {
                vec![self.refresh(), self.settle(ordinal)]
            }
            E::Disconnected { .. } => {
                vec![self.cancel("exchange"), self.cancel("refresh"), self.settle(ordinal)]
            }
            E::Recovered
            | E::ReauthRequired { .. }
            | E::CapabilityLost { .. }
            | E::Paused { .. }
            | E::Resumed { .. }
            | E::Blocked { .. } => vec![self.settle(ordinal)],
            E::ConsentRequested { .. }
            | E::ConsentDenied { .. }
            | E::TokenExchangeFailed { .. }
            | E::TokenExchangeUnknown { .. }
            | E::TokenStored { origin: TokenOrigin::Consent(_), .. }
            | E::RefreshIntended { .. }
            | E::RefreshFailedTransient { .. }
            | E::RefreshRejected { .. }
            | E::RefreshOutcomeUnknown { .. }
            | E::Degraded { .. }
            | E::QuotaObserved { .. }
            | E::SecretShredded => Vec::new(),
        }
    }

    /// A code lives for half a minute: nothing comes before its exchange.
    fn exchange(&self, attempt: u32) -> JobChange {
        let payload =
            json!({ "connection": self.connection, "attempt": attempt, "since": self.at });
        self.put(JobKind::ExchangeCode, "exchange", Priority::AtOnce, payload)
    }

    /// The job itself asks the connection when its tokens are to be renewed, and comes back then.
    fn refresh(&self) -> JobChange {
        let payload = json!({ "connection": self.connection });
        self.put(JobKind::RefreshTokens, "refresh", Priority::Ordinary, payload)
    }

    fn settle(&self, ordinal: Ordinal) -> JobChange {
        let payload = json!({ "connection": self.connection, "ordinal": ordinal });
        self.put(JobKind::SettleConnection, "settle", Priority::Urgent, payload)
    }

    fn put(&self, kind: JobKind, verb: &str, priority: Priority, payload: Value) -> JobChange {
        let key = self.key(verb);
        JobChange::Put(NewJob::new(kind, self.account, key, payload, self.at, priority))
    }

    fn cancel(&self, verb: &str) -> JobChange {
        JobChange::Cancel { key: self.key(verb) }
    }

    fn key(&self, verb: &str) -> String {
        format!("{verb}:{}", self.connection)
    }
}

#[cfg(test)]
mod tests;
