//! One step is sent once, whatever the network or the worker does.

mod several;
mod troubles;

use crate::{
    caller::Caller,
    commands::{
        connection::{OnConnection, PauseConnection},
        post::{BeginAttempt, ContentInput, CreatePost, OnPost, PublishPost, StepInput},
    },
    jobs::{self, JobFailure, Next, preflight},
    ports::{ClaimedJob, CommitOutcome, FoundPost, JobKind, Listing, NotOpened, Proof, Rejection},
    testing::World,
};
use herald_kernel::{ConnectionId, PostId};
use herald_post::{Post, TargetState};
use std::{sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 3_600);

struct Story {
    world: World,
    owner: Caller,
    connection: ConnectionId,
    /// Further connections that everything goes to.
    others: Vec<ConnectionId>,
}

impl Story {
    async fn new() -> Self {
        let world = World::new().await;
        let owner = world.open_account("Ada").await;
        let connection = world.connect(&owner).await;
        Self { world, owner, connection, others: Vec::new() }
    }

    /// A thread of these texts, told to go out now.
    async fn told(&self, texts: &[&str]) -> PostId {
        let step = |text: &&str| StepInput {
            text: (*text).to_owned().try_into().expect("a text"),
            media: Vec::new(),
        };
        let mut steps = texts.iter().map(step);
        let root = steps.next().expect("a root");
        let segments = steps.collect();
        let content = ContentInput { root, segments, first_comment: None, made_with_ai: false };
        self.publish(content).await
    }

    async fn publish(&self, content: ContentInput) -> PostId {
        let connections = [&[self.connection], self.others.as_slice()].concat();
        let create = CreatePost { content, connections };
        let post = self.world.run(&self.owner, create).await.expect("it is written");
        self.world.run(&self.owner, OnPost(PublishPost { post })).await.expect("it is to go out");
        post
    }

    async fn state(&self, post: PostId) -> TargetState {
        let post = self.world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads");
        post.state.target_on(self.connection).expect("a target").state.clone()
    }

    fn sent(&self) -> Vec<String> {
        self.world.network.calls("send")
    }
}

#[tokio::test]
async fn a_thread_goes_out_step_by_step_each_answering_the_one_before() {
    let story = Story::new().await;
    let post = story.told(&["one", "two", "three"]).await;
    story.world.work().await;
    assert_eq!(story.state(post).await, TargetState::Published);
    let sent = story.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(sent[0], "send - one");
    assert!(sent[1].ends_with(" two") && !sent[1].contains(" - "), "{sent:?}");
    assert!(sent[2].ends_with(" three") && !sent[2].contains(" - "), "{sent:?}");
}

#[tokio::test]
async fn what_is_not_known_to_have_failed_is_never_sent_again() {
    let story = Story::new().await;
    let unknown = CommitOutcome::Unknown { cause: "cut".to_owned() };
    story.world.network.script().commits.push_back(unknown);
    let post = story.told(&["once"]).await;
    for _ in 0..20 {
        story.world.work().await;
        story.world.pass(DAY);
    }
    assert_eq!(story.sent(), ["send - once"]);
    let state = story.state(post).await;
    assert!(matches!(state, TargetState::NeedsHuman { .. }), "a person decides: {state:?}");
}

#[tokio::test]
async fn what_a_listing_shows_was_published() {
    let story = Story::new().await;
    let unknown = CommitOutcome::Unknown { cause: "cut".to_owned() };
    story.world.network.script().commits.push_back(unknown);
    let post = story.told(&["it went out"]).await;
    story.world.work().await;
    let found = FoundPost {
        remote_id: "7".to_owned(),
        url: "https://network.example/7".to_owned(),
        text: "it went out".to_owned(),
        created_at: story.world.desk.clock.now(),
        reply_to: None,
        media_count: 0,
    };
    let taken_at = story.world.desk.clock.now().plus(Duration::from_secs(3_600));
    let listing = Listing { posts: vec![found], complete: true, taken_at };
    story.world.network.script().listings.extend([Ok(listing)]);
    story.world.pass(Duration::from_secs(3_600));
    story.world.work().await;
    assert_eq!(story.state(post).await, TargetState::Published);
    assert_eq!(story.sent().len(), 1);
}

#[tokio::test]
async fn a_network_that_is_not_reached_is_tried_again_because_nothing_was_sent() {
    let story = Story::new().await;
    let closed = || Err(NotOpened { cause: "no route".to_owned(), retry_at: None });
    story.world.network.script().opens.extend([closed(), closed()]);
    let post = story.told(&["third time lucky"]).await;
    for _ in 0..10 {
        story.world.work().await;
        story.world.pass(Duration::from_secs(60));
    }
    assert_eq!(story.state(post).await, TargetState::Published);
    assert_eq!(story.sent(), ["send - third time lucky"]);
    assert_eq!(story.world.network.calls("open").len(), 3);
}

#[tokio::test]
async fn a_proven_refusal_ends_the_target_and_the_rest_of_the_thread_stays_unsent() {
    let story = Story::new().await;
    let rejected = CommitOutcome::Rejected(Rejection {
        proof: Proof::Policy,
        code: "403".to_owned(),
        detail: "not allowed".to_owned(),
        retry_at: None,
    });
    story.world.network.script().commits.push_back(rejected);
    let post = story.told(&["one", "two"]).await;
    story.world.work().await;
    let state = story.state(post).await;
    assert!(matches!(state, TargetState::Failed(_)), "{state:?}");
    assert_eq!(story.sent(), ["send - one"]);
}

#[tokio::test]
async fn a_paused_connection_sends_nothing_and_the_post_is_held() {
    let story = Story::new().await;
    let pause = OnConnection(PauseConnection { connection: story.connection, paused: true });
    story.world.run(&story.owner, pause).await.expect("it pauses");
    let post = story.told(&["later"]).await;
    story.world.work().await;
    let state = story.state(post).await;
    assert!(matches!(state, TargetState::Held(_)), "{state:?}");
    assert!(story.sent().is_empty() && story.world.network.calls("open").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_who_both_believe_that_a_job_is_theirs_send_once() {
    let story = Story::new().await;
    let post = story.told(&["only one"]).await;
    story.world.project().await;
    let due = story.world.due_jobs().await;
    let worker = || {
        let (desk, due) = (Arc::clone(&story.world.desk), due.clone());
        tokio::spawn(async move {
            for job in &due {
                // Whoever comes second is told so, finds nothing left to do, or comes back later.
                let _ended = jobs::run(&desk, job).await;
            }
        })
    };
    let (left, right) = tokio::join!(worker(), worker());
    left.and(right).expect("no worker dies");
    for _ in 0..10 {
        story.world.work().await;
        story.world.pass(Duration::from_secs(60));
    }
    assert_eq!(story.sent(), ["send - only one"]);
    assert_eq!(story.state(post).await, TargetState::Published);
}

/// The job of a post of one text whose attempt began and did not come to its end.
async fn interrupted(story: &Story) -> (PostId, ClaimedJob) {
    let post = story.told(&["only one"]).await;
    story.world.project().await;
    let mut due = story.world.due_jobs().await;
    due.retain(|job| job.kind == JobKind::PublishTarget);
    let job = due.pop().expect("a job");
    let loaded = story.world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads");
    let target = loaded.state.target_on(story.connection).expect("a target");
    let preflight = preflight::look(&story.world.desk, job.account, target, &loaded.state).await;
    let preflight = preflight.expect("it is looked at");
    let begin = OnPost(BeginAttempt { post, target: target.id, preflight });
    story.world.run(&jobs::caller(&job), begin).await.expect("it begins");
    assert_eq!(story.state(post).await, TargetState::Preparing);
    (post, job)
}

#[tokio::test]
async fn a_job_that_was_put_anew_leaves_the_attempt_of_its_holder_alone() {
    let story = Story::new().await;
    let (post, job) = interrupted(&story).await;
    let again = ClaimedJob { fence: job.fence + 1, attempts: 1, ..job };
    let ended = jobs::run(&story.world.desk, &again).await;
    assert!(matches!(ended, Err(JobFailure::Retry(_))), "{ended:?}");
    assert_eq!(story.state(post).await, TargetState::Preparing, "its holder goes on");
}

#[tokio::test]
async fn an_attempt_whose_holder_did_not_come_back_is_given_up() {
    let story = Story::new().await;
    let (post, job) = interrupted(&story).await;
    let taken_over = ClaimedJob { fence: job.fence + 1, attempts: 2, ..job };
    assert_eq!(jobs::run(&story.world.desk, &taken_over).await, Ok(Next::Done));
    assert_ne!(story.state(post).await, TargetState::Preparing);
    assert_eq!(story.sent(), [""; 0]);
}
