//! The alphabet of the domain: what every aggregate is written with.
//!
//! **Invariant:** nothing in `domain` does I/O, reads a clock or draws a random number; all three
//! arrive as arguments.

mod claim;
mod decider;
mod hash;
mod ids;
mod instant;
mod local_time;
mod money;
mod network;
mod personal;
mod text;

pub use claim::{Claim, ClaimCommand, ClaimEvent, ClaimRefusal, claim_id};
pub use decider::{Decider, Fact, Refusal};
pub use hash::ContentHash;
pub use ids::{
    AccountId, AnyId, ApiKeyId, CommandId, ConnectionId, CreditsId, Id, IdentityId, InvalidId,
    JobId, Kind, LeaseId, MediaId, MemberId, PlanId, PlanItemId, PostId, RunId, SubscriptionId,
    TargetId, UsageId, kinds,
};
pub use instant::{Instant, InvalidInstant};
pub use local_time::{InvalidZone, LocalTime, Resolved, Shift, TZDB_VERSION, Zone};
pub use money::{Currency, InvalidCurrency, Money, NanoUsd};
pub use network::{InvalidNetwork, Network};
pub use personal::Personal;
pub use text::{InvalidText, Text};
