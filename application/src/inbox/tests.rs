//! Whatever way an event takes through the inbox, it ends where its first application would have.

use super::{Applied, NotTaken, ReplayRefused, Source, Sources, compare, replay, take_in, turn};
use crate::{
    desk::Desk,
    inbox::forget_old_bodies,
    ports::{
        EventListing, InboxReception, InboxReplay, InboxState, ListedEvents, WebhookHeaders,
        WebhookRefused,
    },
    testing::{
        World,
        webhooks::{FakeProvider, genuine, hint},
    },
};
use std::{sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Post {
    world: World,
    provider: Arc<FakeProvider>,
}

impl Post {
    async fn new() -> Self {
        let provider = Arc::new(FakeProvider::default());
        let source = Source::new(provider.clone(), provider.clone());
        let source = source.with_listing(provider.clone());
        let world = World::with_sources(|_| (), Sources::default().with("fake", source)).await;
        Self { world, provider }
    }

    fn desk(&self) -> &Arc<Desk> {
        &self.world.desk
    }

    async fn call(&self, body: &'static str) -> Result<InboxReception, NotTaken> {
        take_in(self.desk(), "fake", &genuine(), body.into()).await
    }

    async fn state(&self, event_id: &str) -> Option<InboxState> {
        let row = super::find(self.desk(), "fake", event_id).await.expect("an answer");
        row.map(|row| row.state)
    }

    async fn turn(&self) -> usize {
        turn(self.desk()).await.expect("the inbox answers")
    }

    /// Lets time pass until nothing is due any more; answers how many turns did something.
    async fn settle(&self) -> u32 {
        let mut turns = 0;
        loop {
            while self.turn().await > 0 {
                turns += 1;
            }
            match self.desk().stores.inbox.next_due(&self.desk().sources.names()).await {
                Ok(Some(_)) => self.world.pass(Duration::from_secs(3601 * 2)),
                Ok(None) => return turns,
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn replay(&self, event_id: &str) -> Result<u64, ReplayRefused> {
        let (source, event_id) = ("fake".to_owned(), event_id.to_owned());
        replay(self.desk(), &InboxReplay::One { source, event_id }).await
    }
}

#[tokio::test]
async fn a_call_is_kept_and_then_applied_once() {
    let post = Post::new().await;
    assert_eq!(post.call("evt_1 paid cus_1").await, Ok(InboxReception::Stored));
    assert_eq!(post.provider.applied(), [""; 0], "keeping applies nothing");
    assert_eq!(post.call("evt_1 paid cus_1").await, Ok(InboxReception::Duplicate));
    assert_eq!(post.settle().await, 1);
    assert_eq!(post.call("evt_1 paid cus_1").await, Ok(InboxReception::Duplicate));
    assert_eq!(post.settle().await, 0);
    assert_eq!(post.provider.applied(), ["evt_1"]);
    assert!(matches!(post.state("evt_1").await, Some(InboxState::Applied { .. })));
}

#[tokio::test]
async fn what_is_not_the_providers_call_is_not_kept() {
    let post = Post::new().await;
    let header = |value: &str| WebhookHeaders::new([("x-signature".to_owned(), value.to_owned())]);
    let twice = ["genuine", "genuine"].map(|value| ("x-signature".to_owned(), value.to_owned()));
    for (headers, why) in [
        (WebhookHeaders::default(), WebhookRefused::Unsigned),
        (header("forged"), WebhookRefused::Forged),
        (WebhookHeaders::new(twice), WebhookRefused::Unsigned),
    ] {
        let taken = take_in(post.desk(), "fake", &headers, "evt_1 paid cus_1".into()).await;
        assert_eq!(taken, Err(NotTaken::Refused(why)));
    }
    let unknown = take_in(post.desk(), "other", &genuine(), "evt_1 paid cus_1".into()).await;
    assert_eq!(unknown, Err(NotTaken::UnknownSource));
    for body in ["", "evt_1 paid ", "evt\0 paid cus_1"] {
        assert_eq!(post.call(body).await, Err(NotTaken::Refused(WebhookRefused::Malformed)));
    }
    assert_eq!(post.world.memory.state().inbox.len(), 0);
}

#[tokio::test]
async fn a_body_lies_sealed_and_opens_in_its_own_row_alone() {
    let post = Post::new().await;
    let body = "evt_1 paid cus_1 CANARY";
    for (body, event) in [(body, "evt_1"), ("evt_2 paid cus_2", "evt_2")] {
        post.call(body).await.expect("it is kept");
        let kept = post.world.memory.state().inbox.last().expect("a row").arrival.clone();
        assert!(kept.sealed && kept.event_id == event);
        assert!(!kept.body.windows(6).any(|it| it == b"CANARY" || it == b"paid c"), "{event}");
        assert_eq!(kept.size, u64::try_from(body.len()).expect("short"), "as it came");
    }
    // Of two bodies that were put into each other's place neither is believed.
    {
        let mut state = post.world.memory.state();
        let (one, two) = (state.inbox[0].arrival.body.clone(), state.inbox[1].arrival.body.clone());
        (state.inbox[0].arrival.body, state.inbox[1].arrival.body) = (two, one);
    }
    post.settle().await;
    assert!(matches!(post.state("evt_1").await, Some(InboxState::Dead { .. })));
    assert_eq!(post.provider.applied(), [""; 0]);
}

#[tokio::test]
async fn a_body_that_was_kept_before_bodies_were_sealed_is_applied_as_it_is() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    let mut old = post.world.memory.state().inbox[0].arrival.clone();
    old.event_id = "evt_0".to_owned();
    old.key = "cus_0".to_owned();
    (old.body, old.sealed) = ("evt_0 paid cus_0".into(), false);
    post.desk().stores.inbox.receive(&old).await.expect("it is kept");
    post.settle().await;
    let mut applied = post.provider.applied();
    applied.sort();
    assert_eq!(applied, ["evt_0", "evt_1"]);
}

#[tokio::test]
async fn only_the_headers_that_a_source_names_are_kept() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    let kept = post.world.memory.state().inbox[0].arrival.clone();
    assert_eq!(
        kept.headers.into_iter().collect::<Vec<_>>(),
        [("x-signature".to_owned(), "genuine".to_owned())]
    );
    assert!(!format!("{:?}", genuine()).contains("CANARY"));
}

#[tokio::test]
async fn a_retry_waits_longer_each_time_and_ends_like_a_first_success() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    post.call("evt_2 paid cus_1").await.expect("it is kept");
    post.provider.will(["one", "two", "three"].map(|cause| Applied::Retry(cause.to_owned())));
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert_eq!(post.turn().await, 1, "the second event waits behind the first");
        let due = post.desk().stores.inbox.next_due(&post.desk().sources.names()).await;
        let pause = due.expect("an answer").expect("a due row").since(post.desk().clock.now());
        assert_eq!(post.turn().await, 0);
        post.world.pass(pause);
        pauses.push(pause);
    }
    assert!(pauses[1] > pauses[0] && pauses[2] > pauses[1], "{pauses:?}");
    post.settle().await;
    assert_eq!(post.provider.applied(), ["evt_1", "evt_1", "evt_1", "evt_1", "evt_2"]);
    assert!(matches!(post.state("evt_1").await, Some(InboxState::Applied { .. })));
}

#[tokio::test]
async fn an_event_that_never_succeeds_dies_with_its_cause_and_a_replay_revives_it() {
    let post = Post::new().await;
    let attempts = usize::try_from(post.desk().settings.job_attempts).expect("a small number");
    post.provider.will(vec![Applied::Retry("it is down".to_owned()); attempts]);
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    post.call("evt_2 paid cus_1").await.expect("it is kept");
    post.settle().await;
    assert_eq!(post.provider.applied().len(), attempts + 1);
    let dead = post.state("evt_1").await;
    assert!(matches!(&dead, Some(InboxState::Dead { cause, .. }) if cause == "it is down"));
    assert!(matches!(post.state("evt_2").await, Some(InboxState::Applied { .. })));
    assert_eq!(post.replay("evt_1").await, Ok(1));
    post.settle().await;
    assert!(matches!(post.state("evt_1").await, Some(InboxState::Applied { .. })));
}

#[tokio::test]
async fn an_applier_may_ignore_an_event_or_give_it_up_at_once() {
    let post = Post::new().await;
    post.provider.will([
        Applied::Ignored("no such customer".to_owned()),
        Applied::GiveUp("nonsense".to_owned()),
    ]);
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    post.call("evt_2 paid cus_1").await.expect("it is kept");
    assert_eq!(post.settle().await, 2);
    let ignored = post.state("evt_1").await;
    assert!(
        matches!(&ignored, Some(InboxState::Ignored { reason, .. }) if reason == "no such customer")
    );
    assert!(matches!(post.state("evt_2").await, Some(InboxState::Dead { .. })));
}

#[tokio::test]
async fn an_event_whose_worker_dies_each_time_is_given_up() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    let names = post.desk().sources.names();
    for _ in 0..post.desk().settings.job_attempts {
        let length = post.desk().sources.pace.lease;
        let lease = crate::ports::Lease { now: post.desk().clock.now(), length };
        let claimed = post.desk().stores.inbox.claim(lease, &names, 9).await.expect("a claim");
        assert_eq!(claimed.len(), 1);
        post.world.pass(length);
    }
    assert_eq!(post.turn().await, 1);
    assert!(matches!(post.state("evt_1").await, Some(InboxState::Dead { .. })));
    assert_eq!(post.provider.applied(), [""; 0]);
}

#[tokio::test]
async fn a_replay_says_why_it_does_nothing() {
    let post = Post::new().await;
    assert_eq!(post.replay("evt_1").await, Err(ReplayRefused::NotFound));
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    assert_eq!(post.replay("evt_1").await, Err(ReplayRefused::Open));
    post.settle().await;
    post.world.pass(post.desk().sources.pace.keep_bodies + DAY);
    assert_eq!(forget_old_bodies(post.desk()).await, Ok(1));
    assert_eq!(post.replay("evt_1").await, Err(ReplayRefused::Forgotten));
    assert_eq!(post.call("evt_1 paid cus_1").await, Ok(InboxReception::Duplicate));
}

#[tokio::test]
async fn an_event_that_never_arrived_is_found_in_the_providers_list() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    let page = |bodies: &[&'static str], cursor: &str, more| ListedEvents {
        events: bodies.iter().map(|body| (hint(body), (*body).into())).collect(),
        cursor: cursor.to_owned(),
        more,
    };
    let pages = [
        page(&["evt_1 paid cus_1", "evt_2 paid cus_1"], "1", true),
        page(&["evt_3 paid cus_2"], "2", false),
    ];
    post.provider.pages.lock().expect("a lock").extend(pages);
    let listing: &dyn EventListing = post.provider.as_ref();
    assert_eq!(compare(post.desk(), "fake", listing).await, Ok(2));
    assert_eq!(compare(post.desk(), "fake", listing).await, Ok(0));
    let cursor = post.desk().stores.inbox_cursors.cursor("fake").await.expect("an answer");
    assert_eq!(cursor.map(|cursor| cursor.cursor).as_deref(), Some("2"));
    post.settle().await;
    let mut applied = post.provider.applied();
    applied.sort();
    assert_eq!(applied, ["evt_1", "evt_2", "evt_3"]);
}

#[tokio::test]
async fn the_worker_applies_what_waits_when_it_comes_round() {
    let post = Post::new().await;
    post.call("evt_1 paid cus_1").await.expect("it is kept");
    let worker = crate::worker::Worker::new(Arc::clone(post.desk()));
    assert_eq!(worker.tick().await, Ok(1));
    assert_eq!(post.provider.applied(), ["evt_1"]);
}

#[tokio::test]
async fn a_running_worker_applies_a_call_without_waiting_for_its_poll() {
    let provider = Arc::new(FakeProvider::default());
    let source = Source::new(provider.clone(), provider.clone());
    let sources = Sources::default().with("fake", source);
    // A poll that never comes round: only the wake can bring the worker here.
    let change = |settings: &mut crate::settings::Settings| settings.waits.poll = DAY;
    let world = World::with_sources(change, sources).await;
    let worker = crate::worker::Worker::new(Arc::clone(&world.desk));
    worker.start().await.expect("it starts");
    let taken = take_in(&world.desk, "fake", &genuine(), "evt_1 paid cus_1".into()).await;
    assert_eq!(taken, Ok(InboxReception::Stored));
    let applied = async {
        while provider.applied().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), applied).await.expect("it is applied");
    assert!(worker.stop(Duration::from_secs(10)).await);
}
