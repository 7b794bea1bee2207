//! What goes wrong before anything is sent, and looks that find too much or nothing.

use super::{DAY, Story};
use crate::{
    commands::{
        account::ChangePolicy,
        media::{Upload, upload_media},
        post::{ApprovePost, ContentInput, MediaInput, OnPost, StepInput},
    },
    jobs::JobFailure,
    ports::{
        CommitOutcome, FoundPost, JobKind, Listing, LookupFailure, PrepareFailure, Proof,
        RefreshFailure, Rejection,
    },
    testing::network::tokens_until,
};
use bytes::Bytes;
use herald_kernel::PostId;
use herald_post::{FailureKind, HoldReason, Post, TargetState};
use herald_terms::ApprovalPolicy;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

impl Story {
    /// A connection whose tokens are not new any more.
    async fn a_while_ago() -> Self {
        let story = Self::new().await;
        story.world.pass(10 * MINUTE);
        story
    }

    /// A post with one picture, told to go out now.
    pub(super) async fn told_with_a_picture(&self) -> PostId {
        let bytes = Bytes::from_static(b"\x89PNG\r\n\x1a\n and so on");
        let upload = Upload { name: "loaf.png".try_into().expect("a name"), alt: None, bytes };
        let taken = upload_media(&self.world.desk, &self.owner, upload).await.expect("taken");
        let media = vec![MediaInput { media: taken.id, alt: None }];
        let root = StepInput { text: "fresh".to_owned().try_into().expect("a text"), media };
        let content =
            ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
        self.publish(content).await
    }

    async fn failed(&self, post: PostId) -> (FailureKind, String) {
        let state = self.state(post).await;
        let TargetState::Failed(failure) = state else { panic!("{state:?}") };
        (failure.kind, failure.code)
    }
}

#[tokio::test]
async fn a_picture_that_the_network_refuses_ends_the_target_and_nothing_is_sent() {
    let story = Story::new().await;
    let (code, detail) = ("media_invalid".to_owned(), "no".to_owned());
    let refused = PrepareFailure::Refused { code: code.clone(), detail };
    story.world.network.script().uploads.push_back(Err(refused));
    let post = story.told_with_a_picture().await;
    story.world.work().await;
    assert_eq!(story.failed(post).await, (FailureKind::MediaRejected, code));
    assert!(story.sent().is_empty() && story.world.network.calls("open").is_empty());
}

/// The network takes no token of ours any more: neither for a picture nor for a post nor to renew it.
fn take_access_back(story: &Story) {
    let rejected = RefreshFailure::Rejected { code: "invalid_request".to_owned() };
    let mut script = story.world.network.script();
    script.uploads.push_back(Err(PrepareFailure::Unauthorized));
    script.commits.push_back(CommitOutcome::Rejected(unauthorized()));
    script.refreshes.push_back(Err(rejected));
}

fn unauthorized() -> Rejection {
    let (proof, code) = (Proof::Unauthorized, "401".to_owned());
    Rejection { proof, code, detail: "no".to_owned(), retry_at: None }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_and_what_was_not_sent_goes_out() {
    for picture in [true, false] {
        let story = Story::a_while_ago().await;
        if picture {
            story.world.network.script().uploads.push_back(Err(PrepareFailure::Unauthorized));
        } else {
            let rejected = CommitOutcome::Rejected(unauthorized());
            story.world.network.script().commits.push_back(rejected);
        }
        let post =
            if picture { story.told_with_a_picture().await } else { story.told(&["now"]).await };
        for _ in 0..3 {
            story.world.work().await;
            story.world.pass(MINUTE);
        }
        assert_eq!(story.state(post).await, TargetState::Published, "picture: {picture}");
        assert_eq!(story.world.network.calls("refresh").len(), 1, "picture: {picture}");
    }
}

#[tokio::test]
async fn posts_wait_for_whoever_took_our_access_back_and_go_out_when_they_give_it_again() {
    for picture in [true, false] {
        let story = Story::a_while_ago().await;
        take_access_back(&story);
        let post =
            if picture { story.told_with_a_picture().await } else { story.told(&["now"]).await };
        for _ in 0..3 {
            story.world.work().await;
            story.world.pass(MINUTE);
        }
        let held = TargetState::Held(HoldReason::NeedsReauth);
        assert_eq!(story.state(post).await, held, "picture: {picture}");
        story.world.network.script().commits.clear();
        story.world.reconnect(&story.owner, story.connection).await;
        story.world.work().await;
        assert_eq!(story.state(post).await, TargetState::Published, "picture: {picture}");
    }
}

#[tokio::test]
async fn a_new_token_that_is_not_taken_either_asks_for_a_person() {
    let story = Story::a_while_ago().await;
    let rejected = || CommitOutcome::Rejected(unauthorized());
    story.world.network.script().commits.extend([rejected(), rejected()]);
    let post = story.told(&["now"]).await;
    for _ in 0..4 {
        story.world.work().await;
        story.world.pass(MINUTE);
    }
    assert_eq!(story.state(post).await, TargetState::Held(HoldReason::NeedsReauth));
    assert_eq!(story.world.network.calls("refresh").len(), 1, "it is not renewed for ever");
}

#[tokio::test]
async fn a_picture_that_could_not_be_handed_over_is_tried_again() {
    let story = Story::new().await;
    let trouble = PrepareFailure::Transient { cause: "503".to_owned(), retry_at: None };
    story.world.network.script().uploads.push_back(Err(trouble));
    let post = story.told_with_a_picture().await;
    for _ in 0..5 {
        story.world.work().await;
        story.world.pass(MINUTE);
    }
    assert_eq!(story.state(post).await, TargetState::Published);
    assert_eq!(story.world.network.calls("upload").len(), 2);
    assert_eq!(story.sent(), ["send - fresh"]);
}

#[tokio::test]
async fn a_post_without_the_approval_that_is_asked_for_now_goes_out_once_it_has_it() {
    let story = Story::new().await;
    let (world, owner) = (&story.world, &story.owner);
    let post = story.told(&["words"]).await;
    let required = ChangePolicy { approval: Some(ApprovalPolicy::Required), ..Default::default() };
    world.run(owner, required).await.expect("from now on");
    world.work().await;
    assert_eq!(story.state(post).await, TargetState::Held(HoldReason::ApprovalStale));
    let loaded = world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads");
    let content_hash = loaded.state.content_hash().cloned().expect("it says something");
    world.run(owner, OnPost(ApprovePost { post, content_hash })).await.expect("approved");
    world.work().await;
    assert_eq!(story.state(post).await, TargetState::Published);
}

/// What the network shows of a post, a second after it was to go out.
fn found(story: &Story, remote_id: &str) -> FoundPost {
    FoundPost {
        remote_id: remote_id.to_owned(),
        url: format!("https://network.example/{remote_id}"),
        text: "once".to_owned(),
        created_at: story.world.desk.clock.now(),
        reply_to: None,
        media_count: 0,
    }
}

/// A post whose end nobody saw.
async fn in_doubt() -> (Story, PostId) {
    let story = Story::new().await;
    let unknown = CommitOutcome::Unknown { cause: "cut".to_owned() };
    story.world.network.script().commits.push_back(unknown);
    let post = story.told(&["once"]).await;
    story.world.work().await;
    (story, post)
}

#[tokio::test]
async fn two_posts_that_could_be_the_one_are_for_a_person_to_choose_from() {
    let (story, post) = in_doubt().await;
    let posts = vec![found(&story, "7"), found(&story, "8")];
    let taken_at = story.world.desk.clock.now().plus(60 * MINUTE);
    let listing = Listing { posts, complete: true, taken_at };
    story.world.network.script().listings.push_back(Ok(listing));
    story.world.pass(60 * MINUTE);
    story.world.work().await;
    let state = story.state(post).await;
    assert!(matches!(state, TargetState::NeedsHuman { .. }), "{state:?}");
    assert_eq!(story.sent(), ["send - once"]);
}

#[tokio::test]
async fn a_look_that_the_network_does_not_allow_proves_nothing() {
    let (story, post) = in_doubt().await;
    let now = story.world.desk.clock.now();
    let trouble =
        LookupFailure::Transient { cause: "429".to_owned(), retry_at: Some(now.plus(DAY)) };
    story.world.network.script().listings.extend([Err(LookupFailure::Unauthorized), Err(trouble)]);
    for _ in 0..3 {
        story.world.pass(2 * MINUTE);
        story.world.work().await;
    }
    assert_eq!(story.state(post).await, TargetState::Reconciling);
    assert_eq!(story.world.network.calls("list").len(), 2, "it waits for as long as it was told");
    assert_eq!(story.sent(), ["send - once"]);
}

#[tokio::test]
async fn a_post_that_is_known_to_be_another_target_is_not_taken_for_this_one() {
    let (story, post) = in_doubt().await;
    let other = story.told(&["once"]).await;
    story.world.work().await;
    let loaded = story.world.desk.journal.load::<Post>(other.uuid()).await.expect("it loads");
    let target = loaded.state.target_on(story.connection).expect("a target").clone();
    let published = target.steps[0].published.clone().expect("it is published");
    let known = published.remote.remote_id;
    let taken_at = story.world.desk.clock.now().plus(60 * MINUTE);
    let listing = Listing { posts: vec![found(&story, &known)], complete: true, taken_at };
    story.world.network.script().listings.push_back(Ok(listing));
    story.world.pass(60 * MINUTE);
    story.world.work().await;
    assert_ne!(story.state(post).await, TargetState::Published);
}

#[tokio::test]
async fn what_the_accounts_policy_holds_goes_out_by_itself_when_its_day_has_passed() {
    let story = Story::new().await;
    // Lateness of a day is nothing to ask a person about.
    let late_grace_minutes = Some(2 * 24 * 60);
    let one =
        ChangePolicy { posts_per_day: Some(1), late_grace_minutes, ..ChangePolicy::default() };
    story.world.run(&story.owner, one).await.expect("it is changed");
    story.told(&["today"]).await;
    story.world.work().await;
    let held = story.told(&["tomorrow"]).await;
    story.world.work().await;
    let state = story.state(held).await;
    assert!(matches!(state, TargetState::Held(HoldReason::DailyLimit { .. })), "{state:?}");
    assert_eq!(story.sent(), ["send - today"]);
    let renewed = tokens_until("3", true, story.world.desk.clock.now().plus(2 * DAY));
    story.world.network.script().refreshes.push_back(Ok(renewed));
    story.world.pass(DAY);
    // The token of yesterday is renewed first.
    for _ in 0..5 {
        story.world.pass(MINUTE);
        story.world.work().await;
    }
    assert_eq!(story.state(held).await, TargetState::Published);
    assert_eq!(story.sent(), ["send - today", "send - tomorrow"]);
}

#[tokio::test]
async fn a_job_that_is_given_up_leaves_no_attempt_open_and_is_not_tried_again_at_once() {
    let story = Story::new().await;
    let post = story.told_with_a_picture().await;
    story.world.memory.state().files_damaged = true;
    let ends = story.world.work().await;
    let attempts = ends.iter().filter(|(kind, _)| *kind == JobKind::PublishTarget);
    let attempts: Vec<_> = attempts.map(|(_, end)| end).collect();
    assert!(matches!(attempts.as_slice(), [Err(JobFailure::GiveUp(_))]), "{attempts:?}");
    assert_eq!(story.state(post).await, TargetState::Due, "the attempt is over");
    story.world.memory.state().files_damaged = false;
    story.world.pass(MINUTE);
    story.world.work().await;
    assert_eq!(story.state(post).await, TargetState::Published);
    assert_eq!(story.sent().len(), 1);
}
