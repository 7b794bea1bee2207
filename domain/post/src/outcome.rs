//! How sending ends: published, proven not published, or unknown until somebody looks.

use herald_kernel::{Instant, MemberId, Personal, Text};
use serde::{Deserialize, Serialize};

/// A post on a network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Remote {
    /// The network's id.
    pub remote_id: String,
    /// Where people see it.
    pub url: String,
}

impl Remote {
    /// Is it the same post? Its address may be spelt otherwise.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.remote_id == other.remote_id
    }
}

/// What the one attempt on the wire came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The network says that it is published.
    Committed(Remote),
    /// It is proven not to be published by this attempt.
    Rejected(Rejection),
    /// Nobody knows.
    Unknown {
        /// What was seen instead of an answer.
        cause: UnknownCause,
    },
}

/// A proven refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// What proves that nothing was published.
    pub proof: Proof,
    /// The network's own code.
    pub code: String,
    /// The network's own words, redacted.
    pub detail: String,
    /// When the network will listen again, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Instant>,
}

/// What proves that nothing was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The request never left: the only proof after which it goes out again by itself at once.
    NotSent,
    /// The token is not accepted.
    Unauthorized,
    /// The token lacks a right.
    Forbidden,
    /// Too many requests, or a quota is used up.
    RateLimited,
    /// The network does not take this content.
    Invalid,
    /// The network says that it has this text already.
    Duplicate,
    /// The network's rules forbid it.
    Policy,
}

/// What was seen instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UnknownCause {
    /// The deadline passed and no verdict was written down: the process may have died.
    VerdictLost,
    /// The answer did not arrive or could not be read.
    NoAnswer {
        /// What was seen, redacted.
        seen: String,
    },
}

/// What a look at the network's own listing says about an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Lookup {
    /// Exactly one post matches.
    Found(Remote),
    /// No post matches.
    Absent {
        /// When the listing was begun.
        listed_at: Instant,
        /// Was every page read without an error?
        complete: bool,
    },
    /// Several posts match.
    Ambiguous {
        /// The posts that match.
        candidates: Vec<Remote>,
    },
    /// The look-up itself failed.
    Inconclusive {
        /// Why, redacted.
        cause: String,
    },
}

/// What a person decides about an outcome that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resolution {
    /// "This one."
    Published(Remote),
    /// "It is not there."
    NotPublished,
    /// "Leave it as it is."
    Leave,
}

/// How a step is known to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The network answered so.
    Verdict,
    /// It was found in the network's own listing.
    Lookup,
    /// A person saw it.
    Person,
}

/// Who let something happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// A person.
    Member(MemberId),
    /// The rules, without a person.
    System,
}

/// Why a target failed, or the rest of it stays unpublished. There is deliberately no timeout here:
/// a call whose end was not seen is an unknown outcome and never a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Our own rules for the network do not allow the content.
    Validation,
    /// The network's rules forbid it: spam, duplicates.
    Policy,
    /// The network does not accept the token.
    Auth,
    /// The token lacks a right.
    Permission,
    /// A quota is used up and the network does not say until when.
    Quota,
    /// The network does not take a picture.
    MediaRejected,
    /// A picture is not there to be sent.
    MediaUnreachable,
    /// The network refused, provably, and it is none of the above.
    PlatformErrorProven,
    /// The network cannot do this.
    Unsupported,
    /// The rest of a thread was canceled by a person.
    Canceled,
    /// The rest of a thread could not be sent in time.
    Late,
}

impl FailureKind {
    /// What a proven refusal means for the target.
    #[must_use]
    pub const fn of(proof: Proof) -> Self {
        match proof {
            Proof::Unauthorized => Self::Auth,
            Proof::Forbidden => Self::Permission,
            Proof::RateLimited => Self::Quota,
            Proof::Duplicate | Proof::Policy => Self::Policy,
            Proof::Invalid | Proof::NotSent => Self::PlatformErrorProven,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Policy => "policy",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::MediaRejected => "media_rejected",
            Self::MediaUnreachable => "media_unreachable",
            Self::PlatformErrorProven => "platform_error_proven",
            Self::Unsupported => "unsupported",
            Self::Canceled => "canceled",
            Self::Late => "late",
        }
    }
}

/// What failed, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The network's code, or that of our rule.
    pub code: String,
    /// The network's words, redacted, or those of our rule.
    pub detail: String,
}

/// Why an attempt ended before anything could have been published by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AbandonReason {
    /// The process that began it is gone.
    Interrupted,
    /// The network was not reached, or it or we were in trouble while pictures were prepared.
    NotReached {
        /// Why, redacted.
        cause: String,
    },
    /// The network will never take it: the target fails.
    ///
    /// The failure has a `kind` of its own, so it must not lie flat beside this one's tag.
    Refused {
        /// What the target fails with.
        failure: Failure,
    },
    /// A person canceled the post.
    Canceled,
    /// An earlier attempt turned out to have published after all.
    DuplicateRisk,
}

/// Why only a person can say how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HumanReason {
    /// Several posts on the network match.
    Ambiguous,
    /// Nothing could be learned for too long.
    Inconclusive,
    /// It is not in the listing, and sending it again is not safe without a person.
    AbsentNoResend,
    /// It was not in the listing, and the network refused to take it again as a duplicate.
    RefusedAsDuplicate,
    /// It was not in the listing, was given up as unpublished, and was published after all.
    DuplicateRisk,
    /// It was not in the listing, and by now it is too late to send it again.
    Late,
}

/// A resource on the network that is invisible to readers until it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is, for example `picture`.
    pub kind: String,
    /// The network's id.
    pub remote_id: String,
    /// When the network forgets it, if unused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

/// What a reviewer writes.
pub type Remark = Personal<Text<2000>>;
