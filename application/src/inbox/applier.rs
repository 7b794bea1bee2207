//! What a provider's event leads to, one applier for each source.

use crate::{
    caller::{Caller, Standing},
    desk::Desk,
    failure::Failure,
    log::Via,
    ports::{Hint, StoreError},
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::{AccountId, JobId};
use std::sync::Arc;

/// How an attempt to apply an event ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// What it asks for is done, or durably on its way as a job or an event.
    Done,
    /// It concerns nothing here; the reason is kept for a reader.
    Ignored(String),
    /// It could not be done now: try again, with a growing pause. The cause is kept and logged, so
    /// it MUST hold nothing secret or personal.
    Retry(String),
    /// Trying again is pointless: a person must look. The cause is kept and logged.
    GiveUp(String),
}

impl From<Failure> for Applied {
    fn from(failure: Failure) -> Self {
        let text = format!("{}: {failure}", failure.code());
        if failure.retryable() { Self::Retry(text) } else { Self::GiveUp(text) }
    }
}

impl From<StoreError> for Applied {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

/// Does what a provider's events ask for.
///
/// Implementations MUST be safe to repeat: an event is applied again after a crash and whenever an
/// operator replays it. They read from `raw` whom it is about, and ask the provider for the rest, or
/// put a job that does. Events of one key never reach them side by side.
#[async_trait]
pub trait WebhookApplier: Send + Sync {
    /// Applies one event.
    async fn apply(&self, desk: &Arc<Desk>, hint: &Hint, raw: &Bytes) -> Applied;
}

/// On whose behalf an event is applied, once its account is known.
#[must_use]
pub fn caller(account: AccountId, source: &str, hint: &Hint) -> Caller {
    let causation = format!("webhook:{source}/{}", hint.event_id);
    let job = JobId::derived(account.uuid(), &causation);
    let (standing, correlation) = (Standing::Job(causation.clone()), job.uuid());
    Caller { account, standing, via: Via::Webhook, correlation, causation }
}
