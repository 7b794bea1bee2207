//! The loops of the worker role: fold the log as it grows, carry out jobs as they fall due.

use crate::{
    desk::Desk,
    failure::Failure,
    inbox,
    jobs::{self, JobFailure, Next},
    limits,
    ports::{Announcements, ClaimedJob, Lease, StoreError},
    projector::Projector,
    replicas::{self, Part},
    sign_in,
    upkeep::{self, Retired},
};
use herald_kernel::Instant;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often what is over is deleted.
const UPKEEP: Duration = Duration::from_secs(10 * 60);

/// When each loop last came round, for honest readiness.
#[derive(Debug, Default)]
pub struct Pulse {
    projecting: AtomicI64,
    working: AtomicI64,
}

impl Pulse {
    /// When the projection loop last came round without an error.
    #[must_use]
    pub fn projected_at(&self) -> Option<Instant> {
        instant(&self.projecting)
    }

    /// When the job loop last came round without an error.
    #[must_use]
    pub fn worked_at(&self) -> Option<Instant> {
        instant(&self.working)
    }
}

fn instant(cell: &AtomicI64) -> Option<Instant> {
    match cell.load(Ordering::Relaxed) {
        0 => None,
        micros => Instant::from_micros(micros),
    }
}

/// The worker.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Worker {
    desk: Arc<Desk>,
    projector: Arc<Projector>,
    /// When each loop last came round.
    pub pulse: Arc<Pulse>,
    stop: CancellationToken,
    running: TaskTracker,
}

impl Worker {
    /// A worker over one desk.
    #[must_use]
    pub fn new(desk: Arc<Desk>) -> Self {
        Self {
            projector: Arc::new(Projector::new(Arc::clone(&desk))),
            desk,
            pulse: Arc::new(Pulse::default()),
            stop: CancellationToken::new(),
            running: TaskTracker::new(),
        }
    }

    /// What folds the log.
    #[must_use]
    pub fn projector(&self) -> &Projector {
        &self.projector
    }

    /// Registers the projections and starts both loops. What is being built is not waited for.
    pub async fn start(&self) -> Result<(), Failure> {
        self.projector.register().await?;
        self.projector.catch_up().await?;
        let desk = Arc::clone(&self.desk);
        self.running.spawn(async move {
            match upkeep::re_resolve_schedules(&desk).await {
                Ok(0) => {}
                Ok(posts) => tracing::info!(posts, "schedules were checked against the new zones"),
                Err(failure) => tracing::error!(?failure, "schedules were not checked"),
            }
        });
        let worker = self.clone();
        self.running.spawn(async move { worker.project().await });
        let worker = self.clone();
        self.running.spawn(async move { worker.work().await });
        let worker = self.clone();
        self.running.spawn(async move { worker.keep_up().await });
        inbox::start(&self.desk, &self.stop, &self.running);
        limits::start(&self.desk, &self.stop, &self.running);
        Ok(())
    }

    /// What a process does that leaves the work to others: it gives back the calls that it does not
    /// use, and learns how far the others have come.
    pub async fn stand_by(&self) -> Result<(), Failure> {
        self.projector.register().await?;
        limits::start(&self.desk, &self.stop, &self.running);
        let worker = self.clone();
        self.running.spawn(async move { worker.follow().await });
        Ok(())
    }

    /// Tells other processes over the same database of what is done here, and hears of theirs.
    pub fn keep_in_touch(&self, announcements: &Arc<dyn Announcements>, part: Part) {
        replicas::start(&self.desk, announcements, part, &self.stop, &self.running);
    }

    /// Applies the webhooks that wait, folds the log and carries out every job that is due, once;
    /// answers how many there were of both. For whoever drives time: the demonstration and tests.
    pub async fn tick(&self) -> Result<usize, Failure> {
        let applied = inbox::turn(&self.desk).await?;
        self.projector.run_to_head().await?;
        let lease = Lease { now: self.desk.clock.now(), length: self.desk.settings.waits.lease };
        let jobs = self.desk.stores.jobs.claim(lease, self.desk.settings.parallel_jobs).await?;
        let claimed = jobs.len();
        futures::future::join_all(jobs.into_iter().map(|job| self.carry_out(job))).await;
        self.projector.run_to_head().await?;
        Ok(applied + claimed)
    }

    /// Stops claiming, lets what runs come to its end, at most for `grace`. Answers whether it did.
    pub async fn stop(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.running.close();
        timeout(grace, self.running.wait()).await.is_ok()
    }

    /// Announcements may be lost, and a view that is built in another process may take over without.
    async fn follow(&self) {
        let poll = self.desk.settings.waits.poll;
        while timeout(poll, self.stop.cancelled()).await.is_err() {
            if let Err(failure) = self.desk.refresh_progress().await {
                tracing::debug!(%failure, "how far the views have come was not learnt");
            }
        }
    }

    /// Deletes what is over, now and then: sessions, links, and versions of views.
    async fn keep_up(&self) {
        let mut retired = Retired::default();
        while !self.stop.is_cancelled() {
            match sign_in::sweep(&self.desk).await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "sessions and links that were over are gone"),
                Err(failure) => tracing::warn!(%failure, "what is over was not deleted"),
            }
            let forgetting = upkeep::forget_retired(&self.desk, &retired);
            match self.stop.run_until_cancelled(forgetting).await {
                Some(Ok(now)) => retired = now,
                Some(Err(failure)) => tracing::warn!(%failure, "replaced views were not deleted"),
                None => break,
            }
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(UPKEEP) => {}
            }
        }
    }

    async fn project(&self) {
        let (mut pause, mut at_head) = (Duration::ZERO, true);
        while !self.stop.is_cancelled() {
            let wait = if pause.is_zero() { self.desk.settings.waits.poll } else { pause };
            if at_head {
                tokio::select! {
                    () = self.stop.cancelled() => break,
                    _ = timeout(wait, self.desk.wake.notified()) => {}
                }
            }
            let ran = self.projector.run().await;
            at_head = *ran.as_ref().unwrap_or(&true);
            match ran {
                Ok(_) => {
                    pause = Duration::ZERO;
                    self.beat(&self.pulse.projecting);
                }
                Err(failure) => {
                    pause = longer(pause, self.desk.settings.waits.retry);
                    tracing::error!(%failure, ?failure, "the projection loop failed");
                }
            }
        }
    }

    async fn work(&self) {
        let places = usize::try_from(self.desk.settings.parallel_jobs).unwrap_or(1).max(1);
        let places = Arc::new(Semaphore::new(places));
        let mut pause = Duration::ZERO;
        while !self.stop.is_cancelled() {
            match self.claim(&places).await {
                // Full hands: there may be more at once.
                Ok(claimed) if claimed > 0 => continue,
                Ok(_) => {
                    pause = Duration::ZERO;
                    self.beat(&self.pulse.working);
                }
                Err(failure) => {
                    pause = longer(pause, self.desk.settings.waits.retry);
                    tracing::error!(%failure, "claiming jobs failed");
                }
            }
            let wait = if pause.is_zero() { self.until_due().await } else { pause };
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = timeout(wait, self.desk.jobs_wake.notified()) => {}
            }
        }
    }

    /// How long until the next job falls due, no longer than a poll.
    async fn until_due(&self) -> Duration {
        let poll = self.desk.settings.waits.poll;
        match self.desk.stores.job_board.next_due().await {
            Ok(Some(due)) => due.since(self.desk.clock.now()).min(poll),
            Ok(None) | Err(_) => poll,
        }
    }

    async fn claim(&self, places: &Arc<Semaphore>) -> Result<usize, StoreError> {
        let Ok(first) = Arc::clone(places).acquire_owned().await else { return Ok(0) };
        let free = u32::try_from(places.available_permits()).unwrap_or(u32::MAX);
        let lease = Lease { now: self.desk.clock.now(), length: self.desk.settings.waits.lease };
        let jobs = self.desk.stores.jobs.claim(lease, free.saturating_add(1)).await?;
        let claimed = jobs.len();
        let mut first = Some(first);
        for job in jobs {
            let place = match first.take() {
                Some(place) => Some(place),
                None => Arc::clone(places).acquire_owned().await.ok(),
            };
            let worker = self.clone();
            self.running.spawn(async move {
                worker.carry_out(job).await;
                drop(place);
                worker.desk.jobs_wake.notify_one();
            });
        }
        Ok(claimed)
    }

    async fn carry_out(&self, job: ClaimedJob) {
        let started = std::time::Instant::now();
        let outcome = if job.attempts > self.desk.settings.job_attempts {
            // Whatever it does ends its worker, and must not end this one as well.
            Err(JobFailure::GiveUp("no attempt at it came to an end".to_owned()))
        } else {
            tokio::select! {
                outcome = jobs::run(&self.desk, &job) => outcome,
                never = self.keep_lease(&job) => match never {},
            }
        };
        let label = match &outcome {
            Ok(Next::Done) => "done",
            Ok(Next::At(_)) => "again",
            Err(JobFailure::Retry(_)) => "retry",
            Err(JobFailure::GiveUp(_)) => "buried",
        };
        metrics::counter!("herald_jobs_total", "kind" => job.kind.as_str(), "outcome" => label)
            .increment(1);
        metrics::histogram!("herald_job_seconds", "kind" => job.kind.as_str())
            .record(started.elapsed().as_secs_f64());
        if let Err(error) = self.close(&job, outcome).await {
            // The lease runs out and the job is claimed again: handlers are safe to repeat.
            tracing::error!(job = %job.key, %error, "a job's end could not be stored");
        }
    }

    /// Renews the lease for as long as the job runs.
    async fn keep_lease(&self, job: &ClaimedJob) -> Infallible {
        let length = self.desk.settings.waits.lease;
        loop {
            tokio::time::sleep(length / 3).await;
            let until = self.desk.clock.now().plus(length);
            match self.desk.stores.jobs.renew(job.id, job.fence, until).await {
                Ok(true) => {}
                // A process rewrote the job while it runs: the log fences what it may still do, so
                // it goes on to its end without the lease.
                Ok(false) => std::future::pending().await,
                Err(error) => tracing::warn!(job = %job.key, %error, "a lease was not renewed"),
            }
        }
    }

    async fn close(
        &self,
        job: &ClaimedJob,
        outcome: Result<Next, JobFailure>,
    ) -> Result<(), StoreError> {
        let queue = &self.desk.stores.jobs;
        let now = self.desk.clock.now();
        match outcome {
            Ok(Next::Done) => queue.finish(job.id, job.fence).await?,
            Ok(Next::At(at)) => queue.reschedule(job.id, job.fence, at, None, true).await?,
            Err(JobFailure::Retry(error)) if job.attempts < self.desk.settings.job_attempts => {
                tracing::warn!(job = %job.key, attempts = job.attempts, error, "a job is retried");
                let due = now.plus(self.backoff(job.attempts));
                queue.reschedule(job.id, job.fence, due, Some(&error), false).await?
            }
            Err(JobFailure::Retry(error) | JobFailure::GiveUp(error)) => {
                tracing::error!(job = %job.key, attempts = job.attempts, error, "a job is given up");
                queue.bury(job.id, job.fence, &error).await?
            }
        };
        Ok(())
    }

    /// Doubles with each attempt, with jitter, up to an hour.
    fn backoff(&self, attempts: u32) -> Duration {
        let base = self.desk.settings.waits.retry;
        let grown = base.saturating_mul(1 << attempts.min(11)).min(Duration::from_secs(3600));
        grown.mul_f64(rand::Rng::random_range(&mut rand::rng(), 0.9..1.1))
    }

    fn beat(&self, cell: &AtomicI64) {
        cell.store(self.desk.clock.now().micros(), Ordering::Relaxed);
    }
}

fn longer(pause: Duration, first: Duration) -> Duration {
    if pause.is_zero() { first } else { (pause * 2).min(Duration::from_secs(30)) }
}

#[cfg(test)]
mod tests;
