//! Every rule about a post: a command in, facts or a typed refusal out.

mod approval;
mod attempt;
mod editing;
mod ending;
mod holding;
mod person;
mod reconcile;
mod schedule;
mod verdict;

use crate::{Context, Post, PostCommand, PostEvent, PostRefusal, state::Written, target::Target};
use herald_kernel::{Decider, TargetId};

/// What follows from a command.
type Decision = Result<Vec<PostEvent>, PostRefusal>;

/// "Already so": the target state equals the wish.
const ALREADY_SO: Decision = Ok(Vec::new());

impl Decider for Post {
    const STREAM: &'static str = "post";
    type Context = Context;
    type Command = PostCommand;
    type Event = PostEvent;
    type Refusal = PostRefusal;

    fn decide(&self, command: PostCommand, context: &Context) -> Decision {
        match &self.written {
            None => editing::create(command),
            Some(post) => post.decide(command, context),
        }
    }

    fn evolve(&mut self, event: &PostEvent) {
        self.apply(event);
    }
}

impl Written {
    fn decide(&self, command: PostCommand, context: &Context) -> Decision {
        match command {
            PostCommand::Create { .. } => Err(PostRefusal::AlreadyCreated),
            PostCommand::Edit { content, hash, by } => self.edit(content, hash, by),
            PostCommand::Submit { by } => self.submit(by),
            PostCommand::Approve { by, hash } => self.approve(by, hash, context),
            PostCommand::RequestChanges { by, comment } => self.request_changes(by, comment),
            PostCommand::Reject { by, reason } => self.reject(by, reason),
            PostCommand::Schedule { when, by } => self.give_time(when, by, context),
            PostCommand::Reschedule { when, by } => self.change_time(when, by, context),
            PostCommand::Unschedule { by } => self.take_time(by),
            PostCommand::PublishNow { by } => self.publish_now(by, context),
            PostCommand::Cancel { by } => self.cancel(by, context),
            PostCommand::ReResolve => Ok(self.re_resolve(context)),
            PostCommand::HoldTarget { target, reason } => holding::hold(self.find(target)?, reason),
            PostCommand::ReleaseTarget { target } => holding::release(self.find(target)?, context),
            PostCommand::MarkMissed { target } => holding::mark_missed(self.find(target)?, context),
            PostCommand::BeginAttempt { target, preflight } => {
                self.begin_attempt(self.find(target)?, preflight, context)
            }
            PostCommand::RecordPrepared { target, attempt, step, resource } => {
                attempt::record_prepared(self.find(target)?, attempt, step, resource)
            }
            PostCommand::IntendCommit { target, attempt, step, deadline, marker } => {
                let intent = attempt::NewIntent { attempt, step, deadline, marker };
                self.intend_commit(self.find(target)?, intent, context)
            }
            PostCommand::RecordVerdict { target, attempt, step, verdict } => {
                verdict::record(self.find(target)?, attempt, step, verdict, context)
            }
            PostCommand::AbandonAttempt { target, attempt, reason, retry_at } => {
                attempt::abandon(self.find(target)?, attempt, reason, retry_at, context)
            }
            PostCommand::DeclareUnknown { target, attempt, step } => {
                verdict::declare_unknown(self.find(target)?, attempt, step, context)
            }
            PostCommand::BeginReconcile { target } => reconcile::begin(self.find(target)?, context),
            PostCommand::RecordLookup { target, step, lookup } => {
                self.record_lookup(self.find(target)?, step, lookup, context)
            }
            PostCommand::Reconcile { target, by } => {
                person::look_again(self.find(target)?, by, context)
            }
            PostCommand::ResolveByPerson { target, by, resolution } => {
                person::resolve(self.find(target)?, by, resolution, context)
            }
            PostCommand::RetryTarget { target, by } => self.retry(self.find(target)?, by, context),
            PostCommand::ObserveRemoval { target } => {
                holding::observe_removal(self.find(target)?, context)
            }
        }
    }

    fn find(&self, id: TargetId) -> Result<&Target, PostRefusal> {
        self.target(id).ok_or(PostRefusal::UnknownTarget(id))
    }
}

/// The refusal of a wish that a target's state contradicts.
fn contradicts(target: &Target, allowed: &'static str) -> PostRefusal {
    PostRefusal::InvalidState { current: target.state.name(), allowed }
}
