//! One post to several connections: what befalls one target says nothing of the others.

use super::{DAY, Story};
use crate::{
    ports::{CommitOutcome, FoundPost, Listing, NotOpened, Proof, Rejection},
    testing::network,
};
use herald_kernel::PostId;
use herald_post::{FailureKind, Post, TargetState};
use std::time::Duration;

/// A story of three connections.
async fn of_three() -> Story {
    let mut story = Story::new().await;
    for owner in ["43", "44"] {
        story.world.network.script().identities.push_back(Ok(network::owner(owner)));
        let connection = story.world.connect(&story.owner).await;
        story.others.push(connection);
    }
    story
}

impl Story {
    async fn states(&self, post: PostId) -> Vec<TargetState> {
        let post = self.world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads");
        post.state.targets().iter().map(|target| target.state.clone()).collect()
    }

    /// Works for a while.
    async fn go_on(&self, pace: Duration) {
        for _ in 0..5 {
            self.world.work().await;
            self.world.pass(pace);
        }
    }
}

fn all(state: TargetState) -> Vec<TargetState> {
    vec![state; 3]
}

#[tokio::test]
async fn a_thread_goes_out_on_every_connection() {
    let story = of_three().await;
    let post = story.told(&["one", "two"]).await;
    story.world.work().await;
    assert_eq!(story.states(post).await, all(TargetState::Published));
    assert_eq!(story.sent().len(), 6, "{:?}", story.sent());
}

#[tokio::test]
async fn a_picture_goes_out_on_every_connection() {
    let story = of_three().await;
    let post = story.told_with_a_picture().await;
    story.world.work().await;
    assert_eq!(story.states(post).await, all(TargetState::Published));
    assert_eq!(story.world.network.calls("upload").len(), 3);
}

#[tokio::test]
async fn connections_that_are_not_reached_at_first_are_all_tried_again() {
    let story = of_three().await;
    let closed = || Err(NotOpened { cause: "no route".to_owned(), retry_at: None });
    story.world.network.script().opens.extend([closed(), closed(), closed()]);
    let post = story.told(&["second time lucky"]).await;
    story.go_on(Duration::from_secs(60)).await;
    assert_eq!(story.states(post).await, all(TargetState::Published));
    assert_eq!(story.sent().len(), 3);
}

#[tokio::test]
async fn every_refusal_is_believed() {
    let story = of_three().await;
    let refusal = || {
        CommitOutcome::Rejected(Rejection {
            proof: Proof::Policy,
            code: "403".to_owned(),
            detail: "not allowed".to_owned(),
            retry_at: None,
        })
    };
    story.world.network.script().commits.extend([refusal(), refusal(), refusal()]);
    let post = story.told(&["no"]).await;
    story.world.work().await;
    for state in story.states(post).await {
        let TargetState::Failed(failure) = state else { panic!("{state:?}") };
        assert_eq!(failure.kind, FailureKind::Policy);
    }
    story.go_on(DAY).await;
    assert_eq!(story.sent().len(), 3, "what was refused is not sent again");
}

#[tokio::test]
async fn every_doubt_is_looked_into() {
    let story = of_three().await;
    let unknown = || CommitOutcome::Unknown { cause: "cut".to_owned() };
    story.world.network.script().commits.extend([unknown(), unknown(), unknown()]);
    let post = story.told(&["once each"]).await;
    story.world.work().await;
    let listing = |remote_id: &str| {
        let found = FoundPost {
            remote_id: remote_id.to_owned(),
            url: format!("https://network.example/{remote_id}"),
            text: "once each".to_owned(),
            created_at: story.world.desk.clock.now(),
            reply_to: None,
            media_count: 0,
        };
        let taken_at = story.world.desk.clock.now().plus(Duration::from_secs(3_600));
        Ok(Listing { posts: vec![found], complete: true, taken_at })
    };
    story.world.network.script().listings.extend(["7", "8", "9"].map(listing));
    story.world.pass(Duration::from_secs(3_600));
    story.world.work().await;
    assert_eq!(story.states(post).await, all(TargetState::Published));
    assert_eq!(story.sent().len(), 3);
}
