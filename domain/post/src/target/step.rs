//! A step of a target: its intents, and where it stands once it is published.

use crate::outcome::{Remote, Resource};
use herald_kernel::{ContentHash, Instant};
use serde::{Deserialize, Serialize};

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntentState {
    /// No verdict yet.
    Open,
    /// The verdict was not seen.
    Unknown,
    /// It was published.
    Committed,
    /// It was refused, provably.
    Rejected,
    /// It was looked for twice and not found.
    Absent,
    /// A person said that it is not there.
    Denied,
}

/// A commit that was written down before it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The attempt that it belongs to.
    pub attempt: u32,
    /// When it was written down.
    pub intended_at: Instant,
    /// After this nothing is sent any more.
    pub deadline: Instant,
    /// The keyed fingerprint of the normalised text.
    pub marker: ContentHash,
    /// How far it has come.
    pub state: IntentState,
}

/// A step that stands on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Where.
    pub remote: Remote,
    /// Since when, as far as we know.
    pub at: Instant,
}

/// One step of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// Every intent, oldest first.
    pub intents: Vec<Intent>,
    /// Where it stands, once it is published.
    pub published: Option<Publication>,
    /// When complete listings were begun that count and do not show it.
    pub absences: Vec<Instant>,
    /// Was a person asked about it? From then on nothing goes out again without one.
    pub needed_human: bool,
    /// A second copy that an earlier intent turned out to have published.
    pub duplicate: Option<Remote>,
}

impl Step {
    /// The intent whose outcome is not known: open, or unknown.
    #[must_use]
    pub fn unresolved(&self) -> Option<&Intent> {
        let open = |intent: &&Intent| match intent.state {
            IntentState::Open | IntentState::Unknown => true,
            IntentState::Committed
            | IntentState::Rejected
            | IntentState::Absent
            | IntentState::Denied => false,
        };
        self.intents.iter().rev().find(open)
    }

    /// The intent that a look-up or a person could still find published: the unresolved one, else
    /// one that was only not found.
    #[must_use]
    pub fn in_question(&self) -> Option<&Intent> {
        if self.published.is_some() {
            return None;
        }
        let absent = || self.intents.iter().rev().find(|i| i.state == IntentState::Absent);
        let found_late = || self.intents.iter().rev().find(|i| i.state == IntentState::Committed);
        self.unresolved().or_else(absent).or_else(found_late)
    }

    /// Was it looked for and not found, with nobody having said so since?
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let absent = self.intents.iter().any(|intent| intent.state == IntentState::Absent);
        self.published.is_none() && (absent || self.duplicate.is_some())
    }

    /// The intent of an attempt.
    #[must_use]
    pub fn intent(&self, attempt: u32) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.attempt == attempt)
    }
}

/// A resource that an attempt prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// For which step.
    pub step: u16,
    /// What.
    pub resource: Resource,
}
