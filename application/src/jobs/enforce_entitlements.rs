//! Brings what an account has in line with what it may use: connections, members and keys without a
//! place rest, and posts wait while a payment is owed. What is allowed again goes on.

use super::{
    JobFailure, Next, enforce_keys::settle_keys, payload, settle_connection::waiting_targets, tell,
};
use crate::{
    commands::{
        account::SettleSeats,
        connection::{LimitConnection, OnConnection},
        post::{HoldTarget, OnPost, ReleaseTarget},
    },
    desk::Desk,
    enforcement::{Candidate, keep},
    entitlements,
    failure::Failure,
    ports::{ClaimedJob, Ordinal},
    views::connections::{self, ConnectionDoc},
};
use herald_post::HoldReason;
use herald_social_connection::PauseReason;
use herald_subscription::{Keepers, Subscription, subscription_id};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, Clone, Copy)]
struct Subject {
    ordinal: Ordinal,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let subject: Subject = payload(job)?;
    // What was connected or scheduled before the event has to be in the views.
    if desk.refresh_progress().await? < subject.ordinal {
        return Ok(Next::At(desk.clock.now().plus(desk.settings.waits.poll)));
    }
    let run = Run { desk, job, subject };
    let keepers = run.keepers().await?;
    run.settle_places(&keepers).await?;
    run.settle_posts().await?;
    run.settle_seats(&keepers).await?;
    settle_keys(desk, job, subject.ordinal, &keepers.api_keys).await?;
    Ok(Next::Done)
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
    subject: Subject,
}

impl Run<'_> {
    async fn settle_places(&self, keepers: &Keepers) -> Result<(), JobFailure> {
        let entitled = entitlements::of_account(self.desk, self.job.account).await?;
        let live = connections::live(self.desk, self.job.account).await?;
        let candidates: Vec<_> = live.iter().map(candidate).collect();
        let kept = keep(&candidates, &keepers.connections, &entitled.entitlements);
        for doc in live {
            let (rests, paused) =
                (doc.pauses.contains(&PauseReason::PlanLimit), !kept.contains(&doc.id));
            if rests != paused {
                let verb = if paused { "limit" } else { "unlimit" };
                let step = format!("{verb}/{}/{}", self.subject.ordinal.0, doc.id);
                let limit = OnConnection(LimitConnection { connection: doc.id, paused });
                moved_on(tell(self.desk, self.job, step, limit).await.map(|_| ()))?;
            }
        }
        Ok(())
    }

    async fn keepers(&self) -> Result<Keepers, Failure> {
        let id = subscription_id(self.job.account).uuid();
        let subscription = self.desk.journal.load::<Subscription>(id).await?.state;
        Ok(subscription.keepers().clone())
    }

    async fn settle_seats(&self, keepers: &Keepers) -> Result<(), JobFailure> {
        let settle = SettleSeats { chosen: keepers.members.clone() };
        moved_on(
            tell(self.desk, self.job, format!("seats/{}", self.subject.ordinal.0), settle).await,
        )
    }

    /// Posts wait while a payment is owed. One whose time has passed meanwhile is missed, as any
    /// other: a person decides about it.
    async fn settle_posts(&self) -> Result<(), JobFailure> {
        let entitled = entitlements::of_account(self.desk, self.job.account).await?;
        let owing = !entitled.access.allows_work();
        for doc in waiting_targets(self.desk, self.job.account).await? {
            let (post, target, ordinal) = (doc.post, doc.id, self.subject.ordinal.0);
            let told = match doc.held {
                None if owing => {
                    let hold = OnPost(HoldTarget { post, target, reason: HoldReason::Billing });
                    tell(self.desk, self.job, format!("owing/{ordinal}/{target}"), hold).await
                }
                Some(HoldReason::Billing) if !owing => {
                    let release = OnPost(ReleaseTarget { post, target });
                    tell(self.desk, self.job, format!("paid/{ordinal}/{target}"), release).await
                }
                Some(_) | None => continue,
            };
            moved_on(told.map(|_| ()))?;
        }
        Ok(())
    }
}

/// What has moved on meanwhile is looked at again before it is sent.
fn moved_on(told: Result<(), Failure>) -> Result<(), JobFailure> {
    match told {
        Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

fn candidate(doc: &ConnectionDoc) -> Candidate {
    let used_at = doc.connected_at.map_or(doc.since, |at| at.max(doc.created_at));
    let (connection, network, created_at) = (doc.id, doc.network, doc.created_at);
    Candidate { connection, network, used_at, created_at }
}
