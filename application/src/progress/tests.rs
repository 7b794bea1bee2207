//! What counts for this binary, and what it serves.

use super::*;
use crate::views::posts;

/// Every view and process of this binary, live at ordinal 10.
fn own() -> Vec<Checkpoint> {
    let views = all_views().into_iter().map(|view| (view.name(), view.version()));
    let processes = all_processes().into_iter().map(|process| (process.name(), 1));
    let at = |(name, version)| checkpoint(name, version, CheckpointStatus::Live, 10);
    views.chain(processes).map(at).collect()
}

fn checkpoint(name: &str, version: i32, status: CheckpointStatus, ordinal: i64) -> Checkpoint {
    let (projection, ordinal) = (name.to_owned(), Ordinal(ordinal));
    Checkpoint { projection, version: version * REBUILDS, ordinal, status, error: None }
}

fn of_posts(checkpoints: &mut [Checkpoint], to: impl FnOnce(&mut Checkpoint)) -> i32 {
    let posts = checkpoints.iter_mut().find(|c| c.projection == posts::NAME);
    let posts = posts.expect("posts are a view");
    to(posts);
    posts.version
}

#[test]
fn what_this_binary_does_not_name_holds_up_no_read() {
    let progress = Progress::default();
    let mut checkpoints = own();
    let version = of_posts(&mut checkpoints, |c| c.status = CheckpointStatus::Retired);
    checkpoints.push(checkpoint("dropped", 1, CheckpointStatus::Live, 3));
    checkpoints.push(checkpoint(posts::NAME, 900, CheckpointStatus::Live, 2));
    progress.refresh(&checkpoints);
    assert_eq!(progress.covered(), Ordinal(10));
    assert_eq!(progress.version(posts::NAME), version, "the last one that it can read");
    assert_eq!(progress.version(posts::TARGETS), version);
    assert_eq!(unbuilt(&checkpoints), [""; 0]);
    let counts = |name| counted(&checkpoints).iter().any(|c| c.projection == name);
    assert!(!counts("dropped") && !counts(posts::NAME) && counts("publish"));
}

#[test]
fn a_new_view_is_waited_for_while_it_is_built() {
    let progress = Progress::default();
    let mut checkpoints = own();
    of_posts(&mut checkpoints, |c| {
        (c.status, c.ordinal) = (CheckpointStatus::Building, Ordinal(4));
    });
    progress.refresh(&checkpoints);
    assert_eq!(progress.covered(), Ordinal(4));
    assert_eq!(unbuilt(&checkpoints), [posts::NAME]);
}

#[test]
fn a_view_that_is_built_anew_is_not_waited_for() {
    let progress = Progress::default();
    let mut checkpoints = own();
    let version = of_posts(&mut checkpoints, |_| ());
    let building = checkpoint(posts::NAME, 0, CheckpointStatus::Building, 4);
    checkpoints.push(Checkpoint { version: version + 1, ..building });
    progress.refresh(&checkpoints);
    assert_eq!((progress.covered(), progress.version(posts::NAME)), (Ordinal(10), version));
    assert_eq!(unbuilt(&checkpoints), [""; 0]);
}
