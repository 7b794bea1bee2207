//! A world that tells the truth: one target, the network behind it, and a publisher that may die
//! or be stopped at every moment.

use crate::tests::{
    ADA, BOB, CONNECTION, content, create_of, hash, picture, ready, remote, target, thread,
};
use crate::{
    AbandonReason, Content, Context, Lookup, Post, PostCommand, Proof, Rejection, Remote,
    Resolution, Verdict,
};
use herald_kernel::{Decider, Instant};
use std::{collections::BTreeMap, time::Duration};

/// What is special about a world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nature {
    /// A thread with a first comment, or a single post.
    pub(crate) threaded: bool,
    /// With pictures the network does not know a text again.
    pub(crate) pictured: bool,
    /// How long the network takes to list what it published.
    pub(crate) lag: Duration,
}

/// A copy of a step on the network.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    pub(crate) remote: Remote,
    listed: Instant,
}

/// A request that was written down and not sent yet.
struct Pending {
    attempt: u32,
    step: u16,
    deadline: Instant,
}

pub(crate) struct World {
    nature: Nature,
    pub(crate) now: Instant,
    pub(crate) post: Post,
    pub(crate) copies: BTreeMap<u16, Vec<Copy>>,
    sent: u16,
    stopped: Option<Pending>,
}

impl World {
    pub(crate) fn new(nature: Nature) -> Self {
        let now = crate::tests::t(0);
        let (post, copies) = (Post::default(), BTreeMap::new());
        let mut world = Self { nature, now, post, copies, sent: 0, stopped: None };
        world.ask(create_of(says(nature), &[CONNECTION]));
        world.ask(PostCommand::PublishNow { by: ADA });
        world
    }

    fn ask(&mut self, command: PostCommand) -> bool {
        let mut context = Context::at(self.now);
        // Patience lets histories go on where a short grace would end them.
        context.policy.late_grace_minutes = 43_200;
        let Ok(events) = self.post.decide(command, &context) else { return false };
        for event in &events {
            self.post.evolve(event);
        }
        true
    }

    /// Mostly what a diligent publisher does next, so that histories go deep; else anything.
    pub(crate) fn turn(&mut self, what: u8, detail: u8) {
        let target = target();
        let state = self.post.target(target).map_or("", |target| target.state.name());
        let diligent = match state {
            "scheduled" | "due" => 0,
            "preparing" => 1,
            "committing" | "outcome_unknown" | "reconciling" => 2,
            "needs_human" => 4,
            _ => 3,
        };
        match if what.is_multiple_of(4) { what / 4 % 6 } else { diligent } {
            0 => {
                self.ask(PostCommand::BeginAttempt { target, preflight: ready() });
            }
            1 => self.intend(detail),
            2 => self.look(),
            3 => {
                self.ask(PostCommand::RetryTarget { target, by: BOB });
            }
            4 => self.person(detail),
            _ => self.wake(detail),
        }
    }

    /// Writes the intent down; then sends it, or is stopped before.
    fn intend(&mut self, detail: u8) {
        let target = target();
        let Some(plan) = self.post.next_step(target) else { return };
        let attempt = self.post.target(target).map_or(0, |target| target.attempt);
        let (step, deadline) = (plan.index, self.now.plus(Duration::from_secs(600)));
        let marker = hash("m");
        if !self.ask(PostCommand::IntendCommit { target, attempt, step, deadline, marker }) {
            return;
        }
        let pending = Pending { attempt, step, deadline };
        if detail.is_multiple_of(4) {
            self.stopped = Some(pending);
        } else {
            self.send(&pending, detail / 4);
        }
    }

    /// The process dies, or the one that was stopped goes on where it was.
    fn wake(&mut self, detail: u8) {
        if let Some(pending) = self.stopped.take() {
            // The publisher looks at the clock immediately before the write.
            if self.now < pending.deadline {
                self.send(&pending, detail);
            }
            return;
        }
        let target = target();
        let attempt = self.post.target(target).map_or(0, |target| target.attempt);
        let reason = AbandonReason::Interrupted;
        self.ask(PostCommand::AbandonAttempt { target, attempt, reason, retry_at: None });
    }

    /// The network takes it or not; the answer arrives or not.
    fn send(&mut self, pending: &Pending, detail: u8) {
        let Pending { attempt, step, .. } = *pending;
        let known = self.copies.get(&step).is_some_and(|copies| !copies.is_empty());
        let refused = |proof| {
            let (code, detail) = ("no".to_owned(), String::new());
            Verdict::Rejected(Rejection { proof, code, detail, retry_at: None })
        };
        let verdict = if known && !self.nature.pictured {
            refused(Proof::Duplicate)
        } else if detail.is_multiple_of(2) {
            self.sent += 1;
            let remote = remote(self.sent);
            let listed = self.now.plus(self.nature.lag);
            self.copies.entry(step).or_default().push(Copy { remote: remote.clone(), listed });
            Verdict::Committed(remote)
        } else {
            refused(if detail.is_multiple_of(3) { Proof::NotSent } else { Proof::Invalid })
        };
        if detail % 5 < 2 {
            self.ask(PostCommand::RecordVerdict { target: target(), attempt, step, verdict });
        }
    }

    fn look(&mut self) {
        let target = target();
        if let Some((step, intent)) = self.post.intent(target) {
            let attempt = intent.attempt;
            self.ask(PostCommand::DeclareUnknown { target, attempt, step });
        }
        self.ask(PostCommand::BeginReconcile { target });
        let Some((step, _)) = self.post.in_question(target) else { return };
        let listed = self.stands(step).filter(|copy| copy.listed <= self.now);
        let absent = Lookup::Absent { listed_at: self.now, complete: true };
        let lookup = listed.map_or(absent, |copy| Lookup::Found(copy.remote.clone()));
        self.ask(PostCommand::RecordLookup { target, step, lookup });
    }

    /// A person sees what stands, listed or not.
    fn person(&mut self, detail: u8) {
        let target = target();
        if detail.is_multiple_of(2) {
            self.ask(PostCommand::Reconcile { target, by: BOB });
            return;
        }
        let Some((step, _)) = self.post.in_question(target) else { return };
        let stands = self.stands(step).map(|copy| copy.remote.clone());
        let resolution = stands.map_or(Resolution::NotPublished, Resolution::Published);
        self.ask(PostCommand::ResolveByPerson { target, by: BOB, resolution });
    }

    fn stands(&self, step: u16) -> Option<&Copy> {
        self.copies.get(&step)?.first()
    }
}

fn says(nature: Nature) -> Content {
    let mut says = if nature.threaded { thread() } else { content("hello") };
    if nature.pictured {
        let steps = std::iter::once(&mut says.root).chain(&mut says.segments);
        steps.chain(&mut says.first_comment).for_each(|step| step.media = vec![picture(1)]);
    }
    says
}
