//! What people do with what was proposed.

use super::{Bakery, code, items, strategy};
use crate::{
    commands::plan::{
        AcceptPlanItem, ApproveContentPlan, EditPlanItem, GenerateContentPlan, OnPlan,
        RejectPlanItem, RequestPlanChanges, SubmitContentPlan,
    },
    execute::{Request, UseCase},
    failure::Failure,
    jobs::Next,
};
use herald_content_plan::{ItemContent, ItemState, Status};
use herald_kernel::{ContentHash, PlanId, PlanItemId};

fn content(text: &str) -> ItemContent {
    ItemContent { text: text.try_into().expect("a text"), segments: vec![], first_comment: None }
}

fn edit(plan: PlanId, item: PlanItemId, text: &str) -> EditPlanItem {
    let local = "2026-12-03T10:00:00".parse().expect("a time");
    EditPlanItem { plan, item, content: content(text), local }
}

#[tokio::test]
async fn what_is_accepted_edited_and_rejected_is_seen_at_once() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(3).await;
    let items = bakery.items(plan).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run(ada, OnPlan(AcceptPlanItem { plan, item: items[0] })).await.expect("accepted");
    world.run(ada, OnPlan(RejectPlanItem { plan, item: items[1] })).await.expect("rejected");
    world.run(ada, edit(plan, items[2], "Rye, from now on.")).await.expect("edited");
    let doc = bakery.doc(plan).await;
    let states: Vec<_> =
        items.iter().map(|item| doc.plan.item(*item).map(|item| item.state)).collect();
    let expected = [ItemState::Accepted, ItemState::Rejected, ItemState::Edited].map(Some);
    assert_eq!(states, expected);
}

#[tokio::test]
async fn an_edit_that_its_network_refuses_is_refused_now_and_names_its_place() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    let item = bakery.items(plan).await[0];
    let answer = bakery.world.run(&bakery.ada, edit(plan, item, &"bread ".repeat(60))).await;
    let Err(Failure::Refused { code, path, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(code, "VALIDATION");
    assert!(path.expect("a path").starts_with("content."));
}

#[tokio::test]
async fn an_approval_is_for_exactly_what_was_read() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(2).await;
    bakery.accept_all(plan).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run(ada, OnPlan(SubmitContentPlan { plan })).await.expect("submitted");
    let read = bakery.state(plan).await;
    let (revision, hash) = (read.revision(), read.hash().cloned().expect("a fingerprint"));
    let item = bakery.items(plan).await[0];
    world.run(ada, edit(plan, item, "Changed behind your back.")).await.expect("edited");
    let approve = |revision, content_hash: &ContentHash| {
        OnPlan(ApproveContentPlan { plan, revision, content_hash: content_hash.clone() })
    };
    assert_eq!(code(world.run(ada, approve(revision, &hash)).await), "STALE_APPROVAL");
    let now = bakery.state(plan).await;
    assert_eq!(code(world.run(ada, approve(now.revision(), &hash)).await), "STALE_APPROVAL");
    let hash = now.hash().expect("a fingerprint");
    world.run(ada, approve(now.revision(), hash)).await.expect("approved");
    assert_eq!(bakery.state(plan).await.status(), Status::Approved);
}

#[tokio::test]
async fn an_edit_after_the_approval_voids_it() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    let item = bakery.items(plan).await[0];
    bakery.world.run(&bakery.ada, edit(plan, item, "One more thing.")).await.expect("edited");
    let state = bakery.state(plan).await;
    assert_eq!((state.approval(), state.status()), (None, Status::Proposed));
}

#[tokio::test]
async fn equal_content_has_equal_fingerprints_and_other_content_another_one() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    let item = bakery.items(plan).await[0];
    let mut seen = Vec::new();
    for text in ["One.", "Two.", "One."] {
        bakery.world.run(&bakery.ada, edit(plan, item, text)).await.expect("edited");
        seen.push(bakery.state(plan).await.hash().cloned().expect("a fingerprint"));
    }
    assert_eq!(seen[0], seen[2]);
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_plan_in_review_waits_for_a_person_until_it_is_sent_back() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    bakery.accept_all(plan).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run(ada, OnPlan(SubmitContentPlan { plan })).await.expect("submitted");
    world.project().await;
    let waits = || {
        let state = world.memory.state();
        state.views.keys().filter(|(view, _, _)| view == "attention_plans").count()
    };
    assert_eq!(waits(), 1);
    let comment = "More rye, less noise.".try_into().expect("a comment");
    world.run(ada, OnPlan(RequestPlanChanges { plan, comment })).await.expect("sent back");
    let doc = bakery.doc(plan).await;
    assert_eq!((doc.plan.status(), waits()), (Status::ChangesRequested, 0));
    let said: Vec<_> = doc.reviews.iter().map(|review| review.comment.as_deref()).collect();
    assert_eq!(said, [None, Some("More rye, less noise.")]);
}

#[tokio::test]
async fn who_has_not_seen_the_latest_version_changes_nothing() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    let seen = bakery.doc(plan).await.version;
    bakery.accept_all(plan).await;
    let request = Request { idempotency_key: "late".to_owned(), expected_version: Some(seen) };
    let submit = OnPlan(SubmitContentPlan { plan });
    let answer = bakery.world.desk.carry_out(&bakery.ada, request, submit).await;
    let current = bakery.doc(plan).await.version;
    assert_eq!(answer.expect_err("refused"), Failure::VersionConflict { current });
}

/// Sends the same request twice; both answers.
async fn twice<U: UseCase>(bakery: &Bakery, key: &str, wish: impl Fn() -> U) -> [U::Answer; 2] {
    let first = bakery.world.run_as(&bakery.ada, key, wish()).await.expect("it is followed");
    let before = bakery.world.memory.state().events.len();
    let again = bakery.world.run_as(&bakery.ada, key, wish()).await.expect("it was followed");
    assert!(again.replayed && again.token.is_none(), "{key} is done anew");
    assert_eq!(bakery.world.memory.state().events.len(), before, "{key} happened again");
    [first.answer, again.answer]
}

#[tokio::test]
async fn what_is_asked_of_a_plan_twice_is_done_once() {
    let bakery = Bakery::with_connections(1).await;
    let [plan, again] = twice(&bakery, "create", || bakery.wish(2)).await;
    assert_eq!(again, plan);
    let [run, again] = twice(&bakery, "generate", || GenerateContentPlan { plan }).await;
    assert_eq!(again, run);
    bakery.world.project().await;
    bakery.answer("gen-strategy", &strategy());
    bakery.answer("gen-0", &items(2, "batch 0"));
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    let kept = bakery.items(plan).await;
    let [edited, again] = twice(&bakery, "edit", || edit(plan, kept[0], "Rye.")).await;
    assert_eq!((edited, again), (plan, plan));
    let accept = || OnPlan(AcceptPlanItem { plan, item: kept[1] });
    assert_eq!(twice(&bakery, "accept", accept).await, [plan, plan]);
}

#[tokio::test]
async fn a_plan_of_another_account_is_neither_written_nor_changed() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    let item = bakery.items(plan).await[0];
    let eve = bakery.world.open_account("Eve").await;
    let before = bakery.world.memory.state().events.len();
    let world = &bakery.world;
    assert_eq!(world.run(&eve, GenerateContentPlan { plan }).await, Err(Failure::NotFound));
    assert_eq!(world.run(&eve, edit(plan, item, "Mine.")).await, Err(Failure::NotFound));
    let accept = OnPlan(AcceptPlanItem { plan, item });
    assert_eq!(world.run(&eve, accept).await, Err(Failure::NotFound));
    assert_eq!(world.memory.state().events.len(), before);
}
