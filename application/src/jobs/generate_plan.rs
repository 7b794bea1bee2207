//! Has a plan written: asks for a strategy, then for its posts, checks every answer and sends back
//! what cannot be used. Repeating it costs money and nothing else, and answers are kept, so that a
//! run which was interrupted goes on where it stood.

use super::{JobFailure, Next, payload, tell};
use crate::{
    commands::{
        account::RecordOnboarding,
        plan::{FailGeneration, OnPlan, PlanUse, RecordGeneration, RecordGenerationAttempt},
    },
    desk::Desk,
    failure::Failure,
    generation::{
        self, Archive, Assignment, BATCH, KeptDraft, MAX_REPAIRS, Tally, Task, WrittenPost, clip,
    },
    ports::{ClaimedJob, DraftFailure, DraftRequest, Message},
};
use herald_account::OnboardingStep;
use herald_content_plan::{
    ContentPlan, FailureKind, Outcome, Profile, ProposedItem, Purpose, Strategy, Usage,
};
use herald_kernel::{PlanItemId, Text};
use serde_json::{Value, json};
use std::sync::Arc;

/// After so many attempts without an answer the run fails, and a person decides about another.
const PATIENCE: u32 = 4;

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let task: Task = payload(job)?;
    let archive = Archive::new(desk, job.account);
    let run = Run { desk, job, task, archive };
    let ended = match run.write().await {
        Ok(written) => run.succeed(written).await,
        Err(stop) => Err(stop),
    };
    match ended {
        Ok(()) | Err(Stop::Stale) => run.note_first_plan().await,
        Err(Stop::Failed(kind, detail)) => run.fail(kind, &detail).await,
        Err(Stop::NoAnswer(cause)) if job.attempts >= run.patience() => {
            run.fail(FailureKind::Timeout, &cause).await
        }
        Err(Stop::NoAnswer(cause)) => Err(JobFailure::Retry(cause)),
        Err(Stop::Broken(failure)) => Err(failure.into()),
    }
}

/// Why a run does not go on.
enum Stop {
    /// Nobody waits for it any more.
    Stale,
    /// It comes to nothing.
    Failed(FailureKind, String),
    /// Nobody answered; later perhaps.
    NoAnswer(String),
    /// We could not read or write.
    Broken(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

/// What a run has brought.
struct Written {
    strategy: Strategy,
    items: Vec<ProposedItem>,
    tally: Tally,
}

/// A question to a model, and how its answer has to look.
struct Question {
    purpose: Purpose,
    messages: Vec<Message>,
    schema: (String, Value),
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
    task: Task,
    archive: Archive<'r>,
}

impl Run<'_> {
    fn patience(&self) -> u32 {
        PATIENCE.min(self.desk.settings.job_attempts)
    }

    async fn tell<C: PlanUse>(&self, command: C) -> Result<(), Failure> {
        // Never taken for a repetition: the domain alone knows whether the run is still awaited.
        let step = format!("{}/{}", self.task.run, self.desk.ids.uuid());
        tell(self.desk, self.job, step, OnPlan(command)).await.map(|_| ())
    }

    /// Ends when nobody waits for the run any more, before more money is spent on it.
    async fn check_awaited(&self) -> Result<ContentPlan, Stop> {
        let loaded = self.desk.journal.load::<ContentPlan>(self.task.plan.uuid()).await;
        let loaded = loaded.map_err(Failure::from)?;
        let open = loaded.state.open_run().is_some_and(|open| open.run == self.task.run);
        if open && loaded.account == Some(self.job.account) {
            Ok(loaded.state)
        } else {
            Err(Stop::Stale)
        }
    }

    async fn write(&self) -> Result<Written, Stop> {
        self.check_awaited().await?;
        let assignment = self.assignment().await?;
        let mut tally = Tally::default();
        let question = Question {
            purpose: Purpose::Strategy,
            messages: generation::strategy_prompt(&assignment),
            schema: generation::strategy_schema(),
        };
        let strategy = self.ask(question, &mut tally, generation::read_strategy).await?;
        let mut items: Vec<ProposedItem> = Vec::with_capacity(assignment.slots.len());
        for (batch, first) in assignment.slots.chunks(BATCH).zip((0..).step_by(BATCH)) {
            let said: Vec<_> = items.iter().map(|item| item.content.text.as_str()).collect();
            let question = Question {
                purpose: Purpose::Posts,
                messages: generation::posts_prompt(&assignment, &strategy, batch, &said),
                schema: generation::posts_schema(),
            };
            let read = |answer: &str| generation::read_posts(answer, batch);
            let posts = self.ask(question, &mut tally, read).await?;
            items.extend(posts.into_iter().zip(batch).map(|(post, slot)| {
                let WrittenPost { slot: number, content, rationale } = post;
                let item = self.item_id(first + number);
                let (connection, local) = (slot.connection, slot.local);
                ProposedItem { item, connection, local, content, rationale }
            }));
        }
        Ok(Written { strategy, items, tally })
    }

    /// The item of a slot: always the same in one run, another one in the next.
    fn item_id(&self, slot: usize) -> PlanItemId {
        PlanItemId::derived(self.task.plan.uuid(), &format!("{}/{slot}", self.task.run))
    }

    async fn assignment(&self) -> Result<Assignment, Stop> {
        let kept = self.archive.open(self.task.prompt_ref.as_str()).await?;
        let gone = || Stop::Failed(FailureKind::Provider, "the prompt was erased".to_owned());
        serde_json::from_str(&kept.ok_or_else(gone)?).map_err(|error| {
            Stop::Broken(Failure::Internal(format!("a kept prompt cannot be read: {error}")))
        })
    }

    /// Asks until an answer can be used, sending back what is wrong with it, twice at the most.
    async fn ask<T>(
        &self,
        mut question: Question,
        tally: &mut Tally,
        read: impl Fn(&str) -> Result<T, Vec<String>> + Send + Sync,
    ) -> Result<T, Stop> {
        let mut problems = Vec::new();
        for repairs in 0..=MAX_REPAIRS {
            let draft = self.draft(&question).await?;
            tally.add(&draft, repairs);
            problems = match read(&draft.content) {
                Ok(found) => return Ok(found),
                Err(_) if draft.is_filtered() => {
                    let detail = "the provider's filter cut the answer off";
                    return Err(Stop::Failed(FailureKind::Safety, detail.to_owned()));
                }
                Err(problems) => problems,
            };
            if draft.is_cut_off() {
                problems.insert(0, "it was cut off: write shorter texts".to_owned());
            }
            tracing::info!(run = %self.task.run, repairs, found = problems.len(), "an answer is unusable");
            question.messages.extend(generation::repair_prompt(&draft.content, &problems));
        }
        Err(Stop::Failed(FailureKind::Schema, problems.join("; ")))
    }

    /// One answer: the kept one, where the same question was answered before in this run.
    async fn draft(&self, question: &Question) -> Result<KeptDraft, Stop> {
        self.check_awaited().await?;
        let profile = self.profile(question.purpose)?;
        let transcript = KeptDraft::question(self.task.run, profile, &question.messages);
        let reference = self.archive.reference("answer", &transcript).await?;
        let kept = self.archive.open(&reference).await?;
        let draft = match kept.and_then(|kept| serde_json::from_str(&kept).ok()) {
            Some(draft) => draft,
            None => self.call(question, profile, &reference, transcript).await?,
        };
        let attempt = RecordGenerationAttempt {
            plan: self.task.plan,
            run: self.task.run,
            purpose: question.purpose,
            provider: clip(&draft.provider),
            model: clip(&draft.model),
            request_id: clip(&draft.request_id),
            usage: Usage {
                prompt_tokens: draft.prompt_tokens,
                completion_tokens: draft.completion_tokens,
                cost: draft.cost,
            },
        };
        self.tell(attempt).await?;
        Ok(KeptDraft { reference, ..draft })
    }

    async fn call(
        &self,
        question: &Question,
        profile: &Profile,
        reference: &str,
        transcript: String,
    ) -> Result<KeptDraft, Stop> {
        let request = DraftRequest {
            model: profile.model.to_string(),
            messages: question.messages.clone(),
            max_tokens: profile.max_tokens,
            temperature_hundredths: profile.temperature.hundredths(),
            json_schema: Some(question.schema.clone()),
            correlation_id: self.task.run.to_string(),
        };
        let draft = self.desk.writer.draft(&request).await.map_err(|failure| stopped(&failure))?;
        let draft = KeptDraft::new(draft, transcript);
        let text = serde_json::to_string(&draft)
            .map_err(|error| Failure::Internal(format!("an answer has no JSON form: {error}")))?;
        self.archive.keep(reference, &text).await?;
        Ok(draft)
    }

    fn profile(&self, purpose: Purpose) -> Result<&Profile, Stop> {
        let found = self.task.profiles.iter().find(|profile| profile.purpose == purpose);
        let detail = "no generation profile is configured";
        found.ok_or_else(|| Stop::Failed(FailureKind::Provider, detail.to_owned()))
    }

    async fn succeed(&self, written: Written) -> Result<(), Stop> {
        let Written { strategy, items, tally } = written;
        let output = json!({ "run": self.task.run, "answers": tally.answers() }).to_string();
        let reference = self.archive.reference("output", &output).await?;
        self.archive.keep(&reference, &output).await?;
        let outcome: Outcome = tally.outcome(&reference);
        let (plan, run) = (self.task.plan, self.task.run);
        match self.tell(RecordGeneration { plan, run, outcome, strategy, items }).await {
            Ok(()) => Ok(()),
            // The domain checks once more, and it has the last word.
            Err(Failure::Refused { message, .. }) => {
                Err(Stop::Failed(FailureKind::Schema, message))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn fail(&self, kind: FailureKind, detail: &str) -> Result<Next, JobFailure> {
        let (plan, run) = (self.task.plan, self.task.run);
        let detail: Text<500> = clip(detail);
        tracing::warn!(%run, kind = kind.as_str(), "a generation run failed");
        self.tell(FailGeneration { plan, run, kind, detail }).await?;
        Ok(Next::Done)
    }

    /// Also for a run that somebody else has ended: they may have been interrupted before this.
    async fn note_first_plan(&self) -> Result<Next, JobFailure> {
        let loaded = self.desk.journal.load::<ContentPlan>(self.task.plan.uuid()).await;
        let plan = loaded.map_err(Failure::from)?.state;
        if plan.revision() > 0 {
            let step = OnboardingStep::FirstPlan;
            match tell(self.desk, self.job, "first_plan", RecordOnboarding { step }).await {
                // An account that is closed or closing is not being introduced to anything.
                Ok(()) | Err(Failure::Refused { .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(Next::Done)
    }
}

fn stopped(failure: &DraftFailure) -> Stop {
    let detail = failure.to_string();
    match failure {
        DraftFailure::NotConfigured | DraftFailure::Refused { .. } => {
            Stop::Failed(FailureKind::Provider, detail)
        }
        DraftFailure::Safety { .. } => Stop::Failed(FailureKind::Safety, detail),
        DraftFailure::Quota { .. } => Stop::Failed(FailureKind::Quota, detail),
        DraftFailure::Unavailable { .. } => Stop::NoAnswer(detail),
    }
}
