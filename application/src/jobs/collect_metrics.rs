//! Reads a published post's metrics: soon after it is out, then every hour or every day, as the
//! account's tier has it at the time.

use super::{
    JobFailure, Next,
    access_token::{Access, access_token, load, rejected},
    caller,
    find_lost_verdict::Subject,
    payload, preflight, tell,
};
use crate::{
    commands::post::{ObserveRemoval, OnPost},
    desk::Desk,
    entitlements,
    failure::Failure,
    ports::{ClaimedJob, LookupFailure, Observation},
};
use herald_kernel::Instant;
use herald_post::{Post, TargetState};
use herald_social_connection::Status;
use std::{sync::Arc, time::Duration};

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { post, target: id } = payload(job)?;
    let loaded = desk.journal.load::<Post>(post.uuid()).await.map_err(Failure::from)?;
    let Some(target) = loaded.state.target(id) else { return Ok(Next::Done) };
    let publication = target.steps.first().and_then(|step| step.published.as_ref());
    let (Some(publication), TargetState::Published) = (publication, &target.state) else {
        return Ok(Next::Done);
    };
    let network = preflight::network(desk, target)?;
    let at = desk.clock.now();
    let connection = load(desk, job.account, target.connection).await?;
    if connection.status() == Status::Disconnected {
        return Ok(Next::Done);
    }
    let token = match access_token(desk, &caller(job), target.connection).await {
        Ok(token) => token,
        // Somebody is asked to connect again; numbers can wait for that.
        Err(Failure::Refused { code: "NEEDS_REAUTH", .. }) => {
            return later(desk, job, publication.at, at).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    match network.metrics(&token, &publication.remote.remote_id).await {
        Ok(Some(metrics)) => {
            let observation = Observation {
                account: job.account,
                target: id,
                at,
                impressions: metrics.impressions,
                likes: metrics.likes,
                reposts: metrics.reposts,
                replies: metrics.replies,
                quotes: metrics.quotes,
                bookmarks: metrics.bookmarks,
            };
            desk.stores.observations.record(&observation).await.map_err(Failure::from)?;
            later(desk, job, publication.at, at).await
        }
        Ok(None) => {
            let gone = OnPost(ObserveRemoval { post, target: id });
            tell(desk, job, "removed", gone).await?;
            Ok(Next::Done)
        }
        Err(LookupFailure::Unauthorized) => {
            match rejected(desk, &caller(job), target.connection, &token).await? {
                Access::Renewed | Access::Unclear => {
                    Err(JobFailure::Retry("the network did not accept the token".to_owned()))
                }
                Access::Gone => later(desk, job, publication.at, at).await,
            }
        }
        Err(LookupFailure::Transient { cause, retry_at }) => match retry_at {
            Some(at) => Ok(Next::At(at)),
            None => Err(JobFailure::Retry(cause)),
        },
    }
}

/// The next reading of a post that went out at `published`.
async fn later(
    desk: &Desk,
    job: &ClaimedJob,
    published: Instant,
    now: Instant,
) -> Result<Next, JobFailure> {
    let entitled = entitlements::of_account_at(desk, job.account, now).await?;
    let interval = entitled.entitlements.metric_cadence.interval();
    Ok(next(interval, desk.settings.waits.last_metrics, published, now))
}

/// A whole number of intervals after the publication, ahead of now and not beyond `last`.
fn next(interval: Duration, last: Duration, published: Instant, now: Instant) -> Next {
    let (step, age) = (interval.as_secs().max(1), now.since(published).as_secs());
    let after = Duration::from_secs((age / step).saturating_add(1).saturating_mul(step));
    if after > last { Next::Done } else { Next::At(published.plus(after)) }
}

#[cfg(test)]
mod tests;
