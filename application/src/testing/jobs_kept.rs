//! A storage engine that forgets: the queue.

use super::memory::{Memory, State};
use crate::ports::{
    Backlog, ClaimedJob, DeadJob, JobBoard, JobChange, JobQueue, Lease, NewJob, StoreError,
};
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, JobId};

/// One job as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) job: NewJob,
    pub(crate) attempts: u32,
    pub(crate) fence: i64,
    pub(crate) leased_until: Option<Instant>,
    pub(crate) error: Option<String>,
    pub(crate) dead: bool,
}

impl State {
    pub(crate) fn change_job(&mut self, change: &JobChange) {
        match change {
            JobChange::Put(job) => self.put_job(job),
            JobChange::Cancel { key } => self.jobs.retain(|row| row.job.key != *key),
        }
    }

    fn put_job(&mut self, job: &NewJob) {
        let known = self.jobs.iter().position(|row| row.job.key == job.key);
        let former = known.map(|index| self.jobs.remove(index));
        let fence = former.as_ref().map_or(0, |row| row.fence + 1);
        let id = former.map_or(job.id, |row| row.job.id);
        let job = NewJob { id, ..job.clone() };
        let row = Row { job, attempts: 0, fence, leased_until: None, error: None, dead: false };
        self.jobs.push(row);
    }

    fn held(&mut self, job: JobId, fence: i64) -> Option<&mut Row> {
        self.jobs.iter_mut().find(|row| row.job.id == job && row.fence == fence)
    }
}

#[async_trait]
impl JobQueue for Memory {
    async fn claim(&self, lease: Lease, limit: u32) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut state = self.state();
        state.answers("jobs.claim")?;
        state.jobs.sort_by_key(|row| (row.job.priority, row.job.due_at));
        let free = state.jobs.iter_mut().filter(|row| {
            let in_hands = row.leased_until.is_some_and(|until| until > lease.now);
            !row.dead && !in_hands && row.job.due_at <= lease.now
        });
        let claimed = free.take(limit.try_into().unwrap_or_default()).map(|row| {
            row.attempts += 1;
            row.fence += 1;
            row.leased_until = Some(lease.now.plus(lease.length));
            let NewJob { id, kind, key, account, payload, due_at, .. } = row.job.clone();
            let (attempts, fence) = (row.attempts, row.fence);
            ClaimedJob { id, kind, key, account, payload, due_at, attempts, fence }
        });
        Ok(claimed.collect())
    }

    async fn renew(&self, job: JobId, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let mut state = self.state();
        Ok(state.held(job, fence).map(|row| row.leased_until = Some(until)).is_some())
    }

    async fn finish(&self, job: JobId, fence: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        state.answers("jobs.finish")?;
        let before = state.jobs.len();
        state.jobs.retain(|row| row.job.id != job || row.fence != fence);
        Ok(state.jobs.len() < before)
    }

    async fn reschedule(
        &self,
        job: JobId,
        fence: i64,
        due_at: Instant,
        error: Option<&str>,
        progress: bool,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(row) = state.held(job, fence) else { return Ok(false) };
        row.job.due_at = due_at;
        row.leased_until = None;
        row.error = error.map(ToOwned::to_owned);
        if progress {
            row.attempts = 0;
        }
        Ok(true)
    }

    async fn bury(&self, job: JobId, fence: i64, error: &str) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(row) = state.held(job, fence) else { return Ok(false) };
        row.dead = true;
        row.leased_until = None;
        row.error = Some(error.to_owned());
        Ok(true)
    }
}

#[async_trait]
impl JobBoard for Memory {
    async fn backlog(&self, now: Instant) -> Result<Backlog, StoreError> {
        let state = self.state();
        let count = |test: &dyn Fn(&Row) -> bool| {
            let rows = state.jobs.iter().filter(|row| test(row)).count();
            i64::try_from(rows).unwrap_or(i64::MAX)
        };
        let waits = |row: &Row| !row.dead && row.leased_until.is_none();
        let oldest = state.jobs.iter().filter(|row| waits(row)).map(|row| row.job.due_at).min();
        let oldest = oldest.map(|due| now.since(due).as_secs()).unwrap_or_default();
        Ok(Backlog {
            due: count(&|row| waits(row) && row.job.due_at <= now),
            later: count(&|row| waits(row) && row.job.due_at > now),
            running: count(&|row| !row.dead && row.leased_until.is_some()),
            dead: count(&|row| row.dead),
            oldest_seconds: i64::try_from(oldest).unwrap_or(i64::MAX),
        })
    }

    async fn next_due(&self) -> Result<Option<Instant>, StoreError> {
        let state = self.state();
        let waiting = state.jobs.iter().filter(|row| !row.dead && row.leased_until.is_none());
        Ok(waiting.map(|row| row.job.due_at).min())
    }

    async fn dead(&self, account: AccountId, limit: u32) -> Result<Vec<DeadJob>, StoreError> {
        let state = self.state();
        let dead = state.jobs.iter().filter(|row| row.dead && row.job.account == account);
        let dead = dead.take(limit.try_into().unwrap_or_default()).map(|row| {
            let NewJob { id, kind, key, due_at, .. } = row.job.clone();
            DeadJob { id, kind, key, due_at, error: row.error.clone().unwrap_or_default() }
        });
        Ok(dead.collect())
    }
}
