//! Given what happened, when somebody asks, then this follows.

mod approval;
mod attempts;
mod editing;
mod events;
mod histories;
mod holding;
mod names;
mod people;
mod reconciling;
mod rules;
mod scheduling;
mod status;
mod verdicts;

use crate::{
    Content, Context, MediaKind, MediaRef, NewTarget, Post, PostCommand, PostEvent, PostRefusal,
    Preflight, Readiness, Remote, Schedule, StepContent, TargetState, Verdict, When, target_id,
};
use herald_kernel::{
    AccountId, ConnectionId, ContentHash, Decider, Instant, MediaId, MemberId, Network, Personal,
    PostId, Refusal as _, TargetId,
};
use std::time::Duration;
use uuid::Uuid;

const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(1));
const ADA: MemberId = MemberId::new(Uuid::from_u128(2));
const BOB: MemberId = MemberId::new(Uuid::from_u128(3));
const EVE: MemberId = MemberId::new(Uuid::from_u128(4));
const POST: PostId = PostId::new(Uuid::from_u128(5));
const CONNECTION: ConnectionId = ConnectionId::new(Uuid::from_u128(6));
const SECOND: ConnectionId = ConnectionId::new(Uuid::from_u128(7));

/// Minutes after nine o'clock.
fn t(minutes: u64) -> Instant {
    let nine: Instant = "2026-11-21T09:00:00Z".parse().expect("an instant");
    nine.plus(Duration::from_secs(minutes * 60))
}

fn at(minutes: u64) -> Context {
    Context::at(t(minutes))
}

fn hash(text: &str) -> ContentHash {
    ContentHash::new(format!("hash of {text}"))
}

fn step(text: &str) -> StepContent {
    StepContent { text: text.try_into().expect("valid"), media: vec![] }
}

fn picture(bytes: u64) -> MediaRef {
    let media = MediaId::new(Uuid::from_u128(9));
    MediaRef { media, alt: None, kind: MediaKind::Png, bytes }
}

/// Pictures of these sizes, every one another.
fn pictures(sizes: &[u64]) -> Vec<MediaRef> {
    let another = |(number, bytes): (u128, &u64)| MediaRef {
        media: MediaId::new(Uuid::from_u128(number)),
        ..picture(*bytes)
    };
    (1..).zip(sizes).map(another).collect()
}

fn content(text: &str) -> Content {
    Content { root: step(text), ..Content::default() }
}

/// A root, one more segment, and a first comment.
fn thread() -> Content {
    Content {
        root: step("root"),
        segments: vec![step("second")],
        first_comment: Some(step("comment")),
        made_with_ai: false,
    }
}

fn new_target(connection: ConnectionId) -> NewTarget {
    let target = target_id(POST, connection);
    NewTarget { target, connection, network: Network::X, text_limit: 280 }
}

fn target() -> TargetId {
    target_id(POST, CONNECTION)
}

fn create_of(content: Content, connections: &[ConnectionId]) -> PostCommand {
    PostCommand::Create {
        account: ACCOUNT,
        author: ADA,
        content: Personal::Known(content),
        hash: hash("v1"),
        targets: connections.iter().map(|connection| new_target(*connection)).collect(),
        origin: None,
    }
}

fn create() -> PostCommand {
    create_of(content("hello"), &[CONNECTION])
}

fn edit(text: &str) -> PostCommand {
    PostCommand::Edit { content: Personal::Known(content(text)), hash: hash(text), by: ADA }
}

fn schedule(minutes: u64) -> PostCommand {
    PostCommand::Schedule { when: When::At(t(minutes)), by: ADA }
}

fn schedule_at(minutes: u64) -> Schedule {
    Schedule { instant: t(minutes), wall: None, asap: false }
}

fn begin() -> PostCommand {
    PostCommand::BeginAttempt { target: target(), preflight: ready() }
}

fn ready() -> Preflight {
    Preflight { publishing: Readiness::Ready, media_ready: true, text_limit: 280 }
}

fn intend(attempt: u32, step: u16, deadline: u64) -> PostCommand {
    let marker = hash("marker");
    PostCommand::IntendCommit { target: target(), attempt, step, deadline: t(deadline), marker }
}

fn verdict(attempt: u32, step: u16, verdict: Verdict) -> PostCommand {
    PostCommand::RecordVerdict { target: target(), attempt, step, verdict }
}

fn committed(attempt: u32, step: u16) -> PostCommand {
    verdict(attempt, step, Verdict::Committed(remote(step)))
}

fn remote(number: u16) -> Remote {
    let remote_id = format!("{}", 1000 + u32::from(number));
    let url = format!("https://x.com/i/status/{remote_id}");
    Remote { remote_id, url }
}

/// A history that is written by asking.
#[derive(Debug, Clone, Default)]
struct Story {
    post: Post,
    events: Vec<PostEvent>,
}

impl Story {
    /// Asks at `context`; panics when that is refused.
    #[must_use]
    fn and(mut self, command: PostCommand, context: &Context) -> Self {
        let asked = format!("{command:?}");
        match self.post.decide(command, context) {
            Ok(events) => {
                for event in &events {
                    assert_reads_back(event);
                    self.post.evolve(event);
                }
                self.events.extend(events);
                self
            }
            Err(refusal) => panic!("{asked} was refused: {refusal}\n{:#?}", self.events),
        }
    }

    /// What follows from a command; the story stays as it is.
    fn when(&self, command: PostCommand, context: &Context) -> Result<Vec<PostEvent>, PostRefusal> {
        self.post.decide(command, context)
    }

    /// The code with which a command is refused.
    fn refused(&self, command: PostCommand, context: &Context) -> &'static str {
        let asked = format!("{command:?}");
        match self.post.decide(command, context) {
            Ok(events) => panic!("{asked} was followed: {events:#?}"),
            Err(refusal) => refusal.code(),
        }
    }

    /// The stored names of what follows.
    fn names(&self, command: PostCommand, context: &Context) -> Vec<&'static str> {
        use herald_kernel::Fact;
        let events = self.post.decide(command, context).expect("followed");
        events.iter().map(Fact::name).collect()
    }

    fn state(&self) -> &TargetState {
        &self.post.target(target()).expect("the target").state
    }

    fn state_name(&self) -> &'static str {
        self.state().name()
    }
}

/// An event that was written and cannot be read again would make its post unreadable for ever.
fn assert_reads_back(event: &PostEvent) {
    let json = serde_json::to_string(event).expect("serialises");
    let read = serde_json::from_str::<PostEvent>(&json);
    assert_eq!(read.map_err(|error| format!("{error}: {json}")).as_ref(), Ok(event));
}

/// A post that was written at nine.
fn written(content: Content) -> Story {
    Story::default().and(create_of(content, &[CONNECTION]), &at(0))
}

/// A draft of one step.
fn draft() -> Story {
    written(content("hello"))
}

/// A draft with a time: ten past nine.
fn scheduled() -> Story {
    draft().and(schedule(10), &at(0))
}

/// An attempt is open since ten past nine.
fn preparing(content: Content) -> Story {
    written(content).and(schedule(10), &at(0)).and(begin(), &at(10))
}

/// An intent is open since ten past nine, until eleven past nine.
fn committing(content: Content) -> Story {
    preparing(content).and(intend(1, 0, 11), &at(10))
}

/// Nobody saw how the intent ended.
fn unknown(content: Content) -> Story {
    let lost = PostCommand::DeclareUnknown { target: target(), attempt: 1, step: 0 };
    committing(content).and(lost, &at(11))
}

/// The unknown outcome is being looked up since eleven past nine.
fn reconciling(content: Content) -> Story {
    unknown(content).and(PostCommand::BeginReconcile { target: target() }, &at(11))
}
