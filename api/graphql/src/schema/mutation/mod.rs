//! What can be commanded, one area a file.
//!
//! Every mutation takes one `input` and goes through [`carry`]: who asks, what they mean, the use
//! case, and the answer. A resolver holds nothing but the translation of its input.

mod account;
mod api_key;
mod billing;
mod connection;
mod identity;
mod media;
mod operator;
mod outcome;
mod plan;
mod post;
mod target;

use async_graphql::MergedObject;
use outcome::{Keyed, Outcome, carry, inputs, payloads};

/// What can be commanded.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    account::AccountMutations,
    api_key::ApiKeyMutations,
    billing::BillingMutations,
    connection::ConnectionMutations,
    identity::IdentityMutations,
    media::MediaMutations,
    post::PostMutations,
    target::TargetMutations,
    plan::PlanMutations,
    operator::OperatorMutations,
);
