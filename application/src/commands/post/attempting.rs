//! What the publishing jobs tell a post: each carries exactly what the command needs.

use super::{PostUse, Weighs};
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_kernel::{ContentHash, Instant, PostId, TargetId};
use herald_post::{
    AbandonReason, HoldReason, PostCommand, Preflight, Readiness, Resource, Verdict,
};
use serde::{Serialize, Serializer};

macro_rules! told_by_jobs {
    ($(
        $(#[$doc:meta])*
        $name:ident, $operation:literal, $weighs:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            /// The post.
            pub post: PostId,
            /// The target.
            pub target: TargetId,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl PostUse for $name {
            const WHO: Who = Who::Jobs($operation);
            const WEIGHS: Weighs = Weighs::$weighs;

            fn post(&self) -> PostId {
                self.post
            }

            fn command(&self, _: &Caller) -> Result<PostCommand, Failure> {
                Ok(PostCommand::$name { target: self.target, $($field: self.$field.clone(),)* })
            }
        }
    )*};
}

told_by_jobs! {
    /// Hold a target, saying why.
    HoldTarget, "holdTarget", Time {
        /// Why.
        reason: HoldReason,
    }
    /// Let a held target go on.
    ReleaseTarget, "releaseTarget", Policy {}
    /// Begin an attempt: the only lock there is.
    BeginAttempt, "beginAttempt", Budget {
        /// What was found ready, and what not.
        #[serde(serialize_with = "preflight_form")]
        preflight: Preflight,
    }
    /// Note what was prepared on the network.
    RecordPrepared, "recordPrepared", Time {
        /// The attempt.
        attempt: u32,
        /// The step.
        step: u16,
        /// What was prepared.
        resource: Resource,
    }
    /// Write down that a step is about to be sent.
    IntendCommit, "intendCommit", Policy {
        /// The attempt.
        attempt: u32,
        /// The step.
        step: u16,
        /// Until when it may be sent, and its answer come.
        deadline: Instant,
        /// The fingerprint by which the step can be found again.
        marker: ContentHash,
    }
    /// Note how sending ended.
    RecordVerdict, "recordVerdict", Policy {
        /// The attempt.
        attempt: u32,
        /// The step.
        step: u16,
        /// How it ended.
        #[serde(serialize_with = "verdict_form")]
        verdict: Verdict,
    }
    /// Give up an attempt before anything was sent.
    AbandonAttempt, "abandonAttempt", Policy {
        /// The attempt.
        attempt: u32,
        /// Why.
        reason: AbandonReason,
        /// When to try again, if that is known.
        retry_at: Option<Instant>,
    }
    /// Note that a verdict never came.
    DeclareUnknown, "declareUnknown", Time {
        /// The attempt.
        attempt: u32,
        /// The step.
        step: u16,
    }
    /// Note that a published post is gone from the network.
    ObserveRemoval, "observeRemoval", Time {}
}

/// Resolve a schedule anew, with another time-zone database.
#[derive(Debug, Serialize)]
pub struct ReResolve {
    /// The post.
    pub post: PostId,
}

impl PostUse for ReResolve {
    const WHO: Who = Who::Jobs("reResolve");

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, _: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::ReResolve)
    }
}

/// The fingerprint's form of a value that is never stored.
fn preflight_form<S: Serializer>(value: &Preflight, serializer: S) -> Result<S::Ok, S::Error> {
    let ready = match value.publishing {
        Readiness::Ready => "ready",
        Readiness::Held(reason) => reason.name(),
    };
    (ready, value.media_ready, value.text_limit).serialize(serializer)
}

fn verdict_form<S: Serializer>(value: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Verdict::Committed(remote) => ("committed", remote).serialize(serializer),
        Verdict::Rejected(rejection) => ("rejected", rejection).serialize(serializer),
        Verdict::Unknown { cause } => ("unknown", cause).serialize(serializer),
    }
}
