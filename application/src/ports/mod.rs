//! What the application needs of the world, one trait a file.
//!
//! Ports are `dyn`-safe and hold at most a handful of methods. Implementations translate; rules live
//! in the domain and in the use cases.

mod announcements;
mod clock;
mod content_store;
mod event_row;
mod event_store;
mod fact_row;
mod health;
mod ids;
mod inbox_board;
mod inbox_store;
mod job_queue;
mod key_store;
mod key_wraps;
mod link_store;
mod log_reader;
mod media_store;
mod messages;
mod observation_store;
mod password_sign_in;
pub mod payments;
mod projection_store;
mod refresh_store;
mod secret_store;
mod sequencer;
mod session_store;
mod sign_in_log;
mod sign_in_provider;
mod social_authorization;
mod social_network;
mod stored_json;
mod suppression_store;
mod token_verifier;
mod user_directory;
mod view_store;
mod webhook_source;
mod writer;

pub use announcements::{Announcement, Announcements};
pub use clock::Clock;
pub use content_store::ContentStore;
pub use event_row::EventRow;
pub use event_store::{AppendError, Appended, EventStore, NewEvent, StreamAppend};
pub use fact_row::FactRow;
pub use health::{Health, HealthCheck, HealthStatus};
pub use ids::Ids;
pub use inbox_board::{
    InboxBacklog, InboxBoard, InboxCursor, InboxCursors, InboxFilter, InboxReplay, InboxRow,
    InboxState, InboxStateName,
};
pub use inbox_store::{Arrival, ClaimedArrival, InboxReception, InboxSettlement, InboxStore};
pub use job_queue::{
    Backlog, Cause, ClaimedJob, DeadJob, JobBoard, JobChange, JobKind, JobQueue, Lease, NewJob,
    Priority,
};
pub use key_store::{KeyStore, WrappedKey};
pub use key_wraps::{KeyWraps, Rewrap};
pub use link_store::{Link, LinkPurpose, LinkStore};
pub use log_reader::{AccountPage, LogHead, LogReader, LoggedEvent, Ordinal, Position};
pub use media_store::{Media, MediaFiles, MediaStore};
pub use messages::{Mail, MailFailure, MailReturn, Messages, Returned};
pub use observation_store::{Observation, ObservationStore};
pub use password_sign_in::{
    Challenge, ChallengeKind, CodeDelivery, PasswordFailure, PasswordRegistration, PasswordSignIn,
    PasswordTokens, Registration, SignInStep, SignedUp,
};
pub use projection_store::{
    Batch, Checkpoint, CheckpointMove, CheckpointStatus, Committed, ProjectionStore, ViewChange,
};
pub use refresh_store::{RefreshStore, RefreshToken, Spent, Succession};
pub use secret_store::{SecretRow, SecretStore, SecretWrite};
pub use sequencer::{Sequenced, Sequencer};
pub use session_store::{Session, SessionStore};
pub use sign_in_log::{SignInKind, SignInLog, SignInRow};
pub use sign_in_provider::{
    SignInExchange, SignInFailure, SignInGrant, SignInProvider, SignInRequest, SignedIn,
};
pub use social_authorization::{
    AuthorizationRequest, ExchangeFailure, ExchangeRequest, ProviderAccount, RefreshFailure,
    SocialAuthorization, TokenSet,
};
pub use social_network::{
    Commit, CommitOutcome, CommitPlan, FoundPost, Listing, LookupFailure, LookupRequest, MediaFile,
    NotOpened, Picture, PostMetrics, PrepareFailure, Prepared, SocialNetwork,
};
pub use stored_json::StoredJson;
pub(crate) use stored_json::{entries, string};
pub use suppression_store::{SuppressedBy, Suppression, SuppressionStore};
pub use token_verifier::{
    ClaimedEmail, ClaimedOrganisation, TokenRefused, TokenVerifier, VerifiedToken,
};
pub use user_directory::{
    DirectoryEvent, DirectoryFailure, DirectoryNote, DirectoryPage, DirectoryUser, UserDirectory,
};
pub use view_store::{Direction, Page, ViewDocument, ViewPage, ViewQuery, ViewStore};
pub(crate) use webhook_source::kept_headers;
pub use webhook_source::{
    EventListing, Hint, ListedEvents, ListingFailure, WebhookHeaders, WebhookRefused, WebhookSource,
};
pub use writer::{Draft, DraftFailure, DraftRequest, Message, MessageRole, Usage, Writer};

/// A storage engine that could not do what was asked, for a reason that is not the caller's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The engine did not answer or refused for now: try again later.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// What is stored contradicts an invariant: a person must look.
    #[error("stored data is not as it should be: {0}")]
    Corrupt(String),
}

// What ports say in the domain's own words.
pub use herald_post::{MediaKind, Proof, Rejection};

/// Every storage port of one engine, as composition hands them on.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Stores {
    /// Streams of events.
    pub events: std::sync::Arc<dyn EventStore>,
    /// The total order of the log.
    pub sequencer: std::sync::Arc<dyn Sequencer>,
    /// The log in its total order.
    pub log: std::sync::Arc<dyn LogReader>,
    /// Views, for reading.
    pub views: std::sync::Arc<dyn ViewStore>,
    /// Views, jobs and checkpoints, for projections and processes.
    pub projections: std::sync::Arc<dyn ProjectionStore>,
    /// Jobs, for the worker.
    pub jobs: std::sync::Arc<dyn JobQueue>,
    /// Jobs, for readers.
    pub job_board: std::sync::Arc<dyn JobBoard>,
    /// Wrapped data keys.
    pub keys: std::sync::Arc<dyn KeyStore>,
    /// The same, by the master key that wraps them.
    pub key_wraps: std::sync::Arc<dyn KeyWraps>,
    /// Encrypted secrets.
    pub secrets: std::sync::Arc<dyn SecretStore>,
    /// Sessions of people.
    pub sessions: std::sync::Arc<dyn SessionStore>,
    /// What renews sessions.
    pub refreshes: std::sync::Arc<dyn RefreshStore>,
    /// Who signed in, when and from where.
    pub sign_ins: std::sync::Arc<dyn SignInLog>,
    /// One-time links.
    pub links: std::sync::Arc<dyn LinkStore>,
    /// Addresses that get no more mail.
    pub suppressions: std::sync::Arc<dyn SuppressionStore>,
    /// What is known of uploaded media.
    pub media: std::sync::Arc<dyn MediaStore>,
    /// Prompts and outputs.
    pub content: std::sync::Arc<dyn ContentStore>,
    /// Metrics of published posts.
    pub observations: std::sync::Arc<dyn ObservationStore>,
    /// Webhooks, for whoever takes in and applies.
    pub inbox: std::sync::Arc<dyn InboxStore>,
    /// Webhooks, for readers and operators.
    pub inbox_board: std::sync::Arc<dyn InboxBoard>,
    /// How far providers' own lists were compared with the inbox.
    pub inbox_cursors: std::sync::Arc<dyn InboxCursors>,
}
