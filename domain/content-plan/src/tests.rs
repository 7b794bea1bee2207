//! Ada plans December for one connection; here are the words that the tests tell it in.

mod create;
mod generate;
mod items;
mod properties;
mod review;
mod stored;
mod values;

use crate::*;
use herald_kernel::{
    AccountId, ConnectionId, ContentHash, Decider, Instant, LocalTime, MemberId, Network, PlanId,
    PlanItemId, PostId, RunId, Text,
};
use herald_terms::{ApprovalPolicy, Policy};
use uuid::Uuid;

type Answer = Result<Vec<PlanEvent>, PlanRefusal>;

fn now() -> Instant {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

fn context() -> Context {
    Context::unlimited(now())
}

fn four_eyes() -> Context {
    let policy = Policy { approval: ApprovalPolicy::FourEyes, ..Policy::default() };
    Context { policy, ..context() }
}

fn plan_id() -> PlanId {
    PlanId::new(Uuid::from_u128(5))
}

fn ada() -> MemberId {
    MemberId::new(Uuid::from_u128(1))
}

fn bob() -> MemberId {
    MemberId::new(Uuid::from_u128(2))
}

fn connection(n: u128) -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(n))
}

fn run(n: u128) -> RunId {
    RunId::new(Uuid::from_u128(n))
}

fn item(n: u128) -> PlanItemId {
    PlanItemId::new(Uuid::from_u128(n))
}

fn post(n: u128) -> PostId {
    PostId::derived(plan_id().uuid(), &item(n).to_string())
}

fn hash(n: u32) -> ContentHash {
    ContentHash::new(format!("hash-{n}"))
}

fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    words.try_into().expect("a text")
}

fn at(local: &str) -> LocalTime {
    local.parse().expect("a local time")
}

fn content(words: &str) -> ItemContent {
    ItemContent { text: text(words), segments: Vec::new(), first_comment: None }
}

fn brief() -> Brief {
    Brief {
        goal: text("More people at the bakery"),
        audience: None,
        topics: vec![text("bread")],
        tone: None,
        language: None,
        dos: Vec::new(),
        donts: vec![text("politics")],
        notes: None,
    }
}

fn december() -> Period {
    Period {
        from: "2026-12-01".parse().expect("a date"),
        to: "2026-12-31".parse().expect("a date"),
    }
}

fn create() -> PlanCommand {
    create_with(december(), &[1])
}

fn create_with(period: Period, connections: &[u128]) -> PlanCommand {
    let connections = connections
        .iter()
        .map(|n| PlanConnection { connection: connection(*n), network: Network::X })
        .collect();
    PlanCommand::Create {
        plan: plan_id(),
        account: AccountId::new(Uuid::from_u128(7)),
        by: ada(),
        brief: Box::new(brief()),
        period,
        zone: "Europe/Berlin".parse().expect("a zone"),
        connections,
        cadence: 3.try_into().expect("a cadence"),
    }
}

fn request(n: u128) -> PlanCommand {
    let profile = Profile {
        purpose: Purpose::Posts,
        model: text("cheap/model"),
        max_tokens: 1500,
        temperature: "0.8".parse().expect("a temperature"),
    };
    PlanCommand::RequestGeneration {
        run: run(n),
        by: ada(),
        profiles: vec![profile],
        prompt_ref: text("prompt-1"),
        prompt_hash: hash(0),
    }
}

fn outcome() -> Outcome {
    Outcome {
        model: text("cheap/model"),
        prompt_tokens: 100,
        completion_tokens: 900,
        cost: herald_kernel::NanoUsd::new(1_200_000),
        finish_reason: text("stop"),
        output_ref: text("output-1"),
        schema_valid: true,
        repairs: 0,
    }
}

fn strategy() -> Strategy {
    Strategy { summary: text("Warm bread for cold days."), pillars: Vec::new() }
}

fn proposed(n: u128) -> ProposedItem {
    ProposedItem {
        item: item(n),
        connection: connection(1),
        local: at("2026-12-03T09:00:00"),
        content: content("Fresh rye today."),
        rationale: Some(text("A weekday morning.")),
    }
}

fn generated(n: u128, items: Vec<ProposedItem>) -> PlanCommand {
    let (outcome, strategy) = (Box::new(outcome()), strategy());
    PlanCommand::RecordGeneration { run: run(n), outcome, strategy, items, hash: hash(1) }
}

fn failed(n: u128) -> PlanCommand {
    let detail = text("nobody answered");
    PlanCommand::FailGeneration { run: run(n), kind: FailureKind::Timeout, detail }
}

fn edit(n: u128, words: &str, h: u32) -> PlanCommand {
    PlanCommand::EditItem {
        item: item(n),
        content: content(words),
        local: at("2026-12-04T10:00:00"),
        by: ada(),
        hash: hash(h),
    }
}

fn accept(n: u128, h: u32) -> PlanCommand {
    PlanCommand::AcceptItem { item: item(n), by: ada(), hash: hash(h) }
}

fn reject(n: u128, h: u32) -> PlanCommand {
    PlanCommand::RejectItem { item: item(n), by: ada(), hash: hash(h) }
}

fn submit() -> PlanCommand {
    PlanCommand::Submit { by: ada() }
}

fn send_back() -> PlanCommand {
    PlanCommand::RequestChanges { by: bob(), comment: text("Shorter, please.") }
}

fn approve(by: MemberId, revision: u32, h: u32) -> PlanCommand {
    PlanCommand::Approve { by, revision, hash: hash(h) }
}

fn materialize() -> PlanCommand {
    PlanCommand::Materialize { by: ada() }
}

fn archive() -> PlanCommand {
    PlanCommand::Archive { by: ada() }
}

fn when(plan: &ContentPlan, command: PlanCommand) -> Answer {
    plan.decide(command, &context())
}

/// The plan after it followed all `commands`.
fn plan_after(commands: Vec<PlanCommand>) -> ContentPlan {
    commands.into_iter().fold(ContentPlan::default(), |plan, command| after(&plan, command))
}

fn after(plan: &ContentPlan, command: PlanCommand) -> ContentPlan {
    let mut next = plan.clone();
    for event in when(plan, command).expect("the command is followed") {
        next.evolve(&event);
    }
    next
}

fn draft() -> ContentPlan {
    plan_after(vec![create()])
}

fn generating() -> ContentPlan {
    after(&draft(), request(1))
}

/// Items 1 and 2 are proposed; the plan is at revision 1.
fn proposal() -> ContentPlan {
    after(&generating(), generated(1, vec![proposed(1), proposed(2)]))
}

/// Item 1 is accepted and a review is asked for, at revision 2 with hash 2.
fn in_review() -> ContentPlan {
    after(&after(&proposal(), accept(1, 2)), submit())
}

fn approved() -> ContentPlan {
    after(&in_review(), approve(bob(), 2, 2))
}

fn materialized() -> ContentPlan {
    after(&approved(), materialize())
}

fn not_when(status: Status) -> Answer {
    Err(PlanRefusal::InvalidState { status })
}
