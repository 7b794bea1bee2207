//! From an approved plan to posts in the calendar.

use super::{Bakery, code};
use crate::{
    caller::{Caller, Standing},
    commands::{
        account::ChangePolicy,
        plan::{
            ApproveContentPlan, MaterializeContentPlan, OnPlan, RejectPlanItem, SubmitContentPlan,
        },
    },
    entitlements,
    ports::JobKind,
    settings::Billing,
    testing::{World, person},
};
use herald_account::Role;
use herald_content_plan::Status;
use herald_kernel::{MemberId, PlanId, PostId};
use herald_post::{Editorial, Post};
use herald_subscription::{Catalogue, Counter, Usage, usage_id};
use herald_terms::ApprovalPolicy;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3_600);

impl Bakery {
    async fn post(&self, id: PostId) -> Post {
        self.world.desk.journal.load::<Post>(id.uuid()).await.expect("it loads").state
    }

    async fn posts(&self, plan: PlanId) -> Vec<PostId> {
        self.state(plan).await.posts().map(|(_, post)| post).collect()
    }
}

const fn materialize(plan: PlanId) -> MaterializeContentPlan {
    MaterializeContentPlan { plan, schedule: true }
}

#[tokio::test]
async fn accepted_items_become_approved_posts_at_their_times_and_rejected_ones_do_not() {
    let bakery = Bakery::with_connections(2).await;
    let plan = bakery.written_for_two().await;
    bakery.accept_all(plan).await;
    let item = bakery.items(plan).await[0];
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run(ada, OnPlan(RejectPlanItem { plan, item })).await.expect("rejected");
    bakery.approve(plan).await;
    world.run(ada, materialize(plan)).await.expect("materialised");
    let state = bakery.state(plan).await;
    assert_eq!((state.status(), state.posts().count()), (Status::Materialized, 3));
    for (item, id) in state.posts() {
        let post = bakery.post(id).await;
        let content = post.content().expect("content");
        let planned = item.planned.content.known().expect("known");
        assert_eq!(content.root.text.as_str(), planned.text.as_str());
        assert!(content.made_with_ai, "it says where it comes from");
        assert_eq!(post.editorial(), Some(Editorial::Approved));
        assert_eq!(post.origin().map(|origin| origin.item), Some(item.planned.item));
        let wall = post.schedule().and_then(|schedule| schedule.wall.clone()).expect("a time");
        assert_eq!((wall.local, wall.zone.name()), (item.planned.local, "Europe/Berlin"));
        assert!(post.target_on(item.planned.connection).is_some());
    }
    world.project().await;
    let state = world.memory.state();
    let publishing = state.jobs.iter().filter(|row| row.job.kind == JobKind::PublishTarget);
    assert_eq!(publishing.count(), 3);
}

impl Bakery {
    /// Two posts for each of two connections.
    async fn written_for_two(&self) -> PlanId {
        let plan = self.plan(2).await;
        self.ask(plan).await;
        self.answer("gen-1", &super::strategy());
        self.answer("gen-2", &super::items(4, "Bread"));
        self.work(&self.job().await).await.expect("written");
        plan
    }
}

#[tokio::test]
async fn materialising_twice_makes_nothing_twice() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(2).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run_as(ada, "once", materialize(plan)).await.expect("materialised");
    let events = world.memory.state().events.len();
    let same = world.run_as(ada, "once", materialize(plan)).await.expect("the same");
    assert!(same.replayed);
    world.run_as(ada, "twice", materialize(plan)).await.expect("already so");
    assert_eq!(world.memory.state().events.len(), events);
    let post = bakery.posts(plan).await[0];
    let history = world.memory.history(post.uuid());
    assert_eq!(history, ["post.created", "post.approved", "post.scheduled"]);
}

#[tokio::test]
async fn whoever_comes_in_between_the_plan_and_its_posts_appear_together() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(2).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    bakery.world.memory.state().conflicts = 2;
    bakery.world.run(&bakery.ada, materialize(plan)).await.expect("materialised");
    let history = bakery.world.memory.history(plan.uuid());
    assert_eq!(history.iter().filter(|name| *name == "plan.materialized").count(), 1);
    let state = bakery.world.memory.state();
    let command = |kind: &str| {
        let of_kind = state.events.iter().filter(|event| event.row.event_type == kind);
        of_kind
            .map(|event| event.row.meta("command_id").map(std::borrow::Cow::into_owned))
            .collect::<Vec<_>>()
    };
    let created = command("post.created");
    assert_eq!(created.len(), 2);
    assert!(created.iter().all(|it| *it == command("plan.materialized")[0]), "one command");
}

#[tokio::test]
async fn a_post_whose_time_has_passed_is_there_and_waits_for_a_person() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(2).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    // From 21 November to noon of the 4th: the first of the two times is over.
    bakery.world.pass(DAY * 13);
    bakery.world.run(&bakery.ada, materialize(plan)).await.expect("materialised");
    let mut scheduled = Vec::new();
    for id in bakery.posts(plan).await {
        let post = bakery.post(id).await;
        assert_eq!(post.editorial(), Some(Editorial::Approved));
        scheduled.push(post.schedule().is_some());
    }
    scheduled.sort_unstable();
    assert_eq!(scheduled, [false, true]);
}

#[tokio::test]
async fn posts_are_scheduled_only_on_wish() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    let unscheduled = MaterializeContentPlan { plan, schedule: false };
    bakery.world.run(&bakery.ada, unscheduled).await.expect("materialised");
    let post = bakery.post(bakery.posts(plan).await[0]).await;
    assert_eq!((post.editorial(), post.schedule()), (Some(Editorial::Approved), None));
}

#[tokio::test]
async fn a_plan_that_nobody_approved_becomes_nothing() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(1).await;
    bakery.accept_all(plan).await;
    let events = bakery.world.memory.state().events.len();
    assert_eq!(code(bakery.world.run(&bakery.ada, materialize(plan)).await), "INVALID_STATE");
    assert_eq!(bakery.world.memory.state().events.len(), events);
}

#[tokio::test]
async fn where_four_eyes_are_asked_for_the_posts_carry_the_approval_of_the_second_pair() {
    let bakery = Bakery::with_connections(1).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    let four_eyes =
        ChangePolicy { approval: Some(ApprovalPolicy::FourEyes), ..ChangePolicy::default() };
    world.run(ada, four_eyes).await.expect("asked for");
    let plan = bakery.written(1).await;
    bakery.accept_all(plan).await;
    world.run(ada, OnPlan(SubmitContentPlan { plan })).await.expect("submitted");
    let state = bakery.state(plan).await;
    let (revision, hash) = (state.revision(), state.hash().cloned().expect("a fingerprint"));
    let approve = || ApproveContentPlan { plan, revision, content_hash: hash.clone() };
    assert_eq!(code(world.run(ada, OnPlan(approve())).await), "FOUR_EYES_REQUIRED");
    let member = MemberId::new(Uuid::from_u128(77));
    let standing = Standing::Member { member, role: Role::Publisher, person: person("Bob") };
    let bob = Caller { standing, ..ada.clone() };
    world.run(&bob, OnPlan(approve())).await.expect("approved by another");
    world.run(ada, materialize(plan)).await.expect("materialised");
    let post = bakery.post(bakery.posts(plan).await[0]).await;
    assert!(post.schedule().is_some(), "nobody has to approve again");
    assert_eq!(post.author(), ada.member());
}

#[tokio::test]
async fn posts_that_a_plan_schedules_count_for_the_month_and_stop_at_its_limit() {
    let catalogue = Arc::new(Catalogue::default());
    let billing = Billing::On { catalogue, automatic_tax: false };
    let world = World::with(|settings| settings.billing = billing).await;
    let bakery = Bakery::in_world(world, 1).await;
    let plan = bakery.written(12).await;
    bakery.accept_all(plan).await;
    bakery.approve(plan).await;
    let (world, ada) = (&bakery.world, &bakery.ada);
    world.run(ada, materialize(plan)).await.expect("materialised");
    let mut scheduled = 0;
    for id in bakery.posts(plan).await {
        let post = bakery.post(id).await;
        assert_eq!(post.editorial(), Some(Editorial::Approved), "each is there");
        scheduled += u64::from(post.counted());
    }
    let entitled = entitlements::of_account(&world.desk, ada.account).await.expect("known");
    let counter = usage_id(ada.account, Counter::Posts, &entitled.period).uuid();
    let used = world.desk.journal.load::<Usage>(counter).await.expect("it loads").state.used();
    assert_eq!((scheduled, used), (10, 10), "ten posts a month are free");
}
