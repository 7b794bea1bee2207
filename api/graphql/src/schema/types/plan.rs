//! Content plans: a calendar of proposed posts, and how it was written.

use super::{
    connection::SocialAccount,
    names::{Network, PlanItemStatus, PlanStatus, Purpose, RunStatus, Word, word},
    post::Post,
    review::Review,
};
use crate::schema::{
    fault::Result,
    reads,
    scalars::{BigInt, Date, DateTime, LocalTime, Zone, int},
    types::account::Member,
};
use async_graphql::{Context, ID, Object, SimpleObject};
use herald_application::views::plans::{AnswerDoc, PlanDoc, RunDoc};
use herald_content_plan::{self as domain, ItemState};
use herald_kernel::{Personal, Text};
use std::sync::Arc;

/// A content plan: a calendar of proposed posts.
#[derive(Debug, Clone)]
pub(crate) struct ContentPlan(pub(crate) Arc<PlanDoc>);

/// A content plan: a calendar of proposed posts.
#[Object]
impl ContentPlan {
    /// The plan's id, `plan_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// How far it got.
    async fn status(&self) -> Result<PlanStatus> {
        PlanStatus::named(self.0.plan.status().as_str())
    }

    /// What `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// How often the proposed posts changed: what `approveContentPlan` is bound to.
    async fn revision(&self) -> i32 {
        int(self.0.plan.revision())
    }

    /// The fingerprint of the proposed posts: what `approveContentPlan` is bound to.
    async fn content_hash(&self) -> Option<String> {
        self.0.plan.hash().map(ToString::to_string)
    }

    /// What it is to achieve; `null` once that was erased.
    async fn brief(&self) -> Option<Brief> {
        self.0.plan.brief().and_then(Personal::known).map(Brief::of)
    }

    /// The first day.
    async fn from(&self) -> Option<Date> {
        self.0.plan.period().map(|period| period.from.into())
    }

    /// The last day.
    async fn to(&self) -> Option<Date> {
        self.0.plan.period().map(|period| period.to.into())
    }

    /// The zone of the items' times.
    async fn zone(&self) -> Option<Zone> {
        self.0.plan.zone().cloned().map(Into::into)
    }

    /// How many posts a week each connection gets.
    async fn posts_per_week(&self) -> Option<i32> {
        self.0.plan.cadence().map(|cadence| i32::from(cadence.get()))
    }

    /// The connections that it writes for.
    async fn connections(&self, ctx: &Context<'_>) -> Result<Vec<SocialAccount>> {
        let mut found = Vec::new();
        for each in self.0.plan.connections() {
            found.extend(reads::connection(ctx, each.connection).await?);
        }
        Ok(found)
    }

    /// The thought behind the items, once there is one.
    async fn strategy(&self) -> Option<Strategy> {
        self.0.plan.strategy().and_then(Personal::known).map(Strategy::of)
    }

    /// The proposed posts, by their time.
    #[graphql(complexity = "1 + 5 * child_complexity")]
    async fn items(&self) -> Vec<PlanItem> {
        let mut items: Vec<_> = self.0.plan.items().values().collect();
        items.sort_by_key(|item| (item.planned.local, item.planned.item));
        items
            .into_iter()
            .cloned()
            .map(|item| PlanItem { plan: Arc::clone(&self.0), item })
            .collect()
    }

    /// What reviewers said, oldest first.
    async fn reviews(&self) -> Result<Vec<Review>> {
        self.0.reviews.iter().map(Review::of).collect()
    }

    /// Every run of the models, oldest first.
    async fn runs(&self) -> Result<Vec<GenerationRun>> {
        self.0.runs.iter().map(GenerationRun::of).collect()
    }

    /// The member who wrote the brief.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.0.plan.created_by() {
            Some(member) => reads::member(ctx, member).await,
            None => Ok(None),
        }
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When anything last happened to it.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}

/// What a plan is to achieve, in the customer's words.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Brief {
    /// What the posts are to achieve.
    pub(crate) goal: String,
    /// Whom they are for.
    pub(crate) audience: Option<String>,
    /// What they are about.
    pub(crate) topics: Vec<String>,
    /// How they sound.
    pub(crate) tone: Option<String>,
    /// In which language, such as `en`.
    pub(crate) language: Option<String>,
    /// What the posts are to do.
    #[graphql(name = "do")]
    pub(crate) dos: Vec<String>,
    /// What the posts must not do.
    #[graphql(name = "dont")]
    pub(crate) donts: Vec<String>,
    /// What else matters.
    pub(crate) notes: Option<String>,
}

impl Brief {
    fn of(brief: &domain::Brief) -> Self {
        Self {
            goal: brief.goal.to_string(),
            audience: brief.audience.as_ref().map(ToString::to_string),
            topics: texts(&brief.topics),
            tone: brief.tone.as_ref().map(ToString::to_string),
            language: brief.language.as_ref().map(ToString::to_string),
            dos: texts(&brief.dos),
            donts: texts(&brief.donts),
            notes: brief.notes.as_ref().map(ToString::to_string),
        }
    }
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// The thought behind the proposed posts.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Strategy {
    /// In a few paragraphs.
    pub(crate) summary: String,
    /// The themes that the posts return to.
    pub(crate) pillars: Vec<Pillar>,
}

/// One theme of a strategy.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Pillar {
    /// What it is called.
    pub(crate) name: String,
    /// What it is about.
    pub(crate) description: String,
}

impl Strategy {
    fn of(strategy: &domain::Strategy) -> Self {
        let pillars = strategy.pillars.iter().map(|pillar| Pillar {
            name: pillar.name.to_string(),
            description: pillar.description.to_string(),
        });
        Self { summary: strategy.summary.to_string(), pillars: pillars.collect() }
    }
}

/// A proposed post.
#[derive(Debug, Clone)]
pub(crate) struct PlanItem {
    pub(crate) plan: Arc<PlanDoc>,
    pub(crate) item: domain::Item,
}

impl PlanItem {
    fn content(&self) -> Option<&domain::ItemContent> {
        self.item.planned.content.known()
    }
}

/// A proposed post.
#[Object]
impl PlanItem {
    /// The item's id, `item_…`.
    async fn id(&self) -> ID {
        self.item.planned.item.to_string().into()
    }

    /// How far it got.
    async fn status(&self) -> Result<PlanItemStatus> {
        PlanItemStatus::named(self.item.state.as_str())
    }

    /// When, by the clocks of the plan's zone.
    async fn local(&self) -> LocalTime {
        self.item.planned.local.into()
    }

    /// The same as an instant.
    async fn at(&self) -> Option<DateTime> {
        let resolved = self.item.planned.local.in_zone(self.plan.plan.zone()?)?;
        Some(resolved.instant.into())
    }

    /// The connection that would post it.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<SocialAccount>> {
        reads::connection(ctx, self.item.planned.connection).await
    }

    /// The network that it is written for.
    async fn network(&self) -> Result<Option<Network>> {
        let id = self.item.planned.connection;
        let known = self.plan.plan.connections().iter().find(|known| known.connection == id);
        known.map(|known| Network::named(known.network.as_str())).transpose()
    }

    /// What would be posted; `null` once that was erased.
    async fn text(&self) -> Option<&str> {
        self.content().map(|content| content.text.as_str())
    }

    /// What would follow it as a thread.
    async fn segments(&self) -> Vec<&str> {
        let content = self.content().into_iter();
        content.flat_map(|content| content.segments.iter().map(Text::as_str)).collect()
    }

    /// What would follow it as the first comment.
    async fn first_comment(&self) -> Option<&str> {
        self.content()?.first_comment.as_ref().map(Text::as_str)
    }

    /// Why the model proposes it.
    async fn rationale(&self) -> Option<&str> {
        self.item.planned.rationale.as_ref()?.known().map(Text::as_str)
    }

    /// The post that it became.
    async fn post(&self, ctx: &Context<'_>) -> Result<Option<Post>> {
        match self.item.state {
            ItemState::Materialized(post) => reads::post(ctx, post).await,
            ItemState::Proposed | ItemState::Edited | ItemState::Accepted | ItemState::Rejected => {
                Ok(None)
            }
        }
    }
}

/// One run of the models for a plan.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct GenerationRun {
    /// The run's id, `run_…`.
    pub(crate) id: ID,
    /// How it stands.
    pub(crate) status: RunStatus,
    /// The member who asked for it.
    pub(crate) by: ID,
    /// When it began.
    pub(crate) started_at: DateTime,
    /// When it ended.
    pub(crate) ended_at: Option<DateTime>,
    /// How the models were asked, for each purpose.
    pub(crate) profiles: Vec<GenerationProfile>,
    /// Every answer of a provider, useful or not, oldest first.
    pub(crate) answers: Vec<GenerationAnswer>,
    /// Where the content store keeps the prompt.
    pub(crate) prompt_ref: String,
    /// The model that answered last, of a run that succeeded.
    pub(crate) model: Option<String>,
    /// Tokens read.
    pub(crate) prompt_tokens: Option<i32>,
    /// Tokens written.
    pub(crate) completion_tokens: Option<i32>,
    /// What it cost, in billionths of a US dollar.
    pub(crate) cost_nano_usd: Option<BigInt>,
    /// How often the answer had to be repaired before it followed the schema.
    pub(crate) repairs: Option<i32>,
    /// Why it failed: `safety`, `schema`, `quota`, `timeout` or `provider`.
    pub(crate) failure: Option<String>,
    /// What was wrong, in words.
    pub(crate) detail: Option<String>,
}

/// How a model is asked for one purpose.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct GenerationProfile {
    /// For what.
    pub(crate) purpose: Purpose,
    /// The model.
    pub(crate) model: String,
    /// The most tokens to write.
    pub(crate) max_tokens: i32,
    /// How freely it writes, as a decimal: `0.70`.
    pub(crate) temperature: String,
}

/// One answer of a provider.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct GenerationAnswer {
    /// For what.
    pub(crate) purpose: Purpose,
    /// Who answered.
    pub(crate) provider: String,
    /// Which model.
    pub(crate) model: String,
    /// The provider's id of the answer.
    pub(crate) request_id: String,
    /// When.
    pub(crate) at: DateTime,
}

impl GenerationRun {
    fn of(run: &RunDoc) -> Result<Self> {
        let outcome = run.outcome.as_ref();
        Ok(Self {
            id: run.id.to_string().into(),
            status: RunStatus::named(&run.status)?,
            by: run.by.to_string().into(),
            started_at: run.started_at.into(),
            ended_at: run.ended_at.map(Into::into),
            profiles: run.profiles.iter().map(GenerationProfile::of).collect::<Result<_>>()?,
            answers: run.answers.iter().map(GenerationAnswer::of).collect::<Result<_>>()?,
            prompt_ref: run.prompt_ref.clone(),
            model: outcome.map(|outcome| outcome.model.to_string()),
            prompt_tokens: outcome.map(|outcome| int(outcome.prompt_tokens)),
            completion_tokens: outcome.map(|outcome| int(outcome.completion_tokens)),
            cost_nano_usd: outcome.map(|outcome| outcome.cost.nano().into()),
            repairs: outcome.map(|outcome| i32::from(outcome.repairs)),
            failure: run.failure.map(|failure| failure.as_str().to_owned()),
            detail: run.detail.clone(),
        })
    }
}

impl GenerationProfile {
    fn of(profile: &domain::Profile) -> Result<Self> {
        Ok(Self {
            purpose: Purpose::named(&word(&profile.purpose))?,
            model: profile.model.to_string(),
            max_tokens: int(profile.max_tokens),
            temperature: profile.temperature.to_string(),
        })
    }
}

impl GenerationAnswer {
    fn of(answer: &AnswerDoc) -> Result<Self> {
        Ok(Self {
            purpose: Purpose::named(&word(&answer.purpose))?,
            provider: answer.provider.clone(),
            model: answer.model.clone(),
            request_id: answer.request_id.clone(),
            at: answer.at.into(),
        })
    }
}
