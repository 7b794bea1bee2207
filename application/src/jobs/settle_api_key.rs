//! Notes that a key's overlap or its time is over.

use super::{JobFailure, Next, payload, tell};
use crate::{commands::api_key::SettleApiKey, desk::Desk, ports::ClaimedJob};
use herald_kernel::ApiKeyId;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Subject {
    key: ApiKeyId,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { key } = payload(job)?;
    tell(desk, job, format!("{}/{}", job.key, job.due_at), SettleApiKey { key }).await?;
    Ok(Next::Done)
}
