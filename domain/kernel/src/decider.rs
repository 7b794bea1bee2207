//! What an aggregate is: a pure decision and a pure fold.

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Pure decision-making: a state and a command in, facts or a typed refusal out.
///
/// `decide` holds all rules and changes nothing; `evolve` holds no rules and is the only place
/// where state changes. An empty answer of `decide` means "already so".
pub trait Decider: Default + Send + Sync {
    /// The stored name of the aggregate, the first half of every event's stored name.
    const STREAM: &'static str;
    /// What a decision may look at beside the state: the instant, limits, policy.
    type Context: Send + Sync;
    /// What one can ask for, in the imperative.
    type Command: Send;
    /// What can have happened, in the past participle.
    type Event: Fact;
    /// Why a command was not followed.
    type Refusal: Refusal;

    /// What follows from `command`?
    fn decide(
        &self,
        command: Self::Command,
        context: &Self::Context,
    ) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state once `event` has happened. Never fails, never asks why.
    fn evolve(&mut self, event: &Self::Event);

    /// The state after a whole history.
    fn fold<'e>(events: impl IntoIterator<Item = &'e Self::Event>) -> Self
    where
        Self::Event: 'e,
    {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

/// Something that happened, as the log keeps it for ever.
///
/// Serialised with an internal tag: `{"type": "<name>", …}`; the stored event type is
/// `"<STREAM>.<name>"`. Numbers are integers, ratios are decimal strings (the log's event profile).
pub trait Fact: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync {
    /// Every stored name of this enum, in order of declaration.
    const NAMES: &'static [&'static str];

    /// The stored name, `snake_case`, equal to the serialised `type` tag. Immutable once released.
    fn name(&self) -> &'static str;

    /// The version of this event's payload; raised when the payload's shape changes.
    fn version(&self) -> u16 {
        1
    }
}

/// Why a command was refused: a stable code for programs, a sentence for people.
pub trait Refusal: std::error::Error + PartialEq + Send + Sync + 'static {
    /// A stable `SCREAMING_SNAKE` code, listed in `docs/errors.md`.
    fn code(&self) -> &'static str;

    /// The input field at fault, as a path like `schedule.at`, when there is one.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// May the same command succeed later without a change of its input?
    fn retryable(&self) -> bool {
        false
    }
}
