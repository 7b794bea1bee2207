//! What the provider says has happened: where to look, never what to believe.

use super::PaymentFailure;
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant};
use herald_subscription::CustomerRef;

/// Lists what happened, for whoever was away when it was told.
#[async_trait]
pub trait PaymentEvents: Send + Sync {
    /// Events at or after `since`, newest first; `after` continues a listing. The provider keeps
    /// them for 30 days.
    async fn since(&self, since: Instant, after: Option<&str>) -> Result<HintPage, PaymentFailure>;
}

/// A page of hints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HintPage {
    /// The hints, newest first.
    pub hints: Vec<Hint>,
    /// What continues the listing; `None` at its end.
    pub next: Option<String>,
}

/// A reason to look at something at the provider. What it says of the object is not kept, since it
/// may be old by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The provider's name for the event: the same when it is told twice.
    pub event_id: String,
    /// Such as `invoice.paid`. Kinds that we do not know are kept.
    pub kind: String,
    /// The version of the provider's interface that shaped the event.
    pub api_version: Option<String>,
    /// Who it is about, where it says so.
    pub customer: Option<CustomerRef>,
    /// Whose it is, where we left a note in the object.
    pub account: Option<AccountId>,
    /// What it is about: the object's kind, such as `invoice` …
    pub object_kind: Option<String>,
    /// … and its name.
    pub object: Option<String>,
    /// When it happened.
    pub occurred_at: Instant,
}
