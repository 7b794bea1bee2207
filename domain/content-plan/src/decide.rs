//! Which command leads where: one file for each part of a plan's life.

mod create;
mod generate;
mod items;
mod review;

use crate::state::Stage;
use crate::{ContentPlan, Context, PlanCommand as Command, PlanEvent, PlanRefusal as Refusal};
use herald_kernel::Decider;

type Decision = Result<Vec<PlanEvent>, Refusal>;

impl Decider for ContentPlan {
    const STREAM: &'static str = "plan";
    type Context = Context;
    type Command = Command;
    type Event = PlanEvent;
    type Refusal = Refusal;

    fn decide(&self, command: Command, context: &Context) -> Decision {
        match (self.stage, &command) {
            (Stage::Absent, Command::Create { .. }) => return create::create(command, context),
            (_, Command::Create { .. }) => return Err(Refusal::AlreadyCreated),
            (Stage::Absent, _) => return Err(Refusal::NotFound),
            _ => {}
        }
        match command {
            Command::Create { .. } => Err(Refusal::AlreadyCreated),
            Command::RequestGeneration { .. } => self.request_generation(command),
            Command::RecordAttempt { .. } => Ok(self.record_attempt(command)),
            Command::RecordGeneration { run, outcome, strategy, items, hash } => {
                self.record_generation(run, (outcome, strategy), items, &hash)
            }
            Command::FailGeneration { run, kind, detail } => {
                Ok(self.fail_generation(run, kind, detail))
            }
            Command::EditItem { item, content, local, by, hash } => {
                self.edit_item(item, (content, local), by, hash)
            }
            Command::AcceptItem { item, by, hash } => self.accept_item(item, by, hash),
            Command::RejectItem { item, by, hash } => self.reject_item(item, by, hash),
            Command::Submit { by } => self.submit(by),
            Command::RequestChanges { by, comment } => self.request_changes(by, comment),
            Command::Approve { by, revision, hash } => self.approve(by, revision, hash, context),
            Command::Materialize { by } => self.materialize(by),
            Command::Complete => self.complete(),
            Command::Archive { by } => self.archive(by),
        }
    }

    fn evolve(&mut self, event: &PlanEvent) {
        self.believe(event);
    }
}

impl ContentPlan {
    fn not_now(&self) -> Refusal {
        Refusal::InvalidState { status: self.status() }
    }

    const fn next_revision(&self) -> u32 {
        self.revision.saturating_add(1)
    }
}
