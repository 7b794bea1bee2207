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

use crate::{Command, Context, Event, Post, Refusal, post::Written, target::Target};
use herald_kernel::{Decider, TargetId};

/// What follows from a command.
type Decision = Result<Vec<Event>, Refusal>;

/// "Already so": the target state equals the wish.
const ALREADY_SO: Decision = Ok(Vec::new());

impl Decider for Post {
    const STREAM: &'static str = "post";
    type Context = Context;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: Command, context: &Context) -> Decision {
        match &self.written {
            None => editing::create(command),
            Some(post) => post.decide(command, context),
        }
    }

    fn evolve(&mut self, event: &Event) {
        self.apply(event);
    }
}

impl Written {
    fn decide(&self, command: Command, context: &Context) -> Decision {
        match command {
            Command::Create { .. } => Err(Refusal::AlreadyCreated),
            Command::Edit { content, hash, by } => self.edit(content, hash, by),
            Command::Submit { by } => self.submit(by),
            Command::Approve { by, hash } => self.approve(by, hash, context),
            Command::RequestChanges { by, comment } => self.request_changes(by, comment),
            Command::Reject { by, reason } => self.reject(by, reason),
            Command::Schedule { when, by } => self.give_time(when, by, context),
            Command::Reschedule { when, by } => self.change_time(when, by, context),
            Command::Unschedule { by } => self.take_time(by),
            Command::PublishNow { by } => self.publish_now(by, context),
            Command::Cancel { by } => self.cancel(by, context),
            Command::ReResolve => Ok(self.re_resolve(context)),
            Command::HoldTarget { target, reason } => holding::hold(self.find(target)?, reason),
            Command::ReleaseTarget { target } => holding::release(self.find(target)?, context),
            Command::MarkMissed { target } => holding::mark_missed(self.find(target)?, context),
            Command::BeginAttempt { target, preflight } => {
                self.begin_attempt(self.find(target)?, preflight, context)
            }
            Command::RecordPrepared { target, attempt, step, resource } => {
                attempt::record_prepared(self.find(target)?, attempt, step, resource)
            }
            Command::IntendCommit { target, attempt, step, deadline, marker } => {
                let intent = attempt::NewIntent { attempt, step, deadline, marker };
                self.intend_commit(self.find(target)?, intent, context)
            }
            Command::RecordVerdict { target, attempt, step, verdict } => {
                verdict::record(self.find(target)?, attempt, step, verdict, context)
            }
            Command::AbandonAttempt { target, attempt, reason, retry_at } => {
                attempt::abandon(self.find(target)?, attempt, reason, retry_at, context)
            }
            Command::DeclareUnknown { target, attempt, step } => {
                verdict::declare_unknown(self.find(target)?, attempt, step, context)
            }
            Command::BeginReconcile { target } => reconcile::begin(self.find(target)?, context),
            Command::RecordLookup { target, step, lookup } => {
                self.record_lookup(self.find(target)?, step, lookup, context)
            }
            Command::Reconcile { target, by } => {
                person::look_again(self.find(target)?, by, context)
            }
            Command::ResolveByPerson { target, by, resolution } => {
                person::resolve(self.find(target)?, by, resolution, context)
            }
            Command::RetryTarget { target, by } => self.retry(self.find(target)?, by, context),
            Command::ObserveRemoval { target } => {
                holding::observe_removal(self.find(target)?, context)
            }
        }
    }

    fn find(&self, id: TargetId) -> Result<&Target, Refusal> {
        self.target(id).ok_or(Refusal::UnknownTarget(id))
    }
}

/// The refusal of a wish that a target's state contradicts.
fn contradicts(target: &Target, allowed: &'static str) -> Refusal {
    Refusal::InvalidState { current: target.state.name(), allowed }
}
