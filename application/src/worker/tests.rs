//! The loops outlast what fails in them, and a job what fails in it.

use super::*;
use crate::{
    caller::Caller,
    commands::connection::{OnConnection, PauseConnection},
    ports::JobKind,
    testing::{World, start},
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
