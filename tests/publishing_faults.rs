//! Once, or not at all, or a person decides: publishing under crashes and faults at every boundary.
//!
//! The oracle is the sandbox's own ledger: what X really did.

#![allow(
    clippy::allow_attributes,
    clippy::pedantic,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    dead_code,
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "a test stops with a sentence, and each uses a part of what they share"
)]

mod house;

use herald_application::{
    caller::Caller,
    commands::{
        media::{Upload, upload_media},
        post::{ContentInput, CreatePost, MediaInput, OnPost, PublishPost, StepInput},
    },
};
use herald_kernel::PostId;
use herald_post::{Post, TargetState};
use herald_sandbox::{Cut, Effect, Kind, Rule};
use house::{End, Life, World, fuse::Fuse};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{collections::BTreeMap, time::Duration};

/// What kinds of post there are to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Root,
    Thread,
    Picture,
    FirstComment,
}

const SHAPES: [Shape; 4] = [Shape::Root, Shape::Thread, Shape::Picture, Shape::FirstComment];

/// The accounts on X that a post may go to.
const HANDLES: [&str; 3] = ["sandbox_bakery", "sandbox_studio", "sandbox_bikes"];

/// A connected installation with a post that is about to go out.
struct Stage {
    world: World,
    life: Option<Life>,
    post: PostId,
    /// Where it goes.
    handles: &'static [&'static str],
    texts: Vec<String>,
}

impl Stage {
    /// A post to the first `accounts` of the handles.
    fn set(shape: Shape, seed: u64, accounts: usize) -> Self {
        let world = World::new();
        let life = world.live(Fuse::never());
        let ada = world.open_account(&life, "Ada");
        let handles = &HANDLES[..accounts];
        let connections = handles.iter().map(|handle| world.connect(&life, &ada, handle)).collect();
        let (content, texts) = content(&life, &ada, shape, seed);
        let create = CreatePost { content, connections };
        let post = world.tell(&life, &ada, create).expect("the post is created");
        world.tell(&life, &ada, OnPost(PublishPost { post })).expect("it is to go out now");
        Self { world, life: Some(life), post, handles, texts }
    }

    fn life(&self) -> &Life {
        self.life.as_ref().expect("alive")
    }

    /// Runs on with the fuse at `boundary`; answers whether it blew.
    fn run_until(&mut self, boundary: i64) -> bool {
        self.life().fuse.set(boundary);
        let died = self.world.run_until(self.life(), || self.is_settled()) == End::Died;
        if died && let Some(life) = self.life.take() {
            life.crash();
            // Whoever died holds what it claimed until the lease runs out.
            self.world.advance(Duration::from_secs(61));
            self.life = Some(self.world.live(Fuse::never()));
        }
        died
    }

    /// What became of each target, in the order of the handles.
    fn states(&self) -> Vec<TargetState> {
        let life = self.life();
        let loaded = life.runtime.block_on(life.desk.journal.load::<Post>(self.post.uuid()));
        let post = loaded.expect("the post loads").state;
        post.targets().iter().map(|target| target.state.clone()).collect()
    }

    fn is_settled(&self) -> bool {
        self.states().iter().all(is_settled)
    }

    /// How often each step is out in the world, on the account `handle`.
    fn counts(&self, handle: &str) -> Vec<usize> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for text in self.world.published_by(handle) {
            *seen.entry(text).or_default() += 1;
        }
        self.texts.iter().map(|text| seen.get(text).copied().unwrap_or_default()).collect()
    }

    /// The promise, whatever happened.
    fn check(&self, story: &str) {
        for (handle, state) in self.handles.iter().zip(self.states()) {
            let counts = self.counts(handle);
            let told = format!("{story}, {handle}: {state:?}, in the world {counts:?}");
            assert!(counts.iter().all(|n| *n <= 1), "a step went out twice: {told}");
            let all = counts.iter().all(|n| *n == 1);
            let none = counts.iter().all(|n| *n == 0);
            let truthful = match &state {
                TargetState::Published => all,
                TargetState::Failed(_) | TargetState::Missed | TargetState::Canceled => none,
                TargetState::PartiallyPublished(_) => !all && !none,
                TargetState::NeedsHuman { .. } | TargetState::Held(_) => true,
                _ => panic!("this is no end: {told}"),
            };
            assert!(truthful, "the log does not say what is so: {told}");
        }
    }
}

/// Has a target come to an end from which only a person leads on?
fn is_settled(state: &TargetState) -> bool {
    match state {
        TargetState::Published
        | TargetState::PartiallyPublished(_)
        | TargetState::Failed(_)
        | TargetState::NeedsHuman { .. }
        | TargetState::Missed
        | TargetState::Canceled
        | TargetState::RemoteRemoved => true,
        TargetState::Idle
        | TargetState::Scheduled
        | TargetState::Due
        | TargetState::Preparing
        | TargetState::Committing
        | TargetState::OutcomeUnknown
        | TargetState::Reconciling
        | TargetState::NotPublished
        | TargetState::Held(_) => false,
    }
}

fn content(life: &Life, ada: &Caller, shape: Shape, seed: u64) -> (ContentInput, Vec<String>) {
    let step = |text: &str| StepInput { text: text.try_into().expect("text"), media: Vec::new() };
    let text = |n: usize| format!("step {n} of story {seed}, fresh from the oven & <hot>");
    let mut content = ContentInput {
        root: step(&text(0)),
        segments: Vec::new(),
        first_comment: None,
        made_with_ai: false,
    };
    let mut texts = vec![text(0)];
    match shape {
        Shape::Root => {}
        Shape::Thread => {
            texts.extend([text(1), text(2)]);
            content.segments = vec![step(&text(1)), step(&text(2))];
        }
        Shape::FirstComment => {
            texts.push(text(1));
            content.first_comment = Some(step(&text(1)));
        }
        Shape::Picture => {
            let picture = Upload {
                name: "bread.png".try_into().expect("a name"),
                alt: Some("a loaf".try_into().expect("text")),
                bytes: pixel(),
            };
            let upload = upload_media(&life.desk, ada, picture);
            let media = life.runtime.block_on(upload).expect("the picture is taken").id;
            content.root.media = vec![MediaInput { media, alt: None }];
        }
    }
    (content, texts)
}

/// The smallest picture: one pixel.
fn pixel() -> bytes::Bytes {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec();
    png.extend_from_slice(b"\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82");
    png.into()
}

/// Kills the process at each boundary in turn, before and after every append and every call, until a
/// life comes to its end without reaching the fuse.
fn dies_everywhere(shape: Shape, accounts: usize) {
    for boundary in 0.. {
        let mut stage = Stage::set(shape, 1, accounts);
        let died = stage.run_until(boundary);
        if died {
            assert!(!stage.run_until(i64::MAX));
        }
        let story = format!("{shape:?}, {accounts} accounts, death at boundary {boundary}");
        stage.check(&story);
        for end in stage.states() {
            let asks = shape == Shape::Picture && matches!(end, TargetState::NeedsHuman { .. });
            // X may not know a picture post again, so only a person may have it sent a second time.
            assert!(end == TargetState::Published || asks, "{story}: {end:?}");
        }
        if !died {
            assert!(boundary > 6, "the fuse was never near: {boundary}");
            return;
        }
    }
}

#[test]
fn a_root_goes_out_once_wherever_the_process_dies() {
    dies_everywhere(Shape::Root, 1);
}

#[test]
fn a_thread_goes_out_once_wherever_the_process_dies() {
    dies_everywhere(Shape::Thread, 1);
}

#[test]
fn a_picture_goes_out_once_wherever_the_process_dies() {
    dies_everywhere(Shape::Picture, 1);
}

#[test]
fn a_first_comment_goes_out_once_wherever_the_process_dies() {
    dies_everywhere(Shape::FirstComment, 1);
}

#[test]
fn a_root_goes_out_once_on_each_of_three_accounts_wherever_the_process_dies() {
    dies_everywhere(Shape::Root, 3);
}

fn some_fault(dice: &mut StdRng) -> Rule {
    let effects = [Effect::Before, Effect::After];
    let effect = *effects.choose(dice).expect("two");
    // What a network says of itself is believed where its documents promise it: a 401 or 429 with
    // the effect done would be a lie that no client can see through.
    let codes: &[u16] = match effect {
        Effect::Before => &[400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504],
        Effect::After => &[400, 403, 404, 408, 409, 422, 500, 502, 503, 504],
    };
    let kind = match dice.random_range(0..7) {
        0 | 1 => Kind::Status {
            code: *codes.choose(dice).expect("some"),
            body: None,
            headers: BTreeMap::new(),
            effect,
        },
        2 | 3 => {
            let cuts = [Cut::BeforeEffect, Cut::AfterEffect, Cut::MidBody];
            Kind::Cut { when: *cuts.choose(dice).expect("three"), reset: dice.random_bool(0.5) }
        }
        4 => Kind::Garbage { body: None, effect },
        5 => Kind::Hang { effect },
        _ => Kind::RateLimited { retry_after: Some(serde_json::json!(2)) },
    };
    let operations = ["create_post", "create_post", "create_post", "user_posts", "upload_media"];
    let mut rule = Rule::once("x", operations.choose(dice).expect("some"), kind);
    rule.after = dice.random_range(0..3);
    rule.times = Some(dice.random_range(1..3));
    rule
}

/// One random story: a shape, up to three accounts, up to four faults, perhaps a lagging listing, up to two deaths.
fn story(seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let shape = *SHAPES.choose(&mut dice).expect("some");
    let mut stage = Stage::set(shape, seed, dice.random_range(1..=HANDLES.len()));
    let mut told = format!("seed {seed}, {shape:?}, {} accounts", stage.handles.len());
    for _ in 0..dice.random_range(1..5) {
        let rule = some_fault(&mut dice);
        told = format!("{told}, {rule:?}");
        stage.world.sandbox.state().add_fault(rule);
    }
    if dice.random_bool(0.2) {
        // Below the settle time: absence that is claimed later is true.
        stage.world.sandbox.state().add_fault(Rule {
            times: None,
            ..Rule::once("x", "user_posts", Kind::Lag { seconds: dice.random_range(1..600) })
        });
    }
    for _ in 0..dice.random_range(0..3) {
        let boundary = dice.random_range(0..24);
        told = format!("{told}, death at {boundary}");
        stage.run_until(boundary);
    }
    assert!(!stage.run_until(i64::MAX), "{told}");
    stage.check(&told);
}

/// Stories that are told side by side.
const LANES: usize = 4;

/// `HERALD_FAULT_RUNS` says how many, `HERALD_FAULT_SEED` replays a single one.
#[test]
fn no_random_story_publishes_a_step_twice() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("HERALD_FAULT_SEED") {
        return story(seed);
    }
    let runs = number("HERALD_FAULT_RUNS").unwrap_or(40);
    // Most of a story is waiting for answers that do not come.
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            scope.spawn(move || (0..runs).skip(lane).step_by(LANES).for_each(story));
        }
    });
}

#[test]
fn a_listing_that_lags_longer_than_we_settle_ends_with_a_person() {
    let mut stage = Stage::set(Shape::Root, 7, 1);
    let sandbox = stage.world.sandbox.state();
    sandbox.add_fault(Rule::once(
        "x",
        "create_post",
        Kind::Cut { when: Cut::AfterEffect, reset: false },
    ));
    let days = Kind::Lag { seconds: 7 * 24 * 3600 };
    sandbox.add_fault(Rule { times: None, ..Rule::once("x", "user_posts", days) });
    assert!(!stage.run_until(i64::MAX));
    stage.check("a lagging listing");
    let states = stage.states();
    assert!(matches!(states[..], [TargetState::NeedsHuman { .. }]), "{states:?}");
}

#[test]
fn every_shape_goes_out_on_all_accounts_of_a_post() {
    for shape in SHAPES {
        let mut stage = Stage::set(shape, 3, HANDLES.len());
        assert!(!stage.run_until(i64::MAX));
        stage.check(&format!("{shape:?}"));
        assert_eq!(stage.states(), vec![TargetState::Published; HANDLES.len()], "{shape:?}");
    }
}
