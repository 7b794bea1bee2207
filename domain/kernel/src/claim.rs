//! What must be unique across aggregates is claimed in a stream of its own.
//!
//! A claim is appended together with the aggregate's event, in one atomic append; its expected
//! version is the lock. So uniqueness lives in the log and can be proven from it.

use crate::{Decider, Fact, Refusal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The namespace of claim streams: a version 5 UUID needs one, any fixed one will do.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f0c_1f6e_52b1_4a63_9d0e_6c1a_4d55_2be7);

/// The stream of the claim on `key` among all keys of `kind`.
#[must_use]
pub fn claim_id(kind: &str, key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}\n{key}").as_bytes())
}

/// Who holds one unique key, if anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    holder: Option<Uuid>,
}

impl Claim {
    /// The aggregate that holds the key.
    #[must_use]
    pub const fn holder(&self) -> Option<Uuid> {
        self.holder
    }
}

/// What one can ask of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimCommand {
    /// Take the key.
    Take {
        /// The aggregate that wants it.
        by: Uuid,
    },
    /// Give the key back.
    Release {
        /// The aggregate that holds it.
        by: Uuid,
    },
}

/// What happened to a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClaimEvent {
    /// The key belongs to an aggregate.
    Taken {
        /// The holder.
        by: Uuid,
    },
    /// The key is free again.
    Released {
        /// Who held it.
        by: Uuid,
    },
}

impl Fact for ClaimEvent {
    const NAMES: &'static [&'static str] = &["taken", "released"];

    fn name(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "taken",
            Self::Released { .. } => "released",
        }
    }
}

/// Why a claim was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// Another aggregate holds the key.
    #[error("this is already taken")]
    Taken,
}

impl Refusal for ClaimRefusal {
    fn code(&self) -> &'static str {
        "ALREADY_TAKEN"
    }
}

impl Decider for Claim {
    const STREAM: &'static str = "claim";
    type Context = ();
    type Command = ClaimCommand;
    type Event = ClaimEvent;
    type Refusal = ClaimRefusal;

    fn decide(&self, command: ClaimCommand, (): &()) -> Result<Vec<ClaimEvent>, ClaimRefusal> {
        match (command, self.holder) {
            (ClaimCommand::Take { by }, None) => Ok(vec![ClaimEvent::Taken { by }]),
            (ClaimCommand::Take { by }, Some(holder)) if holder == by => Ok(Vec::new()),
            (ClaimCommand::Take { .. }, Some(_)) => Err(ClaimRefusal::Taken),
            (ClaimCommand::Release { by }, Some(holder)) if holder == by => {
                Ok(vec![ClaimEvent::Released { by }])
            }
            (ClaimCommand::Release { .. }, _) => Ok(Vec::new()),
        }
    }

    fn evolve(&mut self, event: &ClaimEvent) {
        self.holder = match event {
            ClaimEvent::Taken { by } => Some(*by),
            ClaimEvent::Released { .. } => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    fn given(events: &[ClaimEvent]) -> Claim {
        Claim::fold(events)
    }

    #[test]
    fn a_free_key_can_be_taken() {
        let answer = given(&[]).decide(ClaimCommand::Take { by: ADA }, &());
        assert_eq!(answer, Ok(vec![ClaimEvent::Taken { by: ADA }]));
    }

    #[test]
    fn a_held_key_is_refused_to_another_and_already_so_for_its_holder() {
        let claim = given(&[ClaimEvent::Taken { by: ADA }]);
        assert_eq!(claim.decide(ClaimCommand::Take { by: BOB }, &()), Err(ClaimRefusal::Taken));
        assert_eq!(claim.decide(ClaimCommand::Take { by: ADA }, &()), Ok(vec![]));
    }

    #[test]
    fn only_the_holder_releases_a_key() {
        let claim = given(&[ClaimEvent::Taken { by: ADA }]);
        assert_eq!(claim.decide(ClaimCommand::Release { by: BOB }, &()), Ok(vec![]));
        let released = claim.decide(ClaimCommand::Release { by: ADA }, &());
        assert_eq!(released, Ok(vec![ClaimEvent::Released { by: ADA }]));
        let free = given(&[ClaimEvent::Taken { by: ADA }, ClaimEvent::Released { by: ADA }]);
        let taken = free.decide(ClaimCommand::Take { by: BOB }, &());
        assert_eq!(taken, Ok(vec![ClaimEvent::Taken { by: BOB }]));
    }
}
