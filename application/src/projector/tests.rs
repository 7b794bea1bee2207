//! Who reads on, who stops, and who goes on again.

use super::*;
use crate::{
    commands::connection::{OnConnection, PauseConnection},
    log::{Journal, Keyring, MasterKey, MasterKeys},
    occurred::AnyEvent,
    ports::{JobKind, StoredJson},
    testing::{World, person},
    views::accounts,
};
use serde_json::json;

/// Who stopped, by name.
fn stopped(world: &World) -> Vec<String> {
    let state = world.memory.state();
    let stopped = state.checkpoints.iter().filter(|c| c.error.is_some());
    let mut names: Vec<_> = stopped.map(|c| c.projection.clone()).collect();
    names.sort();
    names
}

/// Everybody who reads the last event, and has not stopped, is at it.
fn the_others_are_at_head(world: &World) -> bool {
    let state = world.memory.state();
    let mut running = state.checkpoints.iter().filter(|c| c.error.is_none());
    running.all(|c| usize::try_from(c.ordinal.0) == Ok(state.events.len()))
}

/// Puts another payload into the last event; answers the one that it had.
fn replace_last(world: &World, payload: StoredJson) -> StoredJson {
    let mut state = world.memory.state();
    let last = state.events.last_mut().expect("something happened");
    std::mem::replace(&mut last.row.payload, payload)
}

fn unheard_of() -> StoredJson {
    (&json!({ "type": "unheard_of" })).into()
}

#[tokio::test]
async fn a_poison_event_stops_whoever_reads_its_kind_until_it_can_be_read() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let pause = OnConnection(PauseConnection { connection, paused: true });
    world.run(&owner, pause).await.expect("it rests");
    let paused = replace_last(&world, unheard_of());

    let projector = Projector::new(Arc::clone(&world.desk));
    projector.run_to_head().await.expect("the others are folded");
    assert_eq!(stopped(&world), ["connect", "connections", "notify"]);
    assert!(the_others_are_at_head(&world));

    replace_last(&world, paused);
    projector.run_to_head().await.expect("it runs");
    assert_eq!(stopped(&world).len(), 3, "not every turn is for trying again");
    world.pass(TRY_AGAIN);
    projector.run_to_head().await.expect("it runs");
    assert_eq!(stopped(&world), [""; 0]);
    assert!(the_others_are_at_head(&world));
    let state = world.memory.state();
    assert!(state.jobs.iter().any(|row| row.job.kind == JobKind::SettleConnection));
}

#[tokio::test]
async fn what_stopped_goes_on_at_once_after_a_new_start() {
    let world = World::new().await;
    world.open_account("Ada").await;
    let told = replace_last(&world, unheard_of());
    Projector::new(Arc::clone(&world.desk)).run_to_head().await.expect("it runs");
    assert!(!stopped(&world).is_empty());
    replace_last(&world, told);
    Projector::new(Arc::clone(&world.desk)).run_to_head().await.expect("it runs");
    assert_eq!(stopped(&world), [""; 0]);
    assert!(the_others_are_at_head(&world));
}

#[tokio::test]
async fn nothing_follows_from_a_page_that_a_process_stops_at() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    for paused in [true, false] {
        let pause = OnConnection(PauseConnection { connection, paused });
        world.run(&owner, pause).await.expect("it is done");
    }
    replace_last(&world, unheard_of());
    Projector::new(Arc::clone(&world.desk)).run_to_head().await.expect("it runs");
    let state = world.memory.state();
    let jobs = state.jobs.iter().filter(|row| row.job.kind == JobKind::SettleConnection);
    assert_eq!(jobs.count(), 0, "the checkpoint has not moved over what they would follow from");
}

#[tokio::test]
async fn nobody_stops_what_another_replica_has_moved_past_the_event() {
    let world = World::new().await;
    let mut old = world.desk.stores.projections.checkpoints().await.expect("checkpoints");
    world.open_account("Ada").await;
    world.project().await;
    let projector = Projector::new(Arc::clone(&world.desk));
    let seen = old.first().expect("one").clone();
    let told = projector.stop(&mut old, seen, "event 1: unheard of".to_owned()).await;
    assert_eq!(told, Ok(false));
    assert_eq!(stopped(&world), [""; 0]);
}

#[tokio::test]
async fn a_sealed_value_that_does_not_open_stops_whoever_reads_it_and_no_others() {
    let world = World::new().await;
    let bob = world.open_account("Bob").await;
    let connection = world.connect(&bob).await;
    world.open_account("Ada").await;
    {
        let mut state = world.memory.state();
        let sealed =
            state.events.iter_mut().rev().find(|e| e.row.payload.as_str().contains("$enc"));
        let payload = &mut sealed.expect("names are sealed").row.payload;
        let text = payload.as_str().replace("{\"$enc\":\"", "{\"$enc\":\"AAAA");
        *payload = StoredJson::new(text);
    }
    let pause = OnConnection(PauseConnection { connection, paused: true });
    world.run(&bob, pause).await.expect("it rests");
    Projector::new(Arc::clone(&world.desk)).run_to_head().await.expect("it is no failure of all");
    let stopped = stopped(&world);
    assert!(stopped.contains(&accounts::NAME.to_owned()), "{stopped:?}");
    assert!(!stopped.contains(&"connect".to_owned()), "{stopped:?}");
    assert!(the_others_are_at_head(&world));
}

#[tokio::test]
async fn an_accounts_damaged_key_makes_its_events_unreadable_and_is_no_failure() {
    let world = World::new().await;
    world.open_account("Ada").await;
    world.project().await;
    for key in world.memory.state().keys.values_mut().flatten() {
        key.wrapped.iter_mut().for_each(|byte| *byte ^= 1);
    }
    let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
    let ids = Arc::clone(&world.desk.ids);
    let keyring = Arc::new(Keyring::new(world.memory.clone(), ids, masters));
    let journal = Journal::new(world.memory.clone(), keyring);
    let events = world.desk.stores.log.facts(Ordinal(0), 100).await.expect("a page");
    let sealed = events.into_iter().find(|event| event.payload.as_str().contains("$enc"));
    let read = Occurred::read(&journal, sealed.expect("names are sealed")).await.expect("it reads");
    assert!(matches!(read.event, AnyEvent::Unreadable(_)), "{read:?}");
}

#[tokio::test]
async fn a_view_that_is_built_holds_up_nobody() {
    let world = World::new().await;
    for number in 0..200 {
        world.open_account(&format!("Ada {number}")).await;
    }
    world.project().await;
    let projector = Projector::new(Arc::clone(&world.desk));
    let version = projector.rebuild(accounts::NAME).await.expect("it begins");
    let mut run = projector.begin().await.expect("it begins");
    assert_eq!(projector.turn(&mut run).await, Ok(Turn::Built));

    let late = world.open_account("Bob").await;
    assert_eq!(projector.turn(&mut run).await, Ok(Turn::Served));
    let at = |status| {
        let state = world.memory.state();
        let of = |c: &&Checkpoint| c.projection == accounts::NAME && c.status == status;
        state.checkpoints.iter().find(of).expect("it is there").ordinal
    };
    assert_eq!(
        (at(CheckpointStatus::Live), at(CheckpointStatus::Building)),
        (run.head, Ordinal(500))
    );
    assert_eq!(world.desk.progress.covered(), run.head);
    let served = world.desk.progress.version(accounts::NAME);
    assert!(served < version);
    let id = late.account.to_string();
    let doc = world.desk.stores.views.get_unscoped(accounts::NAME, served, &id).await;
    assert!(doc.expect("storage answers").is_some());

    projector.run_to_head().await.expect("it is built");
    assert_eq!(world.desk.progress.version(accounts::NAME), version);
    let doc = world.desk.stores.views.get_unscoped(accounts::NAME, version, &id).await;
    assert!(doc.expect("storage answers").is_some());
}

#[tokio::test]
async fn a_start_waits_for_what_is_served_and_not_for_what_is_built() {
    let world = World::new().await;
    for number in 0..400 {
        world.open_account(&format!("Ada {number}")).await;
    }
    let projector = Projector::new(Arc::clone(&world.desk));
    projector.rebuild(accounts::NAME).await.expect("it begins");
    projector.catch_up().await.expect("it catches up");
    let state = world.memory.state();
    let (built, served): (Vec<_>, Vec<_>) =
        state.checkpoints.iter().partition(|c| c.status == CheckpointStatus::Building);
    assert!(served.iter().all(|c| usize::try_from(c.ordinal.0) == Ok(state.sequenced)));
    assert!(built.iter().all(|c| c.ordinal.0 < 1_000), "{built:?}");
}

#[tokio::test]
async fn over_a_log_that_is_there_a_new_view_is_built_and_a_new_process_begins_at_its_end() {
    let world = World::new().await;
    world.open_account("Ada").await;
    world.project().await;
    let head = world.desk.stores.log.head().await.expect("a head").ordinal;
    let new = |c: &Checkpoint| c.projection == accounts::NAME || c.projection == "publish";
    world.memory.state().checkpoints.retain(|c| !new(c));
    let projector = Projector::new(Arc::clone(&world.desk));
    projector.register().await.expect("it registers");
    let known = world.desk.stores.projections.checkpoints().await.expect("checkpoints");
    let found: Vec<_> = known.iter().filter(|c| new(c)).map(|c| (c.status, c.ordinal)).collect();
    assert_eq!(found, [(CheckpointStatus::Building, Ordinal(0)), (CheckpointStatus::Live, head)]);
    assert_eq!(crate::progress::unbuilt(&known), [accounts::NAME]);
    projector.run_to_head().await.expect("it is built");
    let known = world.desk.stores.projections.checkpoints().await.expect("checkpoints");
    assert_eq!(crate::progress::unbuilt(&known), [""; 0]);
    assert!(known.iter().all(|c| (c.status, c.ordinal) == (CheckpointStatus::Live, head)));
}

#[tokio::test]
async fn an_older_binary_builds_again_what_a_newer_one_replaced() {
    let world = World::new().await;
    world.open_account("Ada").await;
    world.project().await;
    let served = world.desk.progress.version(accounts::NAME);
    let mut own = Vec::new();
    for c in &mut world.memory.state().checkpoints {
        if c.projection == accounts::NAME {
            c.status = CheckpointStatus::Retired;
            let version = served + 9 * REBUILDS;
            own.push(Checkpoint { version, status: CheckpointStatus::Live, ..c.clone() });
        }
    }
    world.memory.state().checkpoints.extend(own);
    let projector = Projector::new(Arc::clone(&world.desk));
    projector.register().await.expect("it registers");
    assert_eq!(world.desk.progress.version(accounts::NAME), served, "until then");
    projector.run_to_head().await.expect("it is built");
    assert_eq!(world.desk.progress.version(accounts::NAME), served + 1);
    projector.register().await.expect("it registers");
    let known = world.desk.stores.projections.checkpoints().await.expect("checkpoints");
    let versions = known.iter().filter(|c| c.projection == accounts::NAME).map(|c| c.version);
    assert_eq!(versions.collect::<Vec<_>>(), [served, served + 9 * REBUILDS, served + 1]);
}

#[tokio::test]
async fn others_are_told_when_a_view_takes_over() {
    let world = World::new().await;
    world.open_account(&person("Ada").subject).await;
    world.project().await;
    world.desk.folded.notified().await;
    let projector = Projector::new(Arc::clone(&world.desk));
    projector.rebuild(accounts::NAME).await.expect("it begins");
    let mut run = projector.begin().await.expect("it begins");
    assert_eq!(projector.turn(&mut run).await, Ok(Turn::Built));
    let told = tokio::time::timeout(Duration::from_secs(10), world.desk.folded.notified()).await;
    assert!(told.is_ok());
    assert!(world.desk.progress.version(accounts::NAME) % REBUILDS > 0);
}

#[tokio::test]
async fn only_what_this_binary_folds_can_lag() {
    let world = World::new().await;
    let projector = Projector::new(Arc::clone(&world.desk));
    let mut checkpoints = world.desk.stores.projections.checkpoints().await.expect("checkpoints");
    let view = checkpoints.iter().find(|c| c.projection == accounts::NAME).expect("a view").clone();
    let of = |version, status, ordinal| Checkpoint {
        version,
        status,
        ordinal: Ordinal(ordinal),
        ..view.clone()
    };
    let stands = |checkpoints: &[Checkpoint], name| {
        let all = projector.standing(checkpoints);
        all.into_iter().find(|(of, _)| *of == name).map(|(_, stands)| stands.map(|c| c.ordinal.0))
    };

    // An older version that nobody folds, a process that is gone, and a newer binary's version.
    checkpoints.push(of(view.version - REBUILDS, CheckpointStatus::Live, 1));
    checkpoints.push(of(view.version + REBUILDS, CheckpointStatus::Building, 2));
    checkpoints.push(Checkpoint { projection: "gone".to_owned(), ..view.clone() });
    assert_eq!(stands(&checkpoints, accounts::NAME), Some(Some(view.ordinal.0)));
    assert_eq!(stands(&checkpoints, "gone"), None);

    // It is built anew beside what is served; then a newer binary took over.
    checkpoints.push(of(view.version + 1, CheckpointStatus::Building, 3));
    assert_eq!(stands(&checkpoints, accounts::NAME), Some(Some(view.ordinal.0)));
    checkpoints.retain(|c| *c != view);
    assert_eq!(stands(&checkpoints, accounts::NAME), Some(Some(3)));
    checkpoints.retain(|c| c.version / REBUILDS != view.version / REBUILDS);
    assert_eq!(stands(&checkpoints, accounts::NAME), Some(None));
}
