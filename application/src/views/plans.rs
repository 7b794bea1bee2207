//! Content plans as people see them; and, derived, what of them waits for a person.

use super::{
    Document, FoldError,
    attention::{AttentionDoc, attention_row},
    posts::ReviewDoc,
    write,
};
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use herald_content_plan::{
    ContentPlan, FailureKind, Outcome, PlanEvent as Event, Profile, Purpose, Status, Usage,
};
use herald_kernel::{AccountId, Decider as _, Instant, MemberId, Personal, PlanId, RunId};
use serde::{Deserialize, Serialize};

/// Plans.
pub const NAME: &str = "plans";
/// What of plans waits for a person.
pub const ATTENTION: &str = "attention_plans";

/// How much of a goal a list shows.
const EXCERPT: usize = 140;

/// A content plan with its history in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanDoc {
    /// The plan.
    pub id: PlanId,
    /// Whose.
    pub account: AccountId,
    /// Its state, folded by the domain itself, so that the view cannot disagree with it.
    pub plan: ContentPlan,
    /// The version that a client compares.
    pub version: i64,
    /// When it was created.
    pub created_at: Instant,
    /// When anything last happened to it.
    pub updated_at: Instant,
    /// What reviewers said, oldest first.
    pub reviews: Vec<ReviewDoc>,
    /// Every run of the models, oldest first.
    pub runs: Vec<RunDoc>,
}

/// One run of the models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDoc {
    /// The run.
    pub id: RunId,
    /// Who asked for it.
    pub by: MemberId,
    /// How the models were to be asked.
    pub profiles: Vec<Profile>,
    /// Where the content store keeps the prompt.
    pub prompt_ref: String,
    /// When it began.
    pub started_at: Instant,
    /// When it ended, if it did.
    pub ended_at: Option<Instant>,
    /// `open`, `succeeded`, `failed` or `abandoned`.
    pub status: String,
    /// Every answer of a provider, oldest first.
    pub answers: Vec<AnswerDoc>,
    /// What it took, if it succeeded.
    pub outcome: Option<Outcome>,
    /// Why it failed, if it did.
    pub failure: Option<FailureKind>,
    /// What was wrong, in words.
    pub detail: Option<String>,
}

/// One answer of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerDoc {
    /// For what.
    pub purpose: Purpose,
    /// Who answered.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// The provider's id of the answer.
    pub request_id: String,
    /// What it took.
    pub usage: Usage,
    /// When.
    pub at: Instant,
}

impl Document for PlanDoc {
    type Fact = Event;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 1;
    const READS: &'static [StreamKind] = &[StreamKind::Plan];
    const DERIVES: &'static [&'static str] = &[ATTENTION];

    fn told(event: &Occurred) -> Option<&Event> {
        let AnyEvent::Plan(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(PlanId::new(event.stream).to_string())
    }

    fn before(fact: &Event, event: &Occurred) -> Option<Self> {
        let Event::Created { account, .. } = fact else { return None };
        Some(Self {
            id: PlanId::new(event.stream),
            account: *account,
            plan: ContentPlan::default(),
            version: 0,
            created_at: event.at,
            updated_at: event.at,
            reviews: Vec::new(),
            runs: Vec::new(),
        })
    }

    fn believe(&mut self, fact: &Event, event: &Occurred) {
        self.plan.evolve(fact);
        self.version = event.sequence;
        self.updated_at = event.at;
        self.note_review(fact, event);
        self.note_run(fact, event.at);
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        let brief = self.plan.brief().and_then(Personal::known);
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.account),
            status: self.plan.status().as_str().to_owned(),
            at: self.created_at,
            text: brief.map(|brief| brief.goal.to_string()).unwrap_or_default(),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        self.attention().map(|row| (ATTENTION, row)).into_iter().collect()
    }
}

impl PlanDoc {
    /// The beginning of what it is to achieve.
    #[must_use]
    pub fn title(&self) -> String {
        let brief = self.plan.brief().and_then(Personal::known);
        let goal = brief.map_or("", |brief| brief.goal.as_str());
        goal.chars().take(EXCERPT).collect()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other events are no reviews")]
    fn note_review(&mut self, fact: &Event, event: &Occurred) {
        let (verdict, comment) = match fact {
            Event::Submitted { .. } => ("submitted", None),
            Event::Approved { .. } => ("approved", None),
            Event::ChangesRequested { comment, .. } => ("changes_requested", comment.known()),
            _ => return,
        };
        self.reviews.push(ReviewDoc {
            verdict: verdict.to_owned(),
            by: event.actor.clone(),
            comment: comment.map(ToString::to_string),
            at: event.at,
        });
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other events are not about a run")]
    fn note_run(&mut self, fact: &Event, at: Instant) {
        match fact {
            Event::GenerationIntended { run, by, profiles, prompt_ref, .. } => {
                self.runs.push(RunDoc {
                    id: *run,
                    by: *by,
                    profiles: profiles.clone(),
                    prompt_ref: prompt_ref.to_string(),
                    started_at: at,
                    ended_at: None,
                    status: "open".to_owned(),
                    answers: Vec::new(),
                    outcome: None,
                    failure: None,
                    detail: None,
                });
            }
            Event::GenerationAttempted { run, purpose, provider, model, request_id, usage } => {
                let answer = AnswerDoc {
                    purpose: *purpose,
                    provider: provider.to_string(),
                    model: model.to_string(),
                    request_id: request_id.to_string(),
                    usage: *usage,
                    at,
                };
                self.change_run(*run, |doc| doc.answers.push(answer));
            }
            Event::GenerationSucceeded { run, outcome } => self.change_run(*run, |doc| {
                doc.end("succeeded", at);
                doc.outcome = Some((**outcome).clone());
            }),
            Event::GenerationFailed { run, kind, detail } => self.change_run(*run, |doc| {
                doc.end("failed", at);
                doc.failure = Some(*kind);
                doc.detail = detail.known().map(ToString::to_string);
            }),
            Event::Archived { .. } => {
                let open = self.runs.iter_mut().filter(|run| run.ended_at.is_none());
                open.for_each(|run| run.end("abandoned", at));
            }
            _ => {}
        }
    }

    fn change_run(&mut self, id: RunId, change: impl FnOnce(&mut RunDoc)) {
        if let Some(run) = self.runs.iter_mut().rev().find(|run| run.id == id) {
            change(run);
        }
    }

    fn attention(&self) -> Option<ViewDocument> {
        let (kind, reason, action) = self.wants_a_person()?;
        let doc = AttentionDoc {
            id: format!("{kind}/{}", self.id),
            kind: kind.to_owned(),
            subject: self.id.to_string(),
            post: None,
            title: self.title(),
            reason,
            next_action: action.to_owned(),
            since: self.updated_at,
        };
        attention_row(self.account, &doc).ok()
    }

    /// Kind, reason and next action, for states in which only a person can go on.
    fn wants_a_person(&self) -> Option<(&'static str, String, &'static str)> {
        match self.plan.status() {
            Status::InReview => {
                let reason = "a content plan waits for approval".to_owned();
                Some(("plan_approval", reason, "approveContentPlan"))
            }
            Status::GenerationFailed => {
                let kind = self.plan.failure().map_or("unknown", FailureKind::as_str);
                let detail = self.runs.last().and_then(|run| run.detail.as_deref());
                let reason = format!("writing the plan failed ({kind}): {}", detail.unwrap_or("-"));
                Some(("generation_failed", reason, "generateContentPlan"))
            }
            Status::Absent
            | Status::Draft
            | Status::Generating
            | Status::Proposed
            | Status::ChangesRequested
            | Status::Approved
            | Status::Materialized
            | Status::Completed
            | Status::Archived => None,
        }
    }
}

impl RunDoc {
    fn end(&mut self, status: &str, at: Instant) {
        status.clone_into(&mut self.status);
        self.ended_at = Some(at);
    }
}
