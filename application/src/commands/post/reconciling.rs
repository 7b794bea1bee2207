//! Find out what happened, let a person decide, try again.

use super::{PostCommand, Weighs, by};
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::{PostId, TargetId};
use herald_post::{Command, Lookup, Resolution};
use serde::Serialize;

/// Look again now, on a person's wish.
#[derive(Debug, Serialize)]
pub struct ReconcileTarget {
    /// The post.
    pub post: PostId,
    /// The target.
    pub target: TargetId,
}

impl PostCommand for ReconcileTarget {
    const WHO: Who = Who::Members(Action::ReconcileTarget);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<Command, Failure> {
        Ok(Command::Reconcile { target: self.target, by: by(caller)? })
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

impl PostCommand for ResolveTarget {
    const WHO: Who = Who::Members(Action::ResolveTarget);

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<Command, Failure> {
        let resolution = self.resolution.clone();
        Ok(Command::ResolveByPerson { target: self.target, by: by(caller)?, resolution })
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

impl PostCommand for RetryTarget {
    const WHO: Who = Who::Members(Action::RetryTarget);
    const WEIGHS: Weighs = Weighs::Budget;
    const WHILE_OWING: bool = false;

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, caller: &Caller) -> Result<Command, Failure> {
        Ok(Command::RetryTarget { target: self.target, by: by(caller)? })
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

impl PostCommand for BeginReconcile {
    const WHO: Who = Who::Jobs("beginReconcile");

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, _: &Caller) -> Result<Command, Failure> {
        Ok(Command::BeginReconcile { target: self.target })
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

impl PostCommand for RecordLookup {
    const WHO: Who = Who::Jobs("recordLookup");
    const WEIGHS: Weighs = Weighs::Policy;

    fn post(&self) -> PostId {
        self.post
    }

    fn command(&self, _: &Caller) -> Result<Command, Failure> {
        let lookup = self.lookup.clone();
        Ok(Command::RecordLookup { target: self.target, step: self.step, lookup })
    }
}
