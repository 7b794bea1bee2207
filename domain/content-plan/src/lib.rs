//! A content plan: a brief, generated proposals, review, approval, posts.
//!
//! **Invariant:** what a model wrote is a proposal. Nothing of it becomes a post before a person
//! accepted the item and approved exactly this revision of the plan.

mod brief;
mod command;
mod context;
mod date;
mod decide;
mod event;
mod evolve;
mod generation;
mod item;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use brief::{Brief, PlanConnection, PostsPerWeek, PostsPerWeekOutOfRange};
pub use command::PlanCommand;
pub use context::Context;
pub use date::{Date, InvalidDate, Period};
pub use event::PlanEvent;
pub use generation::{
    FailureKind, InvalidTemperature, Outcome, Pillar, Profile, Purpose, Strategy, Temperature,
    Usage,
};
pub use item::{Item, ItemContent, ItemState, MAX_ITEM_CHARS, PlannedItem, ProposedItem};
pub use refusal::{Defect, PlanRefusal};
pub use state::{Approval, ContentPlan, MAX_CONNECTIONS, MAX_ITEMS, OpenRun, Status};
