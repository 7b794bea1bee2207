//! What the inbox holds, for readers and operators: where each row stands, and how to replay it.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::Instant;

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxState {
    /// It waits to be applied.
    Received,
    /// A worker has it.
    Processing {
        /// The claim ends then, unless renewed.
        until: Instant,
    },
    /// What it said is done.
    Applied {
        /// Since when.
        at: Instant,
    },
    /// It was looked at and concerns nothing here.
    Ignored {
        /// Since when.
        at: Instant,
        /// Why.
        reason: String,
    },
    /// It could not be applied and will be tried again.
    Failed {
        /// Why not.
        cause: String,
    },
    /// It was given up: a person must look.
    Dead {
        /// Since when.
        at: Instant,
        /// Why.
        cause: String,
    },
}

/// The state's name, for filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of `InboxState`")]
pub enum InboxStateName {
    Received,
    Processing,
    Applied,
    Ignored,
    Failed,
    Dead,
}

impl InboxStateName {
    /// Every name.
    pub const ALL: [Self; 6] =
        [Self::Received, Self::Processing, Self::Applied, Self::Ignored, Self::Failed, Self::Dead];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processing => "processing",
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

impl InboxState {
    /// The state's name.
    #[must_use]
    pub const fn name(&self) -> InboxStateName {
        match self {
            Self::Received => InboxStateName::Received,
            Self::Processing { .. } => InboxStateName::Processing,
            Self::Applied { .. } => InboxStateName::Applied,
            Self::Ignored { .. } => InboxStateName::Ignored,
            Self::Failed { .. } => InboxStateName::Failed,
            Self::Dead { .. } => InboxStateName::Dead,
        }
    }
}

/// A row as readers see it: everything but the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// Its place in the order of arrival; gaps are usual.
    pub number: i64,
    /// The provider.
    pub source: String,
    /// The provider's id of the event.
    pub event_id: String,
    /// The provider's name of what happened.
    pub kind: String,
    /// Whom it is about.
    pub key: String,
    /// What it is about.
    pub object: Option<String>,
    /// In which version of the provider's API it is written.
    pub api_version: Option<String>,
    /// When it happened, by the provider's clock.
    pub occurred_at: Option<Instant>,
    /// Bytes of the body.
    pub size: u64,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Is the body still here? Only then can the row be replayed.
    pub has_body: bool,
    /// When it came.
    pub received_at: Instant,
    /// Not applied before then.
    pub due_at: Instant,
    /// Where it stands.
    pub state: InboxState,
    /// How often it was claimed since it came or was last replayed.
    pub attempts: u32,
    /// How often it was replayed.
    pub replays: u32,
}

/// Which rows a reader wants, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxFilter {
    /// Only this provider's.
    pub source: Option<String>,
    /// Only these states; empty means all.
    pub states: Vec<InboxStateName>,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only what came at or after this instant.
    pub since: Option<Instant>,
    /// Only what came before this instant.
    pub until: Option<Instant>,
    /// Only rows before this number: the last one of the page before.
    pub before: Option<i64>,
    /// Rows at the most.
    pub limit: u32,
}

impl Default for InboxFilter {
    /// The newest hundred rows.
    fn default() -> Self {
        Self {
            source: None,
            states: Vec::new(),
            kind: None,
            since: None,
            until: None,
            before: None,
            limit: 100,
        }
    }
}

/// Which rows to apply once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxReplay {
    /// One event.
    One {
        /// The provider.
        source: String,
        /// Its id of the event.
        event_id: String,
    },
    /// Rows in a span of arrival, both ends included.
    Range {
        /// The provider.
        source: String,
        /// The first number.
        first: i64,
        /// The last number.
        last: i64,
    },
    /// Everything that came at or after an instant.
    Since {
        /// The provider.
        source: String,
        /// The instant.
        since: Instant,
    },
}

/// What waits, of one provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxBacklog {
    /// The provider.
    pub source: String,
    /// Rows that wait for their first attempt.
    pub received: i64,
    /// Rows in a worker's hands.
    pub processing: i64,
    /// Rows that wait for another attempt.
    pub failed: i64,
    /// Rows given up.
    pub dead: i64,
    /// How long the oldest row that is not settled has been here, in seconds.
    pub oldest_seconds: i64,
}

/// How far a provider's own list of events has been compared with ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxCursor {
    /// The provider's mark; only it can read it.
    pub cursor: String,
    /// When it last moved or was confirmed.
    pub moved_at: Instant,
}

/// The inbox, for readers and operators.
#[async_trait]
pub trait InboxBoard: Send + Sync {
    /// Rows, newest first.
    async fn list(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>, StoreError>;

    /// One row.
    async fn find(&self, source: &str, event_id: &str) -> Result<Option<InboxRow>, StoreError>;

    /// Makes rows `Received` again, due at `now`, with no attempts; answers how many. Rows in a
    /// worker's hands and rows without a body are left alone.
    async fn replay(&self, which: &InboxReplay, now: Instant) -> Result<u64, StoreError>;

    /// What waits, by provider; providers of which nothing is open or dead are missing.
    async fn backlog(&self, now: Instant) -> Result<Vec<InboxBacklog>, StoreError>;

    /// Forgets the bodies and headers of rows that were applied or ignored before `instant`; the
    /// rows stay, with size and digest. Takes a bounded bite, so that nobody waits long for the
    /// writer's lock, and answers how many it was: ask again until none is left.
    async fn forget_before(&self, instant: Instant) -> Result<u64, StoreError>;
}

/// How far each provider's own list was compared with the inbox.
#[async_trait]
pub trait InboxCursors: Send + Sync {
    /// The mark of a provider, if it has one yet.
    async fn cursor(&self, source: &str) -> Result<Option<InboxCursor>, StoreError>;

    /// Moves the mark, unless it no longer is `from`; answers whether it did.
    async fn move_cursor(
        &self,
        source: &str,
        from: Option<&str>,
        to: &InboxCursor,
    ) -> Result<bool, StoreError>;
}
