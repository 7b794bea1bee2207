//! Projections: rows, jobs and checkpoint in one transaction, or nothing.

use super::jobs::job;
use crate::{
    Storage,
    samples::{account, document},
};
use herald_application::{
    ports::{
        Batch, Checkpoint, CheckpointMove, CheckpointStatus, Committed, JobChange, Ordinal,
        ProjectionStore, ViewChange, ViewDocument,
    },
    views::posts,
};
use std::sync::Arc;

/// Registers version `version` of `posts`.
pub async fn register(storage: &Storage, version: i32, status: CheckpointStatus) {
    let projections = &storage.stores.projections;
    projections.register("posts", version, status, Ordinal(0)).await.expect("registered");
}

/// Puts a document of `posts`.
#[must_use]
pub fn put(version: i32, document: ViewDocument) -> ViewChange {
    ViewChange::Put { view: "posts".to_owned(), version, document, ordinal: Ordinal(1) }
}

/// Moves `posts` from one ordinal to another.
#[must_use]
pub fn step(version: i32, from: i64, to: i64) -> CheckpointMove {
    let (from, to) = (Ordinal(from), Ordinal(to));
    CheckpointMove { projection: "posts".to_owned(), version, from, to }
}

/// Writes documents of version 1 without a checkpoint.
pub async fn write(storage: &Storage, documents: Vec<ViewDocument>) {
    let views = documents.into_iter().map(|document| put(1, document)).collect();
    let batch = Batch { views, ..Batch::default() };
    let done = storage.stores.projections.commit(&batch).await.expect("a batch");
    assert_eq!(done, Committed::Done);
}

/// What is derived from `posts`.
const DERIVED: [&str; 2] = [posts::TARGETS, posts::ATTENTION];

async fn checkpoints(projections: &Arc<dyn ProjectionStore>) -> Vec<(i32, i64, CheckpointStatus)> {
    let all = projections.checkpoints().await.expect("checkpoints");
    all.into_iter().map(|point| (point.version, point.ordinal.0, point.status)).collect()
}

async fn ids(storage: &Storage, version: i32) -> Vec<String> {
    let ids = ["a", "b", "c"].map(str::to_owned);
    let documents = storage.stores.projections.documents("posts", version, &ids).await;
    documents.expect("documents").into_iter().map(|document| document.id).collect()
}

pub async fn a_batch_moves_its_checkpoint_together_with_its_rows(storage: Storage) {
    let projections = &storage.stores.projections;
    register(&storage, 1, CheckpointStatus::Live).await;
    register(&storage, 1, CheckpointStatus::Building).await;
    assert_eq!(checkpoints(projections).await, [(1, 0, CheckpointStatus::Live)]);
    let given = document("a", Some(account(1)), 5);
    let batch = Batch {
        moves: vec![step(1, 0, 7)],
        views: vec![put(1, given.clone()), put(1, document("b", None, 6))],
        jobs: vec![JobChange::Put(job("k", 0))],
    };
    assert_eq!(projections.commit(&batch).await, Ok(Committed::Done));
    assert_eq!(checkpoints(projections).await, [(1, 7, CheckpointStatus::Live)]);
    let stored = projections.documents("posts", 1, &["a".to_owned()]).await;
    assert_eq!(stored, Ok(vec![given]));
    let none = projections.documents("posts", 2, &["a".to_owned()]).await;
    assert_eq!(none, Ok(vec![]));
    assert!(storage.stores.job_board.next_due().await.expect("a due time").is_some());
}

pub async fn a_checkpoint_that_has_moved_makes_the_batch_stale(storage: Storage) {
    let projections = &storage.stores.projections;
    register(&storage, 1, CheckpointStatus::Live).await;
    register(&storage, 2, CheckpointStatus::Building).await;
    let batch = Batch {
        moves: vec![step(2, 0, 3), step(1, 1, 3)],
        views: vec![put(1, document("a", Some(account(1)), 5))],
        jobs: vec![JobChange::Put(job("k", 0))],
    };
    assert_eq!(projections.commit(&batch).await, Ok(Committed::Stale));
    assert_eq!(ids(&storage, 1).await, [""; 0]);
    let untouched = [(1, 0, CheckpointStatus::Live), (2, 0, CheckpointStatus::Building)];
    assert_eq!(checkpoints(projections).await, untouched);
    assert_eq!(storage.stores.job_board.next_due().await, Ok(None));
}

pub async fn of_two_equal_batches_exactly_one_is_written(storage: Storage) {
    register(&storage, 1, CheckpointStatus::Live).await;
    for round in 0..10 {
        let batches = [0, 1].map(|_| {
            let projections = Arc::clone(&storage.stores.projections);
            let moves = vec![step(1, round, round + 1)];
            tokio::spawn(async move {
                projections.commit(&Batch { moves, ..Batch::default() }).await.expect("a batch")
            })
        });
        let [one, other] = batches;
        let answers = (one.await.expect("no panic"), other.await.expect("no panic"));
        let done = [answers.0, answers.1].iter().filter(|a| **a == Committed::Done).count();
        assert_eq!(done, 1, "{answers:?}");
    }
    assert_eq!(checkpoints(&storage.stores.projections).await, [(1, 10, CheckpointStatus::Live)]);
}

pub async fn the_last_change_of_a_row_counts(storage: Storage) {
    let projections = &storage.stores.projections;
    let remove =
        |id: &str| ViewChange::Remove { view: "posts".to_owned(), version: 1, id: id.to_owned() };
    write(&storage, vec![document("a", None, 1), document("b", None, 1)]).await;
    let views = vec![
        put(1, document("a", None, 2)),
        remove("a"),
        remove("b"),
        put(1, document("b", None, 3)),
        put(1, document("c", None, 4)),
        put(1, document("c", None, 5)),
        remove("never there"),
    ];
    let batch = Batch { views, ..Batch::default() };
    assert_eq!(projections.commit(&batch).await, Ok(Committed::Done));
    let ids = ["a", "b", "c"].map(str::to_owned);
    let stored = projections.documents("posts", 1, &ids).await.expect("documents");
    assert_eq!(stored, [document("b", None, 3), document("c", None, 5)]);
}

pub async fn going_live_retires_the_lower_versions_whose_documents_are_forgotten_later(
    storage: Storage,
) {
    let projections = &storage.stores.projections;
    for version in [1, 2, 3] {
        register(&storage, version, CheckpointStatus::Building).await;
        let one = || document("a", Some(account(1)), 1);
        let views = DERIVED.iter().map(|view| ViewChange::Put {
            view: (*view).to_owned(),
            version,
            document: one(),
            ordinal: Ordinal(1),
        });
        let views = views.chain([put(version, one())]).collect();
        projections.commit(&Batch { views, ..Batch::default() }).await.expect("a batch");
    }
    for version in [1, 2] {
        let built = at(version, 0, CheckpointStatus::Building);
        assert_eq!(projections.set_status(&built, CheckpointStatus::Live, None).await, Ok(true));
    }
    assert_eq!(
        checkpoints(projections).await,
        [
            (1, 0, CheckpointStatus::Retired),
            (2, 0, CheckpointStatus::Live),
            (3, 0, CheckpointStatus::Building)
        ]
    );
    let left = async || {
        [ids(&storage, 1).await.len(), ids(&storage, 2).await.len(), ids(&storage, 3).await.len()]
    };
    assert_eq!(left().await, [1, 1, 1], "whoever reads the old version still finds it");
    let forget = async |version, limit| projections.forget("posts", version, limit).await;
    assert_eq!((forget(1, 2).await, forget(1, 10).await), (Ok(2), Ok(1)), "few at a time");
    assert_eq!((forget(1, 10).await, forget(2, 10).await), (Ok(0), Ok(0)), "one is served");
    assert_eq!(left().await, [0, 1, 1]);
    for view in DERIVED {
        let of = async |version| projections.documents(view, version, &["a".to_owned()]).await;
        assert_eq!(of(1).await, Ok(Vec::new()), "{view} of a retired version");
        assert_eq!(of(2).await.map(|found| found.len()), Ok(1), "{view} of the live one");
    }
    let late = Batch { moves: vec![step(1, 0, 1)], ..Batch::default() };
    assert_eq!(projections.commit(&late).await, Ok(Committed::Stale));
}

/// The checkpoint of a version of `posts`, as somebody saw it.
fn at(version: i32, ordinal: i64, status: CheckpointStatus) -> Checkpoint {
    let (projection, ordinal) = ("posts".to_owned(), Ordinal(ordinal));
    Checkpoint { projection, version, ordinal, status, error: None }
}

pub async fn a_failed_projection_keeps_its_error_until_it_moves(storage: Storage) {
    let projections = &storage.stores.projections;
    register(&storage, 1, CheckpointStatus::Live).await;
    let (live, error) = (CheckpointStatus::Live, Some("event 7 cannot be read"));
    let seen = at(1, 0, live);
    assert_eq!(projections.set_status(&seen, live, error).await, Ok(true));
    let expected = Checkpoint { error: error.map(str::to_owned), ..seen };
    assert_eq!(projections.checkpoints().await, Ok(vec![expected]));
    let batch = Batch { moves: vec![step(1, 0, 7)], ..Batch::default() };
    assert_eq!(projections.commit(&batch).await, Ok(Committed::Done));
    assert_eq!(projections.checkpoints().await, Ok(vec![at(1, 7, live)]));
}

pub async fn nobody_stops_or_switches_what_has_moved_on(storage: Storage) {
    let projections = &storage.stores.projections;
    register(&storage, 1, CheckpointStatus::Live).await;
    register(&storage, 2, CheckpointStatus::Building).await;
    let moves = vec![step(1, 0, 7), step(2, 0, 7)];
    projections.commit(&Batch { moves, ..Batch::default() }).await.expect("a batch");
    let (live, building) = (CheckpointStatus::Live, CheckpointStatus::Building);
    let late = [(at(1, 0, live), Some("event 1 cannot be read")), (at(2, 0, building), None)];
    for (seen, error) in late {
        assert_eq!(projections.set_status(&seen, live, error).await, Ok(false));
    }
    assert_eq!(projections.set_status(&at(2, 7, live), live, None).await, Ok(false));
    assert_eq!(projections.checkpoints().await, Ok(vec![at(1, 7, live), at(2, 7, building)]));
}

pub async fn a_checkpoint_begins_where_it_is_told_to(storage: Storage) {
    let (projections, live) = (&storage.stores.projections, CheckpointStatus::Live);
    for place in [9, 4] {
        projections.register("posts", 1, live, Ordinal(place)).await.expect("registered");
    }
    assert_eq!(projections.checkpoints().await, Ok(vec![at(1, 9, live)]));
}
