//! A plan's life, from the brief to its posts: here are the words that the tests tell it in.

mod bought;
mod creating;
mod materializing;
mod reading;
mod reviewing;
mod slots;
mod writing;

use crate::{
    caller::Caller,
    commands::plan::{
        AcceptPlanItem, ApproveContentPlan, CreateContentPlan, GenerateContentPlan, OnPlan,
        SubmitContentPlan,
    },
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    jobs::{self, JobFailure, Next},
    ports::{ClaimedJob, Draft, JobKind, Usage},
    testing::{World, job_caller},
    views::plans::{self, PlanDoc},
};
use async_trait::async_trait;
use herald_account::Action;
use herald_content_plan::{Brief, ContentPlan, Date, Period};
use herald_kernel::{ConnectionId, MemberId, NanoUsd, Network, PlanId, PlanItemId, RunId, Zone};
use herald_social_connection::{
    ConnectionCommand, Context, Identity, SocialConnection, TextLimit, TokenFacts,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Stands in for the whole way over a network's consent page.
#[derive(Debug, Serialize)]
struct Connect {
    connection: ConnectionId,
    by: MemberId,
}

#[async_trait]
impl UseCase for Connect {
    const WHO: Who = Who::Jobs("connectForATest");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.connection.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        use ConnectionCommand as C;
        let (account, now, by) = (work.account(), work.now, self.by);
        let mut connection = work.load_any::<SocialConnection>(self.connection.uuid()).await?;
        let hour = std::time::Duration::from_secs(3_600);
        let tokens = TokenFacts {
            secret_version: 1,
            fingerprint: "print".to_owned(),
            scopes: ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"]
                .map(str::to_owned)
                .to_vec(),
            access_expires_at: now.plus(hour * 2),
            refresh_expires_at: None,
            has_refresh: true,
        };
        let identity = Identity {
            provider_account_id: self.connection.to_string().try_into().expect("an id"),
            handle: "crumb".try_into().expect("a handle"),
            display_name: "Crumb & Co".try_into().expect("a name"),
        };
        for command in [
            C::Begin { account, network: Network::X, by, expires_at: now.plus(hour) },
            C::ReceiveConsent { attempt: 1, by },
            C::RecordTokens { attempt: 1, tokens },
            C::Establish { identity, capability: TextLimit(280) },
        ] {
            work.decide(&mut connection, command, &Context::unlimited(now)).await?;
        }
        Ok(())
    }

    fn replayed(&self, _: Naming) {}
}

/// Ada, her account and her connections to X.
struct Bakery {
    world: World,
    ada: Caller,
    connections: Vec<ConnectionId>,
}

impl Bakery {
    async fn with_connections(count: u128) -> Self {
        Self::in_world(World::new().await, count).await
    }

    async fn in_world(world: World, count: u128) -> Self {
        let ada = world.open_account("Ada").await;
        let mut connections = Vec::new();
        for number in 1..=count {
            let connection = ConnectionId::new(Uuid::from_u128(number));
            let by = ada.member().expect("a member");
            let connect = Connect { connection, by };
            world.run(&job_caller(ada.account), connect).await.expect("it connects");
            connections.push(connection);
        }
        Self { world, ada, connections }
    }

    /// Within seven days, so that the number of posts is the cadence.
    fn wish(&self, cadence: u32) -> CreateContentPlan {
        CreateContentPlan {
            brief: brief("sell out by noon"),
            period: period("2026-12-01", "2026-12-07"),
            zone: "Europe/Berlin".parse().expect("a zone"),
            connections: self.connections.clone(),
            cadence: cadence.try_into().expect("a cadence"),
        }
    }

    async fn plan(&self, cadence: u32) -> PlanId {
        self.world.run(&self.ada, self.wish(cadence)).await.expect("the plan is created")
    }

    async fn ask(&self, plan: PlanId) -> RunId {
        let run = self.world.run(&self.ada, GenerateContentPlan { plan }).await;
        let run = run.expect("the run is intended");
        self.world.project().await;
        run
    }

    /// The job that is to write a plan; claimed, as the worker would.
    async fn job(&self) -> ClaimedJob {
        let due = self.world.due_jobs().await;
        due.into_iter().find(|job| job.kind == JobKind::GeneratePlan).expect("a job to write")
    }

    async fn work(&self, job: &ClaimedJob) -> Result<Next, JobFailure> {
        let ended = jobs::run(&self.world.desk, job).await;
        self.world.project().await;
        ended
    }

    /// A plan of so many posts, written and waiting for people.
    async fn written(&self, posts: u32) -> PlanId {
        let plan = self.plan(posts).await;
        self.ask(plan).await;
        self.answer("gen-strategy", &strategy());
        let posts = usize::try_from(posts).expect("small");
        for first in (0..posts).step_by(super::BATCH) {
            let batch = (posts - first).min(super::BATCH);
            self.answer(&format!("gen-{first}"), &items(batch, &format!("batch {first}")));
        }
        assert_eq!(self.work(&self.job().await).await, Ok(Next::Done));
        plan
    }

    /// The model's next answer.
    fn answer(&self, request_id: &str, content: &Value) {
        self.world.writer.will(Ok(draft(request_id, &content.to_string())));
    }

    async fn accept_all(&self, plan: PlanId) {
        for item in self.items(plan).await {
            let accept = OnPlan(AcceptPlanItem { plan, item });
            self.world.run(&self.ada, accept).await.expect("accepted");
        }
    }

    async fn approve(&self, plan: PlanId) {
        let submit = OnPlan(SubmitContentPlan { plan });
        self.world.run(&self.ada, submit).await.expect("submitted");
        let state = self.state(plan).await;
        let content_hash = state.hash().cloned().expect("a fingerprint");
        let approve = ApproveContentPlan { plan, revision: state.revision(), content_hash };
        self.world.run(&self.ada, OnPlan(approve)).await.expect("approved");
    }

    async fn state(&self, plan: PlanId) -> ContentPlan {
        let loaded = self.world.desk.journal.load::<ContentPlan>(plan.uuid()).await;
        loaded.expect("it loads").state
    }

    /// The items in order of their time.
    async fn items(&self, plan: PlanId) -> Vec<PlanItemId> {
        let state = self.state(plan).await;
        let mut items: Vec<_> = state.items().values().map(|item| &item.planned).collect();
        items.sort_by_key(|planned| planned.local);
        items.into_iter().map(|planned| planned.item).collect()
    }

    async fn doc(&self, plan: PlanId) -> PlanDoc {
        self.world.project().await;
        let desk = &self.world.desk;
        let id = plan.to_string();
        let found = desk.document(&self.ada, Action::ReadPlans, plans::NAME, &id).await;
        found.expect("it reads").expect("there is a plan")
    }
}

fn brief(goal: &str) -> Brief {
    serde_json::from_value(json!({ "goal": goal, "topics": ["sourdough"] })).expect("a brief")
}

fn period(from: &str, to: &str) -> Period {
    let day = |text: &str| -> Date { text.parse().expect("a day") };
    Period { from: day(from), to: day(to) }
}

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone")
}

fn draft(request_id: &str, content: &str) -> Draft {
    Draft {
        content: content.to_owned(),
        provider: "openrouter".to_owned(),
        model: "openai/gpt-4o".to_owned(),
        request_id: request_id.to_owned(),
        finish_reason: "stop".to_owned(),
        usage: Usage { prompt_tokens: 100, completion_tokens: 50, cost: NanoUsd::new(7) },
    }
}

fn strategy() -> Value {
    json!({ "strategy": {
        "summary": "Warm bread, warm words.",
        "pillars": [{ "name": "The oven", "why": "Nobody else has one." }],
        "cadence_note": "Mornings mostly.",
    } })
}

/// So many items for the slots from 0, each with words of its own.
fn items(count: usize, words: &str) -> Value {
    let item = |slot| {
        json!({
            "slot": slot,
            "text": format!("{words}, loaf {slot}"),
            "segments": [],
            "first_comment": null,
            "rationale": "People are hungry.",
        })
    };
    json!({ "items": (0..count).map(item).collect::<Vec<_>>() })
}

fn code<A: std::fmt::Debug>(answer: Result<A, Failure>) -> &'static str {
    answer.expect_err("this is refused").code()
}
