//! Background work with a due time, a lease and a fence.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, JobId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// What kinds of work there are; one handler each in `application/src/jobs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Trade an OAuth code for tokens and learn whose account it is.
    ExchangeCode,
    /// Renew a connection's tokens before they expire.
    RefreshTokens,
    /// Carry one target to its network.
    PublishTarget,
    /// Find a commit whose verdict never came.
    FindLostVerdict,
    /// Look up whether a target was published after all.
    ReconcileTarget,
    /// Hold or release the scheduled targets of a connection.
    SettleConnection,
    /// Write a content plan.
    GeneratePlan,
    /// Read a published post's metrics.
    CollectMetrics,
    /// Have the payment provider do something, or note what is due by time.
    Billing,
    /// Ask the payment provider how an account stands.
    SyncSubscription,
    /// End the sessions of an identity that no longer holds.
    EndSessions,
    /// Forget a member whom their issuer gave up.
    ForgetMember,
    /// Write beside people's names what their identity provider is to know.
    WriteNotes,
    /// Bring what an account has in line with what it may use.
    EnforceEntitlements,
    /// Note that an API key's overlap or its time is over.
    SettleApiKey,
    /// Tell people by mail what concerns them.
    SendNotice,
    /// Mail a link to sign in with.
    MailLink,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::ExchangeCode,
        Self::RefreshTokens,
        Self::PublishTarget,
        Self::FindLostVerdict,
        Self::ReconcileTarget,
        Self::SettleConnection,
        Self::GeneratePlan,
        Self::CollectMetrics,
        Self::Billing,
        Self::SyncSubscription,
        Self::EndSessions,
        Self::ForgetMember,
        Self::WriteNotes,
        Self::EnforceEntitlements,
        Self::SettleApiKey,
        Self::SendNotice,
        Self::MailLink,
    ];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExchangeCode => "exchange_code",
            Self::RefreshTokens => "refresh_tokens",
            Self::PublishTarget => "publish_target",
            Self::FindLostVerdict => "find_lost_verdict",
            Self::ReconcileTarget => "reconcile_target",
            Self::SettleConnection => "settle_connection",
            Self::GeneratePlan => "generate_plan",
            Self::CollectMetrics => "collect_metrics",
            Self::Billing => "billing",
            Self::SyncSubscription => "sync_subscription",
            Self::EndSessions => "end_sessions",
            Self::WriteNotes => "write_notes",
            Self::ForgetMember => "forget_member",
            Self::EnforceEntitlements => "enforce_entitlements",
            Self::SettleApiKey => "settle_api_key",
            Self::SendNotice => "send_notice",
            Self::MailLink => "mail_link",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A change of the queue that a process asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum JobChange {
    /// Insert; or, when the key exists in whatever state, make it ready again with this due time and
    /// payload, zero attempts, and a higher fence (so that whoever holds it loses it).
    Put(NewJob),
    /// Delete the job of this key, if any.
    Cancel {
        /// The natural key.
        key: String,
    },
}

/// Where a job's payload says to which chain of causes it belongs.
const CORRELATION: &str = "correlation";
/// Where a job's payload says what led to it.
const CAUSATION: &str = "causation";

/// What led to a job. It stands in the job's payload, and beside every event that the job writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The chain of causes, if somebody began one.
    pub correlation: Option<Uuid>,
    /// As [`causation`](crate::log::EventMeta::causation) spells it.
    pub causation: String,
}

impl From<&ClaimedJob> for Cause {
    fn from(job: &ClaimedJob) -> Self {
        Self { correlation: Some(job.correlation()), causation: job.causation().to_owned() }
    }
}

impl JobChange {
    /// The same change, made because of that.
    #[must_use]
    pub(crate) fn because_of(self, cause: impl Into<Cause>) -> Self {
        match self {
            Self::Put(job) => Self::Put(job.because_of(cause)),
            Self::Cancel { key } => Self::Cancel { key },
        }
    }
}

/// In what order jobs are done that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Somebody waits for it.
    AtOnce,
    /// Something has its time, or must no longer be so.
    Urgent,
    /// It follows from what happened.
    Ordinary,
    /// Nobody misses it soon.
    Leisurely,
}

impl Priority {
    /// As stored: lower comes first.
    #[must_use]
    pub const fn as_i32(self) -> i32 {
        match self {
            Self::AtOnce => 10,
            Self::Urgent => 50,
            Self::Ordinary => 100,
            Self::Leisurely => 200,
        }
    }
}

/// A job as it is put.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// The job.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// Natural and unique, for example `publish:tgt_…`.
    pub key: String,
    /// On whose behalf.
    pub account: AccountId,
    /// Ids that the handler needs; never a secret.
    pub payload: Value,
    /// Not before this instant.
    pub due_at: Instant,
    /// Before which others.
    pub priority: Priority,
}

impl NewJob {
    /// The job of `account` that `key` names: put again, it is the same job, due anew.
    #[must_use]
    pub fn new(
        kind: JobKind,
        account: AccountId,
        key: String,
        payload: Value,
        due_at: Instant,
        priority: Priority,
    ) -> Self {
        let id = JobId::derived(account.uuid(), &key);
        Self { id, kind, key, account, payload, due_at, priority }
    }

    /// The same job, put because of that.
    #[must_use]
    pub(crate) fn because_of(mut self, cause: impl Into<Cause>) -> Self {
        let Cause { correlation, causation } = cause.into();
        if let Value::Object(fields) = &mut self.payload {
            let correlation = correlation.map(|it| (CORRELATION.to_owned(), it.to_string()));
            let told = correlation.into_iter().chain([(CAUSATION.to_owned(), causation)]);
            fields.extend(told.map(|(name, text)| (name, Value::String(text))));
        }
        self
    }
}

/// A job in a worker's hands.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    /// The job.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// Its natural key.
    pub key: String,
    /// On whose behalf.
    pub account: AccountId,
    /// What the process wrote.
    pub payload: Value,
    /// When it was due.
    pub due_at: Instant,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// Proves that the job is still ours.
    pub fence: i64,
}

impl ClaimedJob {
    /// The chain of causes that it belongs to; one of its own where nobody began one.
    #[must_use]
    pub fn correlation(&self) -> Uuid {
        let text = self.payload.get(CORRELATION).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok()).unwrap_or_else(|| self.id.uuid())
    }

    /// What led to it; the job itself where nobody said.
    #[must_use]
    pub fn causation(&self) -> &str {
        self.payload.get(CAUSATION).and_then(Value::as_str).unwrap_or(&self.key)
    }
}

/// How claims are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The application's present instant.
    pub now: Instant,
    /// How long a claim lasts unless renewed.
    pub length: Duration,
}

/// The queue, for the worker. Every call that names a fence answers `false` and changes nothing when
/// the job has another one.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Claims up to `limit` due jobs, the most urgent and oldest first: ready ones, and ones whose
    /// lease has run out. Two workers never claim one job at one time.
    async fn claim(&self, lease: Lease, limit: u32) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Lengthens a claim.
    async fn renew(&self, job: JobId, fence: i64, until: Instant) -> Result<bool, StoreError>;

    /// The work is done: deletes the job.
    async fn finish(&self, job: JobId, fence: i64) -> Result<bool, StoreError>;

    /// The work goes on later; `error` says why, if for a failure. `progress` resets the attempts.
    async fn reschedule(
        &self,
        job: JobId,
        fence: i64,
        due_at: Instant,
        error: Option<&str>,
        progress: bool,
    ) -> Result<bool, StoreError>;

    /// The work is given up: the job stays, dead, with its cause.
    async fn bury(&self, job: JobId, fence: i64, error: &str) -> Result<bool, StoreError>;
}

/// The queue, for readers.
#[async_trait]
pub trait JobBoard: Send + Sync {
    /// What waits.
    async fn backlog(&self, now: Instant) -> Result<Backlog, StoreError>;

    /// When the next job is due, claimed ones and those of kinds unknown here apart.
    async fn next_due(&self) -> Result<Option<Instant>, StoreError>;

    /// An account's dead jobs, newest first, up to `limit`.
    async fn dead(&self, account: AccountId, limit: u32) -> Result<Vec<DeadJob>, StoreError>;
}

/// What waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Jobs that could be claimed now.
    pub due: i64,
    /// Jobs in the future.
    pub later: i64,
    /// Jobs in a worker's hands.
    pub running: i64,
    /// Jobs given up.
    pub dead: i64,
    /// How long the oldest due job has waited, in seconds.
    pub oldest_seconds: i64,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadJob {
    /// The job.
    pub id: JobId,
    /// What it was to do.
    pub kind: JobKind,
    /// Its natural key.
    pub key: String,
    /// When it was due.
    pub due_at: Instant,
    /// Why it was given up.
    pub error: String,
}
