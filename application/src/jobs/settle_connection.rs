//! Brings posts in line with their connection: held while it cannot publish, released when it can
//! again. Destroys the secrets of one that has ended.

use super::{
    JobFailure, Next,
    access_token::{TokenSets, load},
    payload, preflight, tell,
};
use crate::{
    commands::post::{HoldTarget, OnPost, ReleaseTarget},
    desk::Desk,
    failure::Failure,
    ports::{ClaimedJob, Ordinal},
    views::posts::{TARGETS, TargetDoc},
};
use herald_kernel::{AccountId, ConnectionId};
use herald_post::HoldReason;
use herald_social_connection::{SocialConnection, Status};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, Clone, Copy)]
struct Subject {
    connection: ConnectionId,
    ordinal: Ordinal,
}

/// States in which a target waits for its time, or for its connection.
const WAITING: [&str; 3] = ["scheduled", "due", "held"];

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let subject: Subject = payload(job)?;
    let state = load(desk, job.account, subject.connection).await?;
    let run = Run { desk, job, subject };
    if state.status() == Status::Disconnected {
        run.shred(&state).await?;
    }
    // What was scheduled before the event has to be in the view, or it would be passed over.
    if desk.refresh_progress().await? < subject.ordinal {
        return Ok(Next::At(desk.clock.now().plus(desk.settings.waits.poll)));
    }
    let hold = state.publishable(desk.clock.now()).err().map(preflight::held);
    for target in waiting_targets(desk, job.account).await? {
        if target.connection == subject.connection {
            run.settle(&target, hold).await?;
        }
    }
    Ok(Next::Done)
}

/// The account's targets that wait for their time, or for something else.
pub(super) async fn waiting_targets(
    desk: &Desk,
    account: AccountId,
) -> Result<Vec<TargetDoc>, Failure> {
    desk.all_documents(account, TARGETS, &WAITING).await
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
    subject: Subject,
}

impl Run<'_> {
    /// Gives the tokens back, if the network takes them, and destroys what we hold.
    async fn shred(&self, state: &SocialConnection) -> Result<(), JobFailure> {
        let (account, connection) = (self.job.account, self.subject.connection);
        let network = state.network().and_then(|network| self.desk.networks.get(network).ok());
        let authorization = network.map(|network| network.authorization.as_ref());
        Ok(TokenSets { desk: self.desk, account, connection }.destroy(authorization).await?)
    }

    async fn settle(&self, doc: &TargetDoc, hold: Option<HoldReason>) -> Result<(), JobFailure> {
        let (post, target) = (doc.post, doc.id);
        let step = |verb: &str| format!("{verb}/{}/{target}", self.subject.ordinal.0);
        // Whoever else holds a target lets it go themselves.
        let ours = doc.held.as_ref().is_none_or(is_about_a_connection);
        let told = match hold {
            Some(reason) if ours && doc.held != Some(reason) => {
                let hold = OnPost(HoldTarget { post, target, reason });
                tell(self.desk, self.job, step(reason.name()), hold).await
            }
            None if ours && doc.held.is_some() => {
                let release = OnPost(ReleaseTarget { post, target });
                tell(self.desk, self.job, step("release"), release).await
            }
            Some(_) | None => return Ok(()),
        };
        match told {
            // The post has moved on: its own jobs look at the connection before they send.
            Ok(_) | Err(Failure::Refused { .. }) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }
}

const fn is_about_a_connection(reason: &HoldReason) -> bool {
    match reason {
        HoldReason::PlanLimit
        | HoldReason::AccountSuspended
        | HoldReason::NeedsReauth
        | HoldReason::ConnectionPaused
        | HoldReason::Disconnected
        | HoldReason::PlatformOutage => true,
        HoldReason::Billing
        | HoldReason::PlatformQuota { .. }
        | HoldReason::DailyLimit { .. }
        | HoldReason::ApprovalStale
        | HoldReason::ClientHold => false,
    }
}

#[cfg(test)]
mod tests;
