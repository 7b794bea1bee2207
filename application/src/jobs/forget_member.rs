//! Forgets a member whom their issuer gave up, unless they found another way in meanwhile.

use super::{JobFailure, Next, payload, tell};
use crate::{
    commands::account::ForgetMember, desk::Desk, failure::Failure, ports::ClaimedJob, sign_in,
};
use herald_kernel::{IdentityId, MemberId};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Subject {
    member: MemberId,
    identity: IdentityId,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { member, identity } = payload(job)?;
    match tell(desk, job, format!("forget/{}", job.fence), ForgetMember { member }).await {
        // Whoever takes part again is somebody to remember; an account that is gone remembers nobody.
        Ok(()) | Err(Failure::Refused { retryable: false, .. } | Failure::NotFound) => {}
        Err(failure) => return Err(failure.into()),
    }
    sign_in::forget(desk, identity).await?;
    Ok(Next::Done)
}
