//! Jobs: one worker at a time, and a fence that tells a worker when it is no longer the one.

use crate::{
    Storage,
    samples::{account, at, id},
};
use futures::future::join_all;
use herald_application::ports::{
    Backlog, Batch, ClaimedJob, Committed, JobChange, JobKind, Lease, NewJob, Priority,
};
use herald_kernel::{Instant, JobId};
use serde_json::json;
use std::{collections::HashSet, time::Duration};

/// A job under `key` that is due at `seconds`.
#[must_use]
pub fn job(key: &str, seconds: i64) -> NewJob {
    NewJob {
        id: JobId::derived(id(1), key),
        kind: JobKind::PublishTarget,
        key: key.to_owned(),
        account: account(1),
        payload: json!({"target": key}),
        due_at: at(seconds),
        priority: Priority::Ordinary,
    }
}

async fn change(storage: &Storage, jobs: Vec<JobChange>) {
    let batch = Batch { jobs, ..Batch::default() };
    assert_eq!(storage.stores.projections.commit(&batch).await, Ok(Committed::Done));
}

async fn put(storage: &Storage, jobs: impl IntoIterator<Item = NewJob>) {
    change(storage, jobs.into_iter().map(JobChange::Put).collect()).await;
}

fn lease(now: Instant) -> Lease {
    Lease { now, length: Duration::from_secs(60) }
}

async fn claim(storage: &Storage, seconds: i64) -> Vec<ClaimedJob> {
    storage.stores.jobs.claim(lease(at(seconds)), 100).await.expect("a claim")
}

async fn claim_one(storage: &Storage, seconds: i64) -> ClaimedJob {
    let mut claimed = claim(storage, seconds).await;
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

pub async fn a_job_is_claimed_when_it_is_due(storage: Storage) {
    put(&storage, [job("a", 10)]).await;
    assert_eq!(claim(&storage, 9).await, []);
    let claimed = claim_one(&storage, 10).await;
    let given = job("a", 10);
    assert_eq!((claimed.id, claimed.kind, &claimed.key), (given.id, given.kind, &given.key));
    assert_eq!((claimed.account, &claimed.payload), (given.account, &given.payload));
    assert_eq!((claimed.due_at, claimed.attempts), (given.due_at, 1));
    assert_eq!(claim(&storage, 11).await, []);
    assert_eq!(storage.stores.jobs.finish(claimed.id, claimed.fence).await, Ok(true));
    assert_eq!(storage.stores.jobs.finish(claimed.id, claimed.fence).await, Ok(false));
    assert_eq!(claim(&storage, 1_000).await, []);
}

pub async fn the_most_urgent_and_oldest_job_comes_first(storage: Storage) {
    let urgent = NewJob { priority: Priority::AtOnce, ..job("urgent", 5) };
    put(&storage, [job("new", 4), job("old", 1), urgent, job("middle", 2)]).await;
    let first = storage.stores.jobs.claim(lease(at(10)), 2).await.expect("a claim");
    assert_eq!(first.iter().map(|job| &job.key).collect::<Vec<_>>(), ["urgent", "old"]);
    let rest = claim(&storage, 10).await;
    assert_eq!(rest.iter().map(|job| &job.key).collect::<Vec<_>>(), ["middle", "new"]);
}

pub async fn of_many_workers_exactly_one_claims_a_job(storage: Storage) {
    put(&storage, (0..40).map(|n| job(&format!("job-{n}"), n))).await;
    let workers = (0..8).map(|_| {
        let jobs = storage.stores.jobs.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = jobs.claim(lease(at(100)), 3).await.expect("a claim");
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|job| job.key));
            }
        })
    });
    let claimed = join_all(workers).await.into_iter().flat_map(|mine| mine.expect("no panic"));
    let claimed: Vec<_> = claimed.collect();
    // A worker may see nothing while another holds the rows; what is claimed is claimed once.
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), claimed.len());
    assert_eq!(claimed.len() + claim(&storage, 100).await.len(), 40);
}

pub async fn a_lease_that_ran_out_frees_the_job_and_moves_the_fence(storage: Storage) {
    let jobs = &storage.stores.jobs;
    put(&storage, [job("a", 0)]).await;
    let slow = claim_one(&storage, 0).await;
    assert_eq!(jobs.renew(slow.id, slow.fence, at(90)).await, Ok(true));
    assert_eq!(claim(&storage, 89).await, []);
    let next = claim_one(&storage, 90).await;
    assert_eq!((next.id, next.attempts), (slow.id, 2));
    assert!(next.fence > slow.fence);
    assert_eq!(jobs.renew(slow.id, slow.fence, at(500)).await, Ok(false));
    assert_eq!(jobs.reschedule(slow.id, slow.fence, at(500), None, true).await, Ok(false));
    assert_eq!(jobs.bury(slow.id, slow.fence, "too late").await, Ok(false));
    assert_eq!(jobs.finish(slow.id, slow.fence).await, Ok(false));
    assert_eq!(jobs.finish(next.id, next.fence).await, Ok(true));
}

pub async fn a_job_put_again_while_running_is_lost_to_its_holder(storage: Storage) {
    let jobs = &storage.stores.jobs;
    put(&storage, [job("a", 0)]).await;
    let held = claim_one(&storage, 0).await;
    put(&storage, [NewJob { payload: json!({"new": true}), ..job("a", 50) }]).await;
    assert_eq!(jobs.finish(held.id, held.fence).await, Ok(false));
    assert_eq!(jobs.renew(held.id, held.fence, at(99)).await, Ok(false));
    assert_eq!(claim(&storage, 49).await, []);
    let again = claim_one(&storage, 50).await;
    assert_eq!((again.attempts, &again.payload), (1, &json!({"new": true})));
    assert!(again.fence > held.fence);
}

pub async fn a_fence_of_an_earlier_life_opens_nothing(storage: Storage) {
    let jobs = &storage.stores.jobs;
    put(&storage, [job("a", 0)]).await;
    let stalled = claim_one(&storage, 0).await;
    let second = claim_one(&storage, 100).await;
    assert_eq!(jobs.finish(second.id, second.fence).await, Ok(true));
    put(&storage, [job("a", 200)]).await;
    let reborn = claim_one(&storage, 200).await;
    assert_eq!(reborn.id, stalled.id);
    assert_eq!(jobs.finish(stalled.id, stalled.fence).await, Ok(false));
    assert_eq!(jobs.finish(second.id, second.fence).await, Ok(false));
    assert_eq!(jobs.finish(reborn.id, reborn.fence).await, Ok(true));
}

pub async fn a_rescheduled_job_keeps_its_attempts_unless_there_was_progress(storage: Storage) {
    let jobs = &storage.stores.jobs;
    put(&storage, [job("a", 0)]).await;
    let first = claim_one(&storage, 0).await;
    let later = jobs.reschedule(first.id, first.fence, at(10), Some("no answer"), false).await;
    assert_eq!(later, Ok(true));
    assert_eq!(claim(&storage, 9).await, []);
    let second = claim_one(&storage, 10).await;
    assert_eq!(second.attempts, 2);
    assert_eq!(jobs.reschedule(second.id, second.fence, at(20), None, true).await, Ok(true));
    assert_eq!(claim_one(&storage, 20).await.attempts, 1);
}

pub async fn a_dead_job_stays_with_its_cause_until_it_is_put_again(storage: Storage) {
    let (jobs, board) = (&storage.stores.jobs, &storage.stores.job_board);
    put(&storage, [job("a", 0), job("b", 1)]).await;
    for claimed in claim(&storage, 5).await {
        assert_eq!(jobs.bury(claimed.id, claimed.fence, "no use").await, Ok(true));
        assert_eq!(jobs.finish(claimed.id, claimed.fence).await, Ok(false));
    }
    assert_eq!(claim(&storage, 1_000_000).await, []);
    let dead = board.dead(account(1), 10).await.expect("dead jobs");
    assert_eq!(dead.iter().map(|job| &job.key).collect::<Vec<_>>(), ["b", "a"]);
    assert!(dead.iter().all(|job| job.error == "no use" && job.kind == JobKind::PublishTarget));
    assert_eq!(board.dead(account(1), 1).await.map(|dead| dead.len()), Ok(1));
    assert_eq!(board.dead(account(2), 10).await, Ok(vec![]));
    put(&storage, [job("a", 10)]).await;
    assert_eq!(claim_one(&storage, 10).await.attempts, 1);
}

pub async fn a_cancelled_job_is_gone(storage: Storage) {
    put(&storage, [job("a", 0), job("b", 0)]).await;
    let cancel = |key: &str| JobChange::Cancel { key: key.to_owned() };
    change(
        &storage,
        vec![cancel("a"), cancel("never there"), JobChange::Put(job("c", 0)), cancel("c")],
    )
    .await;
    assert_eq!(claim_one(&storage, 0).await.key, "b");
    change(&storage, vec![cancel("b"), JobChange::Put(job("b", 3))]).await;
    assert_eq!(claim_one(&storage, 3).await.key, "b");
}

pub async fn the_board_counts_what_waits(storage: Storage) {
    let board = &storage.stores.job_board;
    assert_eq!(board.backlog(at(0)).await, Ok(Backlog::default()));
    assert_eq!(board.next_due().await, Ok(None));
    put(&storage, (0..6).map(|n| job(&n.to_string(), n * 10))).await;
    let first = storage.stores.jobs.claim(lease(at(0)), 1).await.expect("a claim").remove(0);
    storage.stores.jobs.bury(first.id, first.fence, "no use").await.expect("buried");
    storage.stores.jobs.claim(lease(at(10)), 1).await.expect("a claim");
    let backlog = board.backlog(at(35)).await.expect("a backlog");
    let expected = Backlog { due: 2, later: 2, running: 1, dead: 1, oldest_seconds: 15 };
    assert_eq!(backlog, expected);
    assert_eq!(board.next_due().await, Ok(Some(at(20))));
    let expired = board.backlog(at(75)).await.expect("a backlog");
    assert_eq!((expired.due, expired.running, expired.oldest_seconds), (5, 0, 65));
}

pub async fn a_kind_from_the_future_is_left_alone(storage: Storage) {
    put(&storage, [job("new", 0), job("old", 1)]).await;
    let renamed = storage.execute("UPDATE jobs SET kind = 'not_yet_known' WHERE key = 'new'").await;
    assert_eq!(renamed.expect("a changed row"), 1);
    let board = &storage.stores.job_board;
    assert_eq!(board.next_due().await, Ok(Some(at(1))), "nobody here waits for the other one");
    assert_eq!(claim_one(&storage, 5).await.key, "old");
    assert_eq!(claim(&storage, 5).await, []);
    assert_eq!(board.next_due().await, Ok(None));
}
