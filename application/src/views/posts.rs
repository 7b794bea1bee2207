//! Posts as people see them; and, derived, their targets and what of them waits for a person.

mod waiting;

pub use waiting::next_action;

use super::{Document, FoldError, write};
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use herald_kernel::{AccountId, ConnectionId, Decider as _, Instant, PostId, TargetId};
use herald_post::{
    HoldReason, Post, PostEvent, Remote, Schedule, Target, TargetState, UnknownCause,
};
use serde::{Deserialize, Serialize};

/// Posts.
pub const NAME: &str = "posts";
/// Targets: the unit of the calendar.
pub const TARGETS: &str = "targets";
/// What of posts waits for a person.
pub const ATTENTION: &str = "attention_posts";

/// How much of a text a list shows.
const EXCERPT: usize = 140;

/// A post with its history in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostDoc {
    /// The post.
    pub id: PostId,
    /// Whose.
    pub account: AccountId,
    /// Its state, folded by the domain itself, so that the view cannot disagree with it.
    pub post: Post,
    /// When it was created.
    pub created_at: Instant,
    /// When anything last happened to it.
    pub updated_at: Instant,
    /// What reviewers said, oldest first.
    pub reviews: Vec<ReviewDoc>,
    /// Every attempt at every target, oldest first.
    pub attempts: Vec<AttemptDoc>,
}

/// What a reviewer said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDoc {
    /// `submitted`, `approved`, `changes_requested` or `rejected`.
    pub verdict: String,
    /// Who, as the log names actors.
    pub by: String,
    /// In their words.
    pub comment: Option<String>,
    /// When.
    pub at: Instant,
}

/// One attempt at one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptDoc {
    /// The target.
    pub target: TargetId,
    /// Its number, from 1.
    pub number: u32,
    /// The first step that it was to publish.
    pub step: u16,
    /// When it began.
    pub started_at: Instant,
    /// When its outcome was known, if it is.
    pub ended_at: Option<Instant>,
    /// `open`, `published`, `rejected`, `unknown`, `abandoned` or `not_published`.
    pub outcome: String,
    /// The network's or our own code for it.
    pub code: Option<String>,
    /// What was seen, in words.
    pub detail: Option<String>,
}

/// A target as lists and the calendar show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetDoc {
    /// The target.
    pub id: TargetId,
    /// Its post.
    pub post: PostId,
    /// Where it appears.
    pub connection: ConnectionId,
    /// The network's name.
    pub network: String,
    /// Its state.
    pub status: String,
    /// Why it is held, if it is.
    pub held: Option<HoldReason>,
    /// The beginning of the text.
    pub excerpt: String,
    /// When it goes or went out, if that is known.
    pub at: Option<Instant>,
    /// The schedule as it was meant.
    pub schedule: Option<Schedule>,
    /// Where its root is published.
    pub remote: Option<Remote>,
    /// The remote ids of every published step, by step.
    pub remote_ids: Vec<Option<String>>,
}

impl Document for PostDoc {
    type Fact = PostEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 2;
    const READS: &'static [StreamKind] = &[StreamKind::Post];
    const DERIVES: &'static [&'static str] = &[TARGETS, ATTENTION];

    fn told(event: &Occurred) -> Option<&PostEvent> {
        let AnyEvent::Post(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(PostId::new(event.stream).to_string())
    }

    fn before(fact: &PostEvent, event: &Occurred) -> Option<Self> {
        let PostEvent::Created { account, .. } = fact else { return None };
        Some(Self {
            id: PostId::new(event.stream),
            account: *account,
            post: Post::default(),
            created_at: event.at,
            updated_at: event.at,
            reviews: Vec::new(),
            attempts: Vec::new(),
        })
    }

    fn believe(&mut self, fact: &PostEvent, event: &Occurred) {
        self.post.evolve(fact);
        self.updated_at = event.at;
        self.note_review(fact, event);
        self.note_attempt(fact, event.at);
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        let scheduled = self.post.schedule().map(|schedule| schedule.instant);
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.account),
            status: self.status().to_owned(),
            at: scheduled.unwrap_or(self.created_at),
            text: self.post.content().map(|c| c.root.text.as_str().to_owned()).unwrap_or_default(),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        let targets = self.target_rows().into_iter().map(|row| (TARGETS, row));
        targets.chain(self.attention_rows().into_iter().map(|row| (ATTENTION, row))).collect()
    }
}

impl PostDoc {
    /// The attempts at one target, oldest first.
    pub fn attempts_at(&self, target: TargetId) -> impl Iterator<Item = &AttemptDoc> {
        self.attempts.iter().filter(move |attempt| attempt.target == target)
    }

    /// The beginning of what it says.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let text = self.post.content().map_or("", |content| content.root.text.as_str());
        text.chars().take(EXCERPT).collect()
    }

    /// How it stands as a whole.
    #[must_use]
    pub fn status(&self) -> &'static str {
        self.post.status().map_or("draft", herald_post::Status::name)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most events are no reviews")]
    fn note_review(&mut self, fact: &PostEvent, event: &Occurred) {
        let (verdict, comment) = match fact {
            PostEvent::Submitted { .. } => ("submitted", None),
            PostEvent::Approved { .. } => ("approved", None),
            PostEvent::ChangesRequested { comment, .. } => ("changes_requested", Some(comment)),
            PostEvent::Rejected { reason, .. } => ("rejected", Some(reason)),
            _ => return,
        };
        self.reviews.push(ReviewDoc {
            verdict: verdict.to_owned(),
            by: event.actor.clone(),
            comment: comment.and_then(|text| text.known()).map(ToString::to_string),
            at: event.at,
        });
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most events are no part of an attempt")]
    fn note_attempt(&mut self, fact: &PostEvent, at: Instant) {
        let (target, number, outcome, code, detail) = match fact {
            PostEvent::AttemptStarted { target, attempt, step, .. } => {
                self.attempts.push(AttemptDoc {
                    target: *target,
                    number: *attempt,
                    step: *step,
                    started_at: at,
                    ended_at: None,
                    outcome: "open".to_owned(),
                    code: None,
                    detail: None,
                });
                return;
            }
            PostEvent::StepPublished { target, attempt, .. } => {
                (target, attempt, "published", None, None)
            }
            PostEvent::StepRejected { target, attempt, rejection, .. } => {
                let code = Some(rejection.code.clone());
                (target, attempt, "rejected", code, Some(rejection.detail.clone()))
            }
            PostEvent::OutcomeUnknown { target, attempt, cause, .. } => {
                let seen = match cause {
                    UnknownCause::VerdictLost => "the answer was never recorded".to_owned(),
                    UnknownCause::NoAnswer { seen } => seen.clone(),
                };
                (target, attempt, "unknown", None, Some(seen))
            }
            PostEvent::AttemptAbandoned { target, attempt, reason, .. } => {
                let detail = serde_json::to_string(reason).ok();
                (target, attempt, "abandoned", None, detail)
            }
            PostEvent::StepNotPublished { target, attempt, .. } => {
                (target, attempt, "not_published", None, None)
            }
            _ => return,
        };
        let open = |a: &&mut AttemptDoc| a.target == *target && a.number == *number;
        if let Some(entry) = self.attempts.iter_mut().rev().find(open) {
            outcome.clone_into(&mut entry.outcome);
            entry.ended_at = Some(at);
            entry.code = code;
            entry.detail = detail;
        }
    }

    fn target_rows(&self) -> Vec<ViewDocument> {
        self.post.targets().iter().filter_map(|target| self.target_row(target).ok()).collect()
    }

    fn target_row(&self, target: &Target) -> Result<ViewDocument, FoldError> {
        let published = target.steps.first().and_then(|step| step.published.as_ref());
        let at = published.map(|publication| publication.at).or(target.due);
        let doc = TargetDoc {
            id: target.id,
            post: self.id,
            connection: target.connection,
            network: target.network.as_str().to_owned(),
            status: target.state.name().to_owned(),
            held: if let TargetState::Held(reason) = target.state { Some(reason) } else { None },
            excerpt: self.excerpt(),
            at,
            schedule: self.post.schedule().cloned(),
            remote: published.map(|publication| publication.remote.clone()),
            remote_ids: target
                .steps
                .iter()
                .map(|step| step.published.as_ref().map(|p| p.remote.remote_id.clone()))
                .collect(),
        };
        Ok(ViewDocument {
            id: target.id.to_string(),
            account: Some(self.account),
            status: doc.status.clone(),
            at: at.unwrap_or(self.created_at),
            text: doc.excerpt.clone(),
            doc: write(&doc)?,
        })
    }
}
