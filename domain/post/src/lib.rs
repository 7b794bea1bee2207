//! A post: drafted, approved, scheduled, attempted, and in the end published or given up.
//!
//! A post has content, and one target per social connection; a target has steps (the root, the
//! segments of a thread, a first comment), and attempts. `decide` holds every rule, `evolve` none.
//!
//! **Invariant:** a step is written down as intended before it is sent, and a step whose intent has
//! no known outcome is never intended again.

mod command;
mod content;
mod context;
mod decide;
mod event;
mod evolve;
pub mod marker;
mod new_target;
mod outcome;
mod refusal;
pub mod rules;
mod schedule;
mod state;
mod status;
mod target;
#[cfg(test)]
mod tests;

pub use command::{PlanOrigin, PostCommand, Preflight, Readiness};
pub use content::{BODY_MAX, Body, Content, MediaKind, MediaRef, StepContent, StepKind};
pub use context::Context;
pub use event::PostEvent;
pub use new_target::{NewTarget, target_id};
pub use outcome::{
    AbandonReason, Authority, Evidence, Failure, FailureKind, HumanReason, Lookup, Proof,
    Rejection, Remark, Remote, Resolution, Resource, UnknownCause, Verdict,
};
pub use refusal::PostRefusal;
pub use schedule::{Schedule, WallClock, When};
pub use state::{Editorial, Post, StepPlan};
pub use status::Status;
pub use target::{
    HoldReason, Intent, IntentState, Prepared, Publication, Step, Target, TargetState,
};
