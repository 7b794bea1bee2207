//! A social network, seen from inside.

use super::Rejection;
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::Instant;
use secrecy::SecretString;

/// Publishes, looks up and measures.
///
/// Implementations translate and nothing more: they neither retry a commit nor keep state. Every way
/// a commit can end is one of three outcomes, and one whose end was not seen is
/// [`CommitOutcome::Unknown`], never [`CommitOutcome::Rejected`].
#[async_trait]
pub trait SocialNetwork: Send + Sync {
    /// Makes a picture ready to be attached. Repeatable and invisible to readers.
    async fn prepare_picture(
        &self,
        token: &SecretString,
        picture: &Picture,
    ) -> Result<Prepared, PrepareFailure>;

    /// Connects, TLS included, without sending a byte of the request: what fails here needs no
    /// intent. The answer carries the request, ready to be written once.
    async fn open(
        &self,
        token: &SecretString,
        plan: &CommitPlan,
    ) -> Result<Box<dyn Commit>, NotOpened>;

    /// Lists the author's own posts since an instant, to the end.
    async fn list_own(
        &self,
        token: &SecretString,
        request: &LookupRequest,
    ) -> Result<Listing, LookupFailure>;

    /// A published post's metrics; `None` when it is gone.
    async fn metrics(
        &self,
        token: &SecretString,
        remote_id: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure>;
}

/// A connected request that can be sent once.
#[async_trait]
pub trait Commit: Send {
    /// Writes the request, unless `deadline` has passed, and waits for the answer. One attempt on
    /// the wire: nothing beneath repeats it.
    async fn send(self: Box<Self>, deadline: Instant) -> CommitOutcome;
}

/// What is published: one step of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitPlan {
    /// The text.
    pub text: String,
    /// The remote ids of prepared pictures, in order.
    pub media: Vec<String>,
    /// The remote post that this one answers.
    pub reply_to: Option<String>,
    /// Is any of it written or drawn by a machine?
    pub made_with_ai: bool,
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The network says that it is published.
    Committed {
        /// The network's id.
        remote_id: String,
        /// Where people see it.
        url: String,
    },
    /// It is proven not to be published.
    Rejected(Rejection),
    /// Nobody knows.
    Unknown {
        /// What was seen instead of an answer.
        cause: String,
    },
}

/// Why no connection was opened. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the network was not reached: {cause}")]
pub struct NotOpened {
    /// Why.
    pub cause: String,
    /// When to try again, if that is known.
    pub retry_at: Option<Instant>,
}

/// A picture to upload.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The bytes and their format.
    pub file: MediaFile,
    /// A description for people who do not see it.
    pub alt: Option<String>,
}

/// Bytes with a media type.
#[derive(Clone)]
pub struct MediaFile {
    /// For example `image/png`.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for MediaFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.content_type, self.bytes.len())
    }
}

/// A picture that is ready to be attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The network's id.
    pub remote_id: String,
    /// When the network forgets it, if unused.
    pub expires_at: Option<Instant>,
}

/// Why a picture is not ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareFailure {
    /// The network will never take it.
    #[error("the network refused the picture: {detail}")]
    Refused {
        /// The network's own code.
        code: String,
        /// The network's own words, redacted.
        detail: String,
    },
    /// The token is not accepted.
    #[error("the network does not accept the token")]
    Unauthorized,
    /// Try again, at `retry_at` if given.
    #[error("the network is in trouble: {cause}")]
    Transient {
        /// Why.
        cause: String,
        /// When to try again.
        retry_at: Option<Instant>,
    },
}

/// Whose posts, since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRequest {
    /// The author's id on the network.
    pub author: String,
    /// Only posts created at or after this.
    pub since: Instant,
}

/// The author's own posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The posts, newest first.
    pub posts: Vec<FoundPost>,
    /// Every page was read without an error.
    pub complete: bool,
    /// When the listing was begun.
    pub taken_at: Instant,
}

/// A post as the network lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPost {
    /// The network's id.
    pub remote_id: String,
    /// Where people see it.
    pub url: String,
    /// The text with the network's own replacements undone (t.co links expanded, entities decoded).
    pub text: String,
    /// When it was created.
    pub created_at: Instant,
    /// The post that it answers.
    pub reply_to: Option<String>,
    /// How many pictures it carries.
    pub media_count: u32,
}

/// Why a look-up says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupFailure {
    /// The token is not accepted.
    #[error("the network does not accept the token")]
    Unauthorized,
    /// Try again, at `retry_at` if given.
    #[error("the network is in trouble: {cause}")]
    Transient {
        /// Why.
        cause: String,
        /// When to try again.
        retry_at: Option<Instant>,
    },
}

/// A published post's metrics. `None`: not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PostMetrics {
    /// Times shown.
    pub impressions: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Reposts.
    pub reposts: Option<i64>,
    /// Replies.
    pub replies: Option<i64>,
    /// Quotes.
    pub quotes: Option<i64>,
    /// Bookmarks.
    pub bookmarks: Option<i64>,
}
