//! Ask for approval, give it, or send a post back.

use super::{PostUse, Weighs};
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::{ContentHash, Personal, PostId, Text};
use herald_post::PostCommand;
use serde::Serialize;

/// Ask for approval.
#[derive(Debug, Serialize)]
pub struct SubmitPost {
    /// The post.
    pub post: PostId,
}

impl PostUse for SubmitPost {
    const WHO: Who = Who::Members(Action::SubmitPost);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::Submit { by: caller.acting_member()? })
    }
}

/// Approve exactly the content that was read.
#[derive(Debug, Serialize)]
pub struct ApprovePost {
    /// The post.
    pub post: PostId,
    /// The fingerprint of the content that was read.
    pub content_hash: ContentHash,
}

impl PostUse for ApprovePost {
    const WHO: Who = Who::Members(Action::ApprovePost);
    const WEIGHS: Weighs = Weighs::Policy;

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::Approve { by: caller.acting_member()?, hash: self.content_hash.clone() })
    }
}

/// Send a post back with a wish.
#[derive(Debug, Serialize)]
pub struct RequestChanges {
    /// The post.
    pub post: PostId,
    /// What is to change.
    pub comment: Text<2000>,
}

impl PostUse for RequestChanges {
    const WHO: Who = Who::Members(Action::RequestChanges);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        let comment = Personal::Known(self.comment.clone());
        Ok(PostCommand::RequestChanges { by: caller.acting_member()?, comment })
    }
}

/// Turn a post down.
#[derive(Debug, Serialize)]
pub struct RejectPost {
    /// The post.
    pub post: PostId,
    /// Why.
    pub reason: Text<2000>,
}

impl PostUse for RejectPost {
    const WHO: Who = Who::Members(Action::RejectPost);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        let reason = Personal::Known(self.reason.clone());
        Ok(PostCommand::Reject { by: caller.acting_member()?, reason })
    }
}
