//! What holds for every history, however odd the questions are.

mod watch;
mod world;

use super::{
    ACCOUNT, ADA, BOB, CONNECTION, SECOND, content, create_of, hash, ready, remote, target, thread,
};
use crate::{
    AbandonReason, Content, Context, Failure, FailureKind, HoldReason, Lookup, Post, PostCommand,
    PostEvent, Proof, Rejection, Resolution, Resource, Target, UnknownCause, Verdict, When,
};
use herald_kernel::{Decider, Instant};
use proptest::prelude::*;
use std::time::Duration;
use watch::{Watch, check_states};
use world::{Nature, World};

/// One random question: what, about which target, with which detail, after how many seconds.
type Move = (u8, bool, u8, u16);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    // Mostly little time passes; sometimes hours.
    let wait = prop_oneof![6 => 0_u16..90, 2 => 600_u16..1200, 1 => 3600_u16..30_000];
    proptest::collection::vec((any::<u8>(), prop::bool::weighted(0.8), any::<u8>(), wait), 1..60)
}

fn says(threaded: bool) -> Content {
    if threaded { thread() } else { content("hello") }
}

/// What a target's next question could sensibly be, so that histories go deep; odd ones included.
fn about(target: &Target, detail: u8, now: Instant) -> Vec<PostCommand> {
    let id = target.id;
    let next = target.next_step().unwrap_or(0);
    let attempt = if detail % 8 == 7 { target.attempt.saturating_sub(1) } else { target.attempt };
    let step = if detail % 8 == 6 { next.saturating_sub(1) } else { next };
    let deadline = now.plus(Duration::from_secs(u64::from(detail % 64)));
    let retry_at = detail.is_multiple_of(3).then_some(deadline);
    let resource = Resource { kind: "picture".into(), remote_id: "m".into(), expires_at: retry_at };
    let reason = [
        AbandonReason::Interrupted,
        AbandonReason::NotReached { cause: "503".into() },
        AbandonReason::Canceled,
        AbandonReason::Refused { failure: picture_refused() },
    ];
    let reason = reason[usize::from(detail) % reason.len()].clone();
    vec![
        PostCommand::BeginAttempt { target: id, preflight: ready() },
        PostCommand::IntendCommit { target: id, attempt, step, deadline, marker: hash("m") },
        PostCommand::RecordVerdict {
            target: id,
            attempt,
            step,
            verdict: verdict(detail, retry_at),
        },
        PostCommand::DeclareUnknown { target: id, attempt, step },
        PostCommand::BeginReconcile { target: id },
        PostCommand::RecordLookup { target: id, step, lookup: lookup(detail, now) },
        PostCommand::RecordLookup { target: id, step, lookup: lookup(1, now) },
        PostCommand::ResolveByPerson { target: id, by: BOB, resolution: resolution(detail) },
        PostCommand::RetryTarget { target: id, by: BOB },
        PostCommand::Reconcile { target: id, by: BOB },
        PostCommand::AbandonAttempt { target: id, attempt, reason, retry_at },
        PostCommand::RecordPrepared { target: id, attempt, step, resource },
        PostCommand::HoldTarget { target: id, reason: HoldReason::Billing },
        PostCommand::ReleaseTarget { target: id },
        PostCommand::MarkMissed { target: id },
        PostCommand::ObserveRemoval { target: id },
    ]
}

fn picture_refused() -> Failure {
    let kind = FailureKind::MediaRejected;
    Failure { kind, code: "400".to_owned(), detail: "no".to_owned() }
}

fn about_the_post(detail: u8, now: Instant) -> Vec<PostCommand> {
    let when = if detail.is_multiple_of(2) {
        When::Asap
    } else {
        When::At(now.plus(Duration::from_secs(60)))
    };
    let text = format!("text {}", detail % 3);
    vec![
        PostCommand::Edit { content: content(&text).into(), hash: hash(&text), by: ADA },
        PostCommand::Submit { by: ADA },
        PostCommand::Approve {
            by: BOB,
            hash: hash(if detail.is_multiple_of(2) { "v1" } else { &text }),
        },
        PostCommand::Schedule { when: when.clone(), by: ADA },
        PostCommand::Reschedule { when, by: ADA },
        PostCommand::Unschedule { by: ADA },
        PostCommand::PublishNow { by: ADA },
        PostCommand::PublishNow { by: BOB },
        PostCommand::Cancel { by: ADA },
        PostCommand::ReResolve,
        PostCommand::Create {
            account: ACCOUNT,
            author: ADA,
            content: content("x").into(),
            hash: hash("x"),
            targets: vec![],
            origin: None,
        },
    ]
}

fn verdict(detail: u8, retry_at: Option<Instant>) -> Verdict {
    let proofs = [
        Proof::NotSent,
        Proof::Unauthorized,
        Proof::Forbidden,
        Proof::RateLimited,
        Proof::Invalid,
        Proof::Duplicate,
        Proof::Policy,
    ];
    let proof = proofs[usize::from(detail) % proofs.len()];
    match detail % 4 {
        0 | 1 => Verdict::Committed(remote(u16::from(detail % 16))),
        2 => Verdict::Rejected(Rejection {
            proof,
            code: "403".into(),
            detail: "no".into(),
            retry_at,
        }),
        _ => Verdict::Unknown { cause: UnknownCause::NoAnswer { seen: "reset".into() } },
    }
}

fn lookup(detail: u8, now: Instant) -> Lookup {
    match detail % 6 {
        0 => Lookup::Found(remote(u16::from(detail % 16))),
        4 => Lookup::Ambiguous { candidates: vec![remote(1), remote(2)] },
        5 => Lookup::Inconclusive { cause: "503".into() },
        kind => Lookup::Absent { listed_at: now, complete: kind != 3 },
    }
}

fn resolution(detail: u8) -> Resolution {
    match detail % 3 {
        0 => Resolution::Published(remote(u16::from(detail % 16))),
        1 => Resolution::NotPublished,
        _ => Resolution::Leave,
    }
}

fn read_back(events: &[PostEvent]) -> Vec<PostEvent> {
    let json = serde_json::to_string(events).expect("serialises");
    serde_json::from_str(&json).expect("reads back")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1024), ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_invariants(threaded: bool, moves in moves()) {
        let mut now = super::t(0);
        let mut post = Post::default();
        let mut watch = Watch::default();
        let mut log = Vec::new();
        let first = create_of(says(threaded), &[CONNECTION, SECOND]);
        let start = PostCommand::PublishNow { by: ADA };
        let mut asked = vec![first, start].into_iter();
        let mut moves = moves.into_iter();
        loop {
            let command = match asked.next() {
                Some(command) => command,
                None => match moves.next() {
                    None => break,
                    Some((what, first, detail, wait)) => {
                        now = now.plus(Duration::from_secs(u64::from(wait)));
                        let target = &post.targets()[usize::from(!first)];
                        let choices = if what.is_multiple_of(8) {
                            about_the_post(detail, now)
                        } else {
                            about(target, detail, now)
                        };
                        choices[usize::from(what / 8) % choices.len()].clone()
                    }
                },
            };
            let before = post.clone();
            let Ok(events) = post.decide(command, &Context::at(now)) else {
                prop_assert_eq!(&before, &post, "a refusal changes nothing");
                continue;
            };
            for event in &events {
                watch.see(event);
                post.evolve(event);
            }
            check_states(&before, &post);
            log.extend(events);
        }
        prop_assert_eq!(Post::fold(&read_back(&log)), post);
    }

    /// The world tells the truth: a verdict says what happened, a listing shows what stands once
    /// the network lists it, however late that is; a person sees it anyway. Then nothing stands
    /// twice, and what the post knows does stand.
    #[test]
    fn in_a_truthful_world_nothing_is_published_twice(
        threaded: bool,
        pictured: bool,
        lag in prop_oneof![0_u64..900, 0_u64..40_000],
        moves in proptest::collection::vec((any::<u8>(), any::<u8>(), 0_u16..1200), 1..60),
    ) {
        let lag = Duration::from_secs(lag);
        let mut world = World::new(Nature { threaded, pictured, lag });
        for (what, detail, wait) in moves {
            world.now = world.now.plus(Duration::from_secs(u64::from(wait)));
            world.turn(what, detail);
            for (step, copies) in &world.copies {
                prop_assert!(copies.len() <= 1, "step {} stands {} times", step, copies.len());
            }
        }
        let known = world.post.target(target()).expect("a target");
        for (step, index) in known.steps.iter().zip(0_u16..) {
            if let Some(published) = &step.published {
                let stands = world.copies.get(&index).and_then(|copies| copies.first());
                prop_assert_eq!(Some(&published.remote), stands.map(|copy| &copy.remote));
            }
        }
    }
}
