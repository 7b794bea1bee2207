//! Reads a published post's metrics, at growing intervals.

use super::{JobFailure, Next, access_token, find_lost_verdict::Subject, payload, preflight, tell};
use crate::{
    commands::post::{ObserveRemoval, OnPost},
    desk::Desk,
    failure::Failure,
    ports::{ClaimedJob, LookupFailure, Observation},
};
use herald_kernel::Instant;
use herald_post::{Post, TargetState};
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
    let token = access_token(desk, job.account, target.connection).await?;
    let at = desk.clock.now();
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
            Ok(next(&desk.settings.waits.metrics, publication.at, at))
        }
        Ok(None) => {
            let gone = OnPost(ObserveRemoval { post, target: id });
            tell(desk, job, "removed", gone).await?;
            Ok(Next::Done)
        }
        Err(LookupFailure::Unauthorized) => Err(JobFailure::GiveUp("the token died".to_owned())),
        Err(LookupFailure::Transient { cause, retry_at }) => match retry_at {
            Some(at) => Ok(Next::At(at)),
            None => Err(JobFailure::Retry(cause)),
        },
    }
}

/// The first of the configured moments that lies ahead.
fn next(moments: &[Duration], published: Instant, now: Instant) -> Next {
    let ahead = moments.iter().map(|after| published.plus(*after)).filter(|at| *at > now);
    ahead.min().map_or(Next::Done, Next::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_at_each_moment_once_and_then_no_more() {
        let published = Instant::from_micros(0).expect("an instant");
        let moments = [Duration::from_secs(60), Duration::from_secs(3600)];
        let after = |secs| published.plus(Duration::from_secs(secs));
        assert_eq!(next(&moments, published, after(59)), Next::At(after(60)));
        assert_eq!(next(&moments, published, after(60)), Next::At(after(3600)));
        assert_eq!(next(&moments, published, after(3600)), Next::Done);
    }
}
