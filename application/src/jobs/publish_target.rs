//! Carries one target to its network: preflight, attempt, prepare, intent, one wire attempt, verdict.
//!
//! Everything repeatable happens before the intent is durable. After it the step is sent once, and
//! whatever is not proven to have failed is looked up, never sent again.

use super::{
    JobFailure, Next,
    access_token::{access_token, rejected},
    caller,
    find_lost_verdict::Subject,
    payload, preflight, tell,
};
use crate::{
    commands::post::{
        AbandonAttempt, BeginAttempt, IntendCommit, OnPost, RecordPrepared, RecordVerdict,
        ReleaseTarget,
    },
    desk::Desk,
    failure::Failure,
    ports::{
        ClaimedJob, Commit, CommitOutcome, CommitPlan, MediaFile, Picture, PrepareFailure, Proof,
        SocialNetwork,
    },
};
use herald_kernel::{ContentHash, Instant};
use herald_post::{
    AbandonReason, FailureKind, Post, Remote, Resource, StepPlan, Target, TargetState,
    UnknownCause, Verdict,
};
use secrecy::SecretString;
use std::sync::Arc;

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let subject: Subject = payload(job)?;
    let run = Run { desk, job, subject };
    let post = run.load().await?;
    let Some(target) = post.target(subject.target) else { return Ok(Next::Done) };
    match &target.state {
        TargetState::Scheduled | TargetState::Due | TargetState::NotPublished => {
            run.begin(target).await
        }
        TargetState::Held(reason) => match reason.until() {
            Some(until) if until <= run.now() => {
                let release = ReleaseTarget { post: subject.post, target: subject.target };
                run.tell(format!("release/{until}"), release).await?;
                Ok(Next::At(run.now()))
            }
            Some(_) | None => Ok(Next::Done),
        },
        // First in hands, and yet begun: the job was put anew while somebody held it, who most likely
        // lives and goes on. Who died shows at the next look.
        TargetState::Preparing if job.attempts <= 1 => {
            Err(JobFailure::Retry("an attempt is under way".to_owned()))
        }
        // Another worker died here before anything was sent; its attempt is given up, and the next
        // one begins when the post says so.
        TargetState::Preparing => {
            run.abandon(target.attempt, AbandonReason::Interrupted, None).await?;
            Ok(Next::Done)
        }
        TargetState::Idle
        | TargetState::Committing
        | TargetState::OutcomeUnknown
        | TargetState::Reconciling
        | TargetState::NeedsHuman { .. }
        | TargetState::Missed
        | TargetState::Failed(_)
        | TargetState::Canceled
        | TargetState::Published
        | TargetState::PartiallyPublished(_)
        | TargetState::RemoteRemoved => Ok(Next::Done),
    }
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
    subject: Subject,
}

/// How one step ended.
enum StepEnd {
    /// Published: the next one may follow.
    Published,
    /// The attempt is over; the log says how.
    Over,
    /// So it is, because the network did not accept the token.
    Rejected,
}

/// Why a step is not sent.
enum NotPrepared {
    /// The network did not accept the token.
    Rejected,
    /// The attempt is over, and may be due again.
    Over(AbandonReason, Option<Instant>),
}

impl Run<'_> {
    fn now(&self) -> Instant {
        self.desk.clock.now()
    }

    async fn load(&self) -> Result<Post, Failure> {
        Ok(self.desk.journal.load::<Post>(self.subject.post.uuid()).await?.state)
    }

    async fn tell<C: crate::commands::post::PostUse>(
        &self,
        step: String,
        command: C,
    ) -> Result<(), Failure> {
        tell(self.desk, self.job, step, OnPost(command)).await.map(|_| ())
    }

    /// Tells something that exactly one worker may get through: never taken for a repetition, so the
    /// domain alone decides who is first.
    async fn lock<C: crate::commands::post::PostUse>(
        &self,
        step: &str,
        command: C,
    ) -> Result<(), Failure> {
        self.tell(format!("{step}/{}", self.desk.ids.uuid()), command).await
    }

    async fn begin(&self, target: &Target) -> Result<Next, JobFailure> {
        let Subject { post, target: id } = self.subject;
        if let Some(due) = target.due.filter(|due| *due > self.now()) {
            return Ok(Next::At(due));
        }
        let next = target.attempt + 1;
        let found =
            preflight::look(self.desk, self.job.account, target, &self.load().await?).await?;
        let begin = BeginAttempt { post, target: id, preflight: found };
        match self.lock("begin", begin).await {
            Ok(()) => {}
            // Another worker was first, or somebody changed their mind.
            Err(Failure::Refused { .. }) => return Ok(Next::Done),
            Err(failure) => return Err(failure.into()),
        }
        loop {
            let post = self.load().await?;
            let ours = post.target(id).filter(|target| target.attempt == next);
            let preparing = ours.is_some_and(|t| t.state == TargetState::Preparing);
            let Some(step) = post.next_step(id).filter(|_| preparing) else {
                return Ok(Next::Done);
            };
            match self.publish(next, &post, &step).await {
                Ok(StepEnd::Published) => {}
                Ok(StepEnd::Over | StepEnd::Rejected) => return Ok(Next::Done),
                Err(failure) => {
                    // A job that is given up leaves no attempt open: nobody else would end it. What
                    // cannot be done now is not tried again at once.
                    if let JobFailure::GiveUp(cause) = &failure {
                        let reason = AbandonReason::NotReached { cause: cause.clone() };
                        self.abandon(next, reason, None).await?;
                    }
                    return Err(failure);
                }
            }
        }
    }

    async fn publish(
        &self,
        attempt: u32,
        post: &Post,
        step: &StepPlan,
    ) -> Result<StepEnd, JobFailure> {
        let Some(target) = post.target(self.subject.target) else { return Ok(StepEnd::Over) };
        let network = match preflight::network(self.desk, target) {
            Ok(network) => network,
            Err(failure) => {
                let detail = failure.to_string();
                let reason = refused(FailureKind::Unsupported, failure.code(), detail);
                return self.over(attempt, reason, None).await;
            }
        };
        let token = match access_token(self.desk, &caller(self.job), target.connection).await {
            Ok(token) => token,
            Err(failure) => {
                let cause = failure.to_string();
                return self.over(attempt, AbandonReason::NotReached { cause }, None).await;
            }
        };
        let media = match self.prepare(attempt, post, step, network, &token).await? {
            Ok(media) => media,
            Err(NotPrepared::Rejected) => {
                self.look_after_access(target, &token).await?;
                let cause = "the network did not accept the token".to_owned();
                return self.over(attempt, AbandonReason::NotReached { cause }, None).await;
            }
            Err(NotPrepared::Over(reason, retry_at)) => {
                return self.over(attempt, reason, retry_at).await;
            }
        };
        let plan = CommitPlan {
            text: step.text.clone(),
            media,
            reply_to: step.reply_to.clone(),
            made_with_ai: step.made_with_ai,
        };
        match network.open(&token, &plan).await {
            Ok(commit) => {
                let end = self.commit(attempt, step, commit).await?;
                if matches!(end, StepEnd::Rejected) {
                    self.look_after_access(target, &token).await?;
                }
                Ok(end)
            }
            Err(failure) => {
                let reason = AbandonReason::NotReached { cause: failure.cause };
                self.over(attempt, reason, failure.retry_at).await
            }
        }
    }

    /// Uploads what the step shows and the network does not hold yet.
    async fn prepare(
        &self,
        attempt: u32,
        post: &Post,
        step: &StepPlan,
        network: &dyn SocialNetwork,
        token: &SecretString,
    ) -> Result<Result<Vec<String>, NotPrepared>, JobFailure> {
        let Subject { post: post_id, target } = self.subject;
        let mut ids = Vec::with_capacity(step.media.len());
        for picture in &step.media {
            let kind = format!("picture:{}", picture.media);
            let held = post.prepared(target, step.index, self.now()).find(|r| r.kind == kind);
            if let Some(resource) = held {
                ids.push(resource.remote_id.clone());
                continue;
            }
            let bytes = self.desk.files.get(self.job.account, picture.media).await;
            let Some(bytes) = bytes.map_err(Failure::from)? else {
                let detail = format!("picture {} is not in the media directory", picture.media);
                let reason = refused(FailureKind::MediaUnreachable, "MEDIA_MISSING", detail);
                return Ok(Err(NotPrepared::Over(reason, None)));
            };
            let file = MediaFile { content_type: picture.kind.content_type(), bytes };
            let alt = picture.alt.as_ref().map(ToString::to_string);
            match network.prepare_picture(token, &Picture { file, alt }).await {
                Ok(prepared) => {
                    ids.push(prepared.remote_id.clone());
                    let resource = Resource {
                        kind,
                        remote_id: prepared.remote_id,
                        expires_at: prepared.expires_at,
                    };
                    let name = format!("{attempt}/{}/{}", step.index, resource.kind);
                    let record = RecordPrepared {
                        post: post_id,
                        target,
                        attempt,
                        step: step.index,
                        resource,
                    };
                    self.tell(name, record).await?;
                }
                Err(failure) => return Ok(Err(not_prepared(failure))),
            }
        }
        Ok(Ok(ids))
    }

    /// Intent, one wire attempt, verdict.
    async fn commit(
        &self,
        attempt: u32,
        step: &StepPlan,
        commit: Box<dyn Commit>,
    ) -> Result<StepEnd, JobFailure> {
        let Subject { post, target } = self.subject;
        let deadline = self.now().plus(self.desk.settings.waits.commit);
        let marker = self.marker(step).await?;
        let intend = IntendCommit { post, target, attempt, step: step.index, deadline, marker };
        match self.lock("intent", intend).await {
            Ok(()) => {}
            Err(Failure::Refused { .. }) => return Ok(StepEnd::Over),
            // The intent may have been written although its answer was lost. Nothing was sent, but
            // nobody can say so any more: the lost verdict is found and looked up.
            Err(failure) => return Err(failure.into()),
        }
        let outcome = commit.send(deadline).await;
        let end = match &outcome {
            CommitOutcome::Committed { .. } => StepEnd::Published,
            CommitOutcome::Rejected(rejection) if rejection.proof == Proof::Unauthorized => {
                StepEnd::Rejected
            }
            CommitOutcome::Rejected(_) | CommitOutcome::Unknown { .. } => StepEnd::Over,
        };
        self.record(attempt, step.index, verdict(outcome)).await?;
        Ok(end)
    }

    /// So that the next attempt has access, or waits for a person, and other posts with it.
    async fn look_after_access(
        &self,
        target: &Target,
        token: &SecretString,
    ) -> Result<(), JobFailure> {
        rejected(self.desk, &caller(self.job), target.connection, token).await?;
        Ok(())
    }

    /// A verdict is told until it is stored: losing it would make a person look for what we know.
    async fn record(&self, attempt: u32, step: u16, verdict: Verdict) -> Result<(), JobFailure> {
        let Subject { post, target } = self.subject;
        let name = format!("{attempt}/{step}/verdict");
        let mut pause = self.desk.settings.waits.retry;
        loop {
            let record = RecordVerdict { post, target, attempt, step, verdict: verdict.clone() };
            match self.tell(name.clone(), record).await {
                Err(failure) if failure.retryable() => {
                    tracing::warn!(%target, %failure, "a verdict is not stored yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.desk.settings.waits.lease);
                }
                told => return Ok(told?),
            }
        }
    }

    async fn over(
        &self,
        attempt: u32,
        reason: AbandonReason,
        retry_at: Option<Instant>,
    ) -> Result<StepEnd, JobFailure> {
        self.abandon(attempt, reason, retry_at).await?;
        Ok(StepEnd::Over)
    }

    async fn abandon(
        &self,
        attempt: u32,
        reason: AbandonReason,
        retry_at: Option<Instant>,
    ) -> Result<(), JobFailure> {
        let Subject { post, target } = self.subject;
        let abandon = AbandonAttempt { post, target, attempt, reason, retry_at };
        match self.tell(format!("{attempt}/abandon"), abandon).await {
            // It was over already.
            Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn marker(&self, step: &StepPlan) -> Result<ContentHash, Failure> {
        let key = self.desk.journal.keyring().ensure(self.job.account).await?;
        Ok(ContentHash::new(
            key.fingerprint("marker", &herald_post::marker::normalised(&step.text)),
        ))
    }
}

fn verdict(outcome: CommitOutcome) -> Verdict {
    match outcome {
        CommitOutcome::Committed { remote_id, url } => {
            Verdict::Committed(Remote { remote_id, url })
        }
        CommitOutcome::Rejected(rejection) => Verdict::Rejected(rejection),
        CommitOutcome::Unknown { cause } => {
            Verdict::Unknown { cause: UnknownCause::NoAnswer { seen: cause } }
        }
    }
}

fn not_prepared(failure: PrepareFailure) -> NotPrepared {
    match failure {
        PrepareFailure::Refused { code, detail } => {
            NotPrepared::Over(refused(FailureKind::MediaRejected, &code, detail), None)
        }
        PrepareFailure::Unauthorized => NotPrepared::Rejected,
        PrepareFailure::Transient { cause, retry_at } => {
            NotPrepared::Over(AbandonReason::NotReached { cause }, retry_at)
        }
    }
}

fn refused(kind: FailureKind, code: &str, detail: String) -> AbandonReason {
    let failure = herald_post::Failure { kind, code: code.to_owned(), detail };
    AbandonReason::Refused { failure }
}

#[cfg(test)]
mod tests;
