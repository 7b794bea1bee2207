//! What goes wrong before anything is sent, and looks that find too much or nothing.

use super::{DAY, Story};
use crate::{
    commands::{
        media::{Upload, upload_media},
        post::{ContentInput, MediaInput, StepInput},
    },
    ports::{CommitOutcome, FoundPost, Listing, LookupFailure, PrepareFailure},
};
use bytes::Bytes;
use herald_kernel::PostId;
use herald_post::{FailureKind, Post, TargetState};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

impl Story {
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

#[tokio::test]
async fn a_token_that_is_not_taken_for_a_picture_asks_for_a_person() {
    let story = Story::new().await;
    story.world.network.script().uploads.push_back(Err(PrepareFailure::Unauthorized));
    let post = story.told_with_a_picture().await;
    story.world.work().await;
    assert_eq!(story.failed(post).await, (FailureKind::Auth, "UNAUTHORIZED".to_owned()));
    assert!(story.sent().is_empty());
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
