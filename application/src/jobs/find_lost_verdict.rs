//! A commit whose verdict never came is unknown, once its deadline has passed.
//!
//! Found by this job and never at start-up: another replica may be in flight.

use super::{JobFailure, Next, payload, tell};
use crate::{
    commands::post::{DeclareUnknown, OnPost},
    desk::Desk,
    ports::ClaimedJob,
};
use herald_kernel::{PostId, TargetId};
use herald_post::{IntentState, Post};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// A post and one of its targets: what every publishing job is about.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Subject {
    pub(super) post: PostId,
    pub(super) target: TargetId,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { post, target } = payload(job)?;
    let loaded = desk.journal.load::<Post>(post.uuid()).await;
    let loaded = loaded.map_err(crate::failure::Failure::from)?;
    let Some((step, intent)) = loaded.state.intent(target) else { return Ok(Next::Done) };
    if intent.state != IntentState::Open {
        return Ok(Next::Done);
    }
    if desk.clock.now() < intent.deadline {
        return Ok(Next::At(intent.deadline.plus(Duration::from_secs(1))));
    }
    let attempt = intent.attempt;
    let declare = OnPost(DeclareUnknown { post, target, attempt, step });
    tell(desk, job, format!("{attempt}/{step}/unknown"), declare).await?;
    Ok(Next::Done)
}
