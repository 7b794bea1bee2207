//! Starting a plan.

use super::{Bakery, code, period};
use crate::failure::Failure;
use herald_content_plan::Status;
use herald_kernel::ConnectionId;
use uuid::Uuid;

#[tokio::test]
async fn a_plan_begins_as_a_draft_that_everybody_in_the_account_sees() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(3).await;
    let doc = bakery.doc(plan).await;
    assert_eq!((doc.plan.status(), doc.version), (Status::Draft, 1));
    assert_eq!(doc.title(), "sell out by noon");
}

#[tokio::test]
async fn the_same_wish_under_the_same_key_is_the_same_plan() {
    let bakery = Bakery::with_connections(1).await;
    let first = bakery.world.run_as(&bakery.ada, "once", bakery.wish(3)).await.expect("created");
    let again = bakery.world.run_as(&bakery.ada, "once", bakery.wish(3)).await.expect("the same");
    assert_eq!((again.answer, again.replayed), (first.answer, true));
    assert_eq!(bakery.world.memory.history(first.answer.uuid()), ["plan.created"]);
}

#[tokio::test]
async fn a_plan_is_for_connections_of_the_account_that_were_completed() {
    let bakery = Bakery::with_connections(1).await;
    let bob = bakery.world.open_account("Bob").await;
    let stolen = bakery.world.run(&bob, bakery.wish(3)).await;
    let Err(Failure::Refused { path, .. }) = stolen else { panic!("{stolen:?}") };
    assert_eq!(path.as_deref(), Some("connections.0"));
    let mut wish = bakery.wish(3);
    wish.connections = vec![ConnectionId::new(Uuid::from_u128(99))];
    assert_eq!(code(bakery.world.run(&bakery.ada, wish).await), "VALIDATION");
    let mut wish = bakery.wish(3);
    wish.connections = Vec::new();
    assert_eq!(code(bakery.world.run(&bakery.ada, wish).await), "VALIDATION");
}

#[tokio::test]
async fn a_plan_that_nobody_could_review_is_refused_at_once() {
    let bakery = Bakery::with_connections(1).await;
    let mut wish = bakery.wish(21);
    wish.period = period("2026-12-01", "2027-06-30");
    let answer = bakery.world.run(&bakery.ada, wish).await;
    let Err(Failure::Refused { path, message, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(path.as_deref(), Some("cadence"));
    assert!(message.contains("636 posts"), "{message}");
}
