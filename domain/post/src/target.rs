//! A target: one post on one social connection, with its own steps, attempts and state.

mod state;
mod step;

pub use state::{HoldReason, TargetState};
pub use step::{Intent, IntentState, Prepared, Publication, Step};

use crate::{new_target::NewTarget, outcome::Remote};
use herald_kernel::{ConnectionId, Instant, Network, TargetId};
use serde::{Deserialize, Serialize};

/// One post on one social connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's network.
    pub network: Network,
    /// How long a text the connection could publish when the post was created.
    pub text_limit: u32,
    /// Where it stands.
    pub state: TargetState,
    /// When it is to be tried next.
    pub due: Option<Instant>,
    /// From when lateness counts: its scheduled time, a person's retry, or its last published step.
    pub on_time: Option<Instant>,
    /// Since when an unknown outcome is being looked up.
    pub looking_since: Option<Instant>,
    /// The number of the last attempt; 0 before the first. It is the fence.
    pub attempt: u32,
    /// What the open attempt has prepared.
    pub prepared: Vec<Prepared>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

impl Target {
    /// A target as it begins, with `steps` steps.
    pub(crate) fn new(new: &NewTarget, steps: u16) -> Self {
        Self {
            id: new.target,
            connection: new.connection,
            network: new.network,
            text_limit: new.text_limit,
            state: TargetState::Idle,
            due: None,
            on_time: None,
            looking_since: None,
            attempt: 0,
            prepared: Vec::new(),
            steps: vec![Step::default(); usize::from(steps)],
        }
    }

    /// One step; 0 is the root.
    #[must_use]
    pub fn step(&self, index: u16) -> Option<&Step> {
        self.steps.get(usize::from(index))
    }

    /// The first step that is not published.
    #[must_use]
    pub fn next_step(&self) -> Option<u16> {
        let index = self.steps.iter().position(|step| step.published.is_none())?;
        u16::try_from(index).ok()
    }

    /// How many steps stand on the network.
    #[must_use]
    pub fn published_steps(&self) -> u16 {
        let count = self.steps.iter().filter(|step| step.published.is_some()).count();
        u16::try_from(count).unwrap_or(u16::MAX)
    }

    /// Where the root stands, once it is published.
    #[must_use]
    pub fn root(&self) -> Option<&Publication> {
        self.step(0)?.published.as_ref()
    }

    /// The open attempt, if there is one.
    #[must_use]
    pub fn open_attempt(&self) -> Option<u32> {
        let open = matches!(self.state, TargetState::Preparing | TargetState::Committing);
        open.then_some(self.attempt)
    }

    /// The intent whose outcome is not known, and its step.
    #[must_use]
    pub fn unresolved(&self) -> Option<(u16, &Intent)> {
        self.find_intent(Step::unresolved)
    }

    /// The intent that could still be found published, and its step.
    #[must_use]
    pub fn in_question(&self) -> Option<(u16, &Intent)> {
        self.find_intent(Step::in_question)
    }

    /// Was a step looked for and not found, with nobody having said so since? What it may have
    /// published is the reason to send nothing but the same again.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.steps.iter().any(Step::is_doubtful)
    }

    /// Is a second copy of a step that is not published known to stand?
    #[must_use]
    pub fn is_copied(&self) -> bool {
        self.steps.iter().any(|step| step.published.is_none() && step.duplicate.is_some())
    }

    /// The step that a post on the network stands for.
    #[must_use]
    pub fn step_of(&self, remote: &Remote) -> Option<u16> {
        let stands = |step: &Step| {
            step.published.as_ref().is_some_and(|published| published.remote.is(remote))
        };
        u16::try_from(self.steps.iter().position(stands)?).ok()
    }

    /// Can nothing have been sent for it, so that its time may still change?
    #[must_use]
    pub fn is_movable(&self) -> bool {
        let waits = self.state.is_waiting() || self.state.is_held();
        let untouched = self.published_steps() == 0 && !self.is_doubtful();
        untouched && (waits || self.state == TargetState::Missed)
    }

    /// Is a part of it published or on its way, so that what it says is settled?
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let open = self.open_attempt().is_some() || self.state.is_unknown();
        open || self.state.is_published() || self.published_steps() > 0 || self.is_doubtful()
    }

    pub(crate) fn remote_id(&self, index: u16) -> Option<String> {
        Some(self.step(index)?.published.as_ref()?.remote.remote_id.clone())
    }

    fn find_intent<'t>(
        &'t self,
        of: impl Fn(&'t Step) -> Option<&'t Intent>,
    ) -> Option<(u16, &'t Intent)> {
        self.steps
            .iter()
            .enumerate()
            .find_map(|(index, step)| Some((u16::try_from(index).ok()?, of(step)?)))
    }
}
