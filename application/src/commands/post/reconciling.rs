//! Find out what happened, let a person decide, try again.

use super::{PostUse, Weighs};
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::{PostId, TargetId};
use herald_post::{Lookup, PostCommand, Resolution};
use serde::Serialize;

/// Look again now, on a person's wish.
#[derive(Debug, Serialize)]
pub struct ReconcileTarget {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
}

impl PostUse for ReconcileTarget {
    const WHO: Who = Who::Members(Action::ReconcileTarget);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::Reconcile { target: self.target, by: caller.acting_member()? })
    }
}

/// Say what a person saw on the network.
#[derive(Debug, Serialize)]
pub struct ResolveTarget {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
    /// What they saw.
    pub resolution: Resolution,
}

impl PostUse for ResolveTarget {
    const WHO: Who = Who::Members(Action::ResolveTarget);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        let resolution = self.resolution.clone();
        Ok(PostCommand::ResolveByPerson {
            target: self.target,
            by: caller.acting_member()?,
            resolution,
        })
    }
}

/// Try again what is proven not to be published.
#[derive(Debug, Serialize)]
pub struct RetryTarget {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
}

impl PostUse for RetryTarget {
    const WHO: Who = Who::Members(Action::RetryTarget);
    const WEIGHS: Weighs = Weighs::Budget;
    const WHILE_OWING: bool = false;

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::RetryTarget { target: self.target, by: caller.acting_member()? })
    }
}

/// A job begins to look.
#[derive(Debug, Serialize)]
pub struct BeginReconcile {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
}

impl PostUse for BeginReconcile {
    const WHO: Who = Who::Jobs("beginReconcile");

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, _: &Caller) -> Result<PostCommand, Failure> {
        Ok(PostCommand::BeginReconcile { target: self.target })
    }
}

/// What a job saw.
#[derive(Debug, Serialize)]
pub struct RecordLookup {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
    /// The step in question.
    pub step: u16,
    /// What was seen.
    pub lookup: Lookup,
}

impl PostUse for RecordLookup {
    const WHO: Who = Who::Jobs("recordLookup");
    const WEIGHS: Weighs = Weighs::Policy;

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, _: &Caller) -> Result<PostCommand, Failure> {
        let lookup = self.lookup.clone();
        Ok(PostCommand::RecordLookup { target: self.target, step: self.step, lookup })
    }
}
