//! How a whole post stands, derived from its targets and stored nowhere.

use crate::{
    state::{Editorial, Post},
    target::{Target, TargetState},
};

/// How a whole post stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is being written.
    Draft,
    /// Somebody is asked to read it.
    InReview,
    /// It may go out and has no time yet.
    Approved,
    /// Somebody decided against it.
    Rejected,
    /// It waits for its time.
    Scheduled,
    /// A target is held back.
    Held,
    /// An attempt is open.
    Publishing,
    /// An outcome is not known.
    NeedsAttention,
    /// All of it is published.
    Published,
    /// Some of it is published and the rest given up.
    Partial,
    /// It was refused.
    Failed,
    /// Its time passed.
    Missed,
    /// A person canceled it.
    Canceled,
    /// It was published, and somebody removed it on the network.
    RemoteRemoved,
}

impl Status {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Scheduled => "scheduled",
            Self::Held => "held",
            Self::Publishing => "publishing",
            Self::NeedsAttention => "needs_attention",
            Self::Published => "published",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Missed => "missed",
            Self::Canceled => "canceled",
            Self::RemoteRemoved => "remote_removed",
        }
    }
}

/// What a target contributes to the status of its post.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Share {
    Idle,
    Waiting,
    Held,
    InFlight,
    Unknown,
    Published,
    Removed,
    Partial,
    Failed,
    Missed,
    Canceled,
}

fn share(target: &Target) -> Share {
    match target.state {
        TargetState::Idle => Share::Idle,
        TargetState::Scheduled | TargetState::Due => Share::Waiting,
        TargetState::Held(_) => Share::Held,
        TargetState::Preparing | TargetState::Committing => Share::InFlight,
        TargetState::OutcomeUnknown
        | TargetState::Reconciling
        | TargetState::NeedsHuman { left: false, .. } => Share::Unknown,
        TargetState::Published => Share::Published,
        TargetState::RemoteRemoved => Share::Removed,
        TargetState::PartiallyPublished(_) => Share::Partial,
        // What a person decided to leave asks for nothing any more.
        TargetState::NeedsHuman { left: true, .. }
        | TargetState::NotPublished
        | TargetState::Failed(_) => Share::Failed,
        TargetState::Missed => Share::Missed,
        TargetState::Canceled => Share::Canceled,
    }
}

impl Post {
    /// How the post stands; `None` before it exists.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        let editorial = self.editorial()?;
        let shares: Vec<Share> = self.targets().iter().map(share).collect();
        let any = |share: Share| shares.contains(&share);
        let all = |wanted: &[Share]| shares.iter().all(|share| wanted.contains(share));
        Some(if all(&[Share::Removed]) {
            Status::RemoteRemoved
        } else if all(&[Share::Published, Share::Removed]) {
            Status::Published
        } else if any(Share::InFlight) {
            Status::Publishing
        } else if any(Share::Unknown) {
            Status::NeedsAttention
        } else if any(Share::Idle) || any(Share::Waiting) || any(Share::Held) {
            waiting(editorial, any(Share::Idle), any(Share::Held))
        } else if any(Share::Published) || any(Share::Partial) || any(Share::Removed) {
            Status::Partial
        } else if any(Share::Failed) {
            Status::Failed
        } else if any(Share::Missed) {
            Status::Missed
        } else {
            Status::Canceled
        })
    }
}

const fn waiting(editorial: Editorial, idle: bool, held: bool) -> Status {
    match (idle, editorial) {
        (true, Editorial::Draft) => Status::Draft,
        (true, Editorial::InReview) => Status::InReview,
        (true, Editorial::Approved) => Status::Approved,
        (true, Editorial::Rejected) => Status::Rejected,
        (false, _) if held => Status::Held,
        (false, _) => Status::Scheduled,
    }
}
