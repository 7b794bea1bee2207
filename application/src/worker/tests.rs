//! The loops outlast what fails in them, and a job what fails in it.

use super::*;
use crate::{
    caller::Caller,
    commands::connection::{OnConnection, PauseConnection},
    ports::{Checkpoint, JobKind},
    testing::{World, start},
    views::accounts,
};
use herald_kernel::ConnectionId;

const RETRY: Duration = Duration::from_secs(10);

/// A world where a connection was made, and a worker that is driven by hand.
async fn driven() -> (World, Worker, Caller, ConnectionId) {
    let world = World::with(|settings| {
        settings.job_attempts = 3;
        settings.waits.retry = RETRY;
    });
    let world = world.await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let worker = Worker::new(Arc::clone(&world.desk));
    (world, worker, owner, connection)
}

/// The job that follows from a pause: attempts, when it is due, and whether it was buried.
fn settling(world: &World) -> Option<(u32, Instant, bool)> {
    let state = world.memory.state();
    let row = state.jobs.iter().find(|row| row.job.kind == JobKind::SettleConnection)?;
    Some((row.attempts, row.job.due_at, row.dead))
}

#[tokio::test]
async fn a_job_in_trouble_is_tried_again_ever_later_and_buried_in_the_end() {
    let (world, worker, owner, connection) = driven().await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("it rests");
    world.memory.state().troubles.insert("events.load", u32::MAX);
    for (attempt, pause) in [(1, 2 * RETRY), (2, 4 * RETRY)] {
        worker.tick().await.expect("it comes round");
        let (attempts, due, dead) = settling(&world).expect("it waits");
        assert_eq!((attempts, dead), (attempt, false));
        let after = due.since(world.desk.clock.now());
        assert!(after >= pause.mul_f64(0.9) && after <= pause.mul_f64(1.1), "{after:?}");
        world.pass(after);
    }
    worker.tick().await.expect("it comes round");
    assert!(matches!(settling(&world), Some((3, _, true))), "{:?}", settling(&world));
    world.memory.state().troubles.clear();
    world.pass(Duration::from_secs(3_600));
    worker.tick().await.expect("it comes round");
    assert!(matches!(settling(&world), Some((3, _, true))), "the dead are not tried again");
}

#[tokio::test]
async fn a_job_whose_end_could_not_be_stored_is_done_again_once_its_lease_is_over() {
    let (world, worker, owner, connection) = driven().await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("it rests");
    world.memory.state().troubles.insert("jobs.finish", 1);
    worker.tick().await.expect("it comes round");
    assert!(matches!(settling(&world), Some((1, _, false))), "nobody knows that it is done");
    worker.tick().await.expect("it comes round");
    assert!(matches!(settling(&world), Some((1, _, false))), "its lease is still running");
    world.pass(world.desk.settings.waits.lease);
    worker.tick().await.expect("it comes round");
    assert_eq!(settling(&world), None);
}

#[tokio::test]
async fn a_job_that_no_attempt_at_came_to_an_end_is_given_up_before_another_one() {
    let (world, worker, owner, connection) = driven().await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("it rests");
    world.project().await;
    for _ in 0..world.desk.settings.job_attempts {
        assert_eq!(world.due_jobs().await.len(), 1, "and then its worker is no more");
        world.pass(world.desk.settings.waits.lease);
    }
    world.memory.state().troubles.insert("events.load", 1);
    worker.tick().await.expect("it comes round");
    assert!(matches!(settling(&world), Some((4, _, true))), "{:?}", settling(&world));
    assert_eq!(world.memory.state().troubles["events.load"], 1, "it was not carried out again");
}

#[tokio::test]
async fn documents_of_a_replaced_view_stay_until_those_who_read_them_have_heard() {
    let (world, ..) = driven().await;
    let old = world.desk.progress.version(accounts::NAME);
    let projector = Projector::new(Arc::clone(&world.desk));
    projector.rebuild(accounts::NAME).await.expect("it begins");
    projector.run_to_head().await.expect("it is built");
    let rows = |version| {
        let state = world.memory.state();
        let names = [accounts::NAME, accounts::MEMBERSHIPS];
        let of =
            |(view, v, _): &&(String, i32, String)| *v == version && names.contains(&view.as_str());
        state.views.keys().filter(of).count()
    };
    let first = upkeep::forget_retired(&world.desk, &Retired::default()).await.expect("a look");
    assert_eq!((rows(old), first.len()), (2, 1), "who has not heard of it reads on");
    upkeep::forget_retired(&world.desk, &first).await.expect("a look");
    assert_eq!((rows(old), rows(old + 1)), (0, 2));
}

#[tokio::test]
async fn whoever_stands_by_learns_that_a_view_took_over() {
    let world = World::with(|settings| settings.waits.poll = Duration::from_millis(1)).await;
    world.open_account("Ada").await;
    world.project().await;
    let worker = Worker::new(Arc::clone(&world.desk));
    worker.stand_by().await.expect("it starts");
    let live = |c: &&mut Checkpoint| c.projection == accounts::NAME;
    let next = world.memory.state().checkpoints.iter_mut().find(live).map(|c| {
        c.version += 1;
        c.version
    });
    let learnt = async {
        while Some(world.desk.progress.version(accounts::NAME)) != next {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), learnt).await.expect("it is learnt");
    assert!(worker.stop(Duration::from_secs(10)).await);
}

#[tokio::test]
async fn the_loops_go_on_after_a_storage_that_did_not_answer() {
    let world = World::with(|settings| {
        settings.waits.poll = Duration::from_millis(1);
        settings.waits.retry = Duration::from_millis(1);
        settings.waits.read = Duration::from_secs(10);
    });
    let world = world.await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let worker = Worker::new(Arc::clone(&world.desk));
    assert_eq!((worker.pulse.projected_at(), worker.pulse.worked_at()), (None, None));
    worker.start().await.expect("it starts");
    world.memory.state().troubles.extend([("sequencer.step", 3), ("jobs.claim", 3)]);
    let over = async {
        while world.memory.state().troubles.values().any(|left| *left > 0) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), over).await.expect("storage is asked again");
    let pause = OnConnection(PauseConnection { connection, paused: true });
    let told = world.run_as(&owner, "pause", pause).await.expect("it rests");
    world.desk.await_token(told.token.expect("it wrote")).await.expect("it is folded");
    let settled = async {
        while settling(&world).is_some() || worker.pulse.worked_at().is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), settled).await.expect("jobs are done");
    assert_eq!(worker.pulse.projected_at(), Some(start()));
    assert!(worker.stop(Duration::from_secs(10)).await);
}
