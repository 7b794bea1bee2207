//! Ends the sessions of an identity that no longer holds.

use super::{JobFailure, Next, payload};
use crate::{desk::Desk, ports::ClaimedJob, sign_in};
use herald_kernel::IdentityId;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Subject {
    identity: IdentityId,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { identity } = payload(job)?;
    sign_in::end_everywhere(desk, identity).await?;
    Ok(Next::Done)
}
