//! Having a plan written.

use super::{Bakery, brief, code, draft, items, strategy};
use crate::{
    commands::plan::{FailGeneration, GenerateContentPlan, OnPlan, SubmitContentPlan},
    generation::Task,
    jobs::{self, JobFailure, Next},
    ports::{ClaimedJob, DraftFailure, MessageRole},
};
use herald_account::{Account, OnboardingStep};
use herald_content_plan::{FailureKind, Status};
use herald_kernel::NanoUsd;
use serde_json::json;
use std::collections::BTreeSet;

fn not_heard() -> DraftFailure {
    DraftFailure::Unavailable { detail: "no answer within 30 s".to_owned() }
}

#[tokio::test]
async fn a_brief_becomes_a_strategy_and_a_calendar_of_proposed_posts() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(3).await;
    let doc = bakery.doc(plan).await;
    assert_eq!((doc.plan.status(), doc.plan.items().len()), (Status::Proposed, 3));
    let run = &doc.runs[0];
    let outcome = run.outcome.as_ref().expect("an outcome");
    assert_eq!((run.status.as_str(), run.answers.len()), ("succeeded", 2));
    assert_eq!((outcome.prompt_tokens, outcome.completion_tokens), (200, 100));
    assert_eq!((outcome.cost, outcome.repairs), (NanoUsd::new(14), 0));
    let account = bakery.ada.account.uuid();
    let account = bakery.world.desk.journal.load::<Account>(account).await.expect("it loads");
    assert!(account.state.onboarding().contains(&OnboardingStep::FirstPlan));
}

#[tokio::test]
async fn each_purpose_is_asked_with_its_own_profile() {
    let bakery = Bakery::with_connections(1).await;
    bakery.written(1).await;
    let requests = bakery.world.writer.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|it| (it.model.as_str(), it.max_tokens, it.temperature_hundredths))
        .collect();
    assert_eq!(asked, [("openai/gpt-4o", 2_000, 70), ("openai/gpt-4o-mini", 1_500, 80)]);
    assert!(requests.iter().all(|request| request.json_schema.is_some()));
}

#[tokio::test]
async fn a_long_calendar_is_asked_for_in_parts_that_fit_their_tokens() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.written(16).await;
    let ids: BTreeSet<_> = bakery.items(plan).await.into_iter().collect();
    assert_eq!(ids.len(), 16);
    let requests = bakery.world.writer.requests();
    assert_eq!(requests.len(), 1 + 3, "7, 7 and 2 posts");
    let last = &requests[3].messages[1].content;
    assert!(last.contains("batch 7, loaf 6"), "it shows what was said before");
}

#[tokio::test]
async fn an_answer_that_was_mended_counts_with_what_mending_took() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(2).await;
    bakery.ask(plan).await;
    bakery.answer("gen-1", &json!({ "plan": "bread" }));
    bakery.answer("gen-2", &strategy());
    bakery.answer("gen-3", &items(1, "Bread"));
    bakery.answer("gen-4", &items(2, "Bread"));
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    let outcome = bakery.doc(plan).await.runs[0].outcome.clone().expect("an outcome");
    assert_eq!((outcome.repairs, outcome.cost), (1, NanoUsd::new(28)));
    let mended = &bakery.world.writer.requests()[3].messages;
    assert_eq!(mended[2].role, MessageRole::Assistant);
    assert!(mended[3].content.contains("slot 1 has no item"), "{}", mended[3].content);
}

#[tokio::test]
async fn an_unusable_answer_goes_back_twice_and_then_the_run_fails() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(2).await;
    bakery.ask(plan).await;
    bakery.answer("gen-0", &strategy());
    for number in 1..=4 {
        bakery.answer(&format!("gen-{number}"), &items(1, "Bread"));
    }
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    let doc = bakery.doc(plan).await;
    assert_eq!(doc.plan.failure(), Some(FailureKind::Schema));
    assert_eq!(doc.runs[0].detail.as_deref(), Some("slot 1 has no item"));
    assert_eq!(bakery.world.writer.requests().len(), 1 + 3);
    let state = bakery.world.memory.state();
    let rows = state.views.keys().filter(|(view, _, _)| view == "attention_plans");
    let rows: Vec<_> = rows.map(|(_, _, id)| id.clone()).collect();
    assert_eq!(rows, [format!("generation_failed/{plan}")]);
}

#[tokio::test]
async fn a_provider_that_says_no_ends_the_run_with_its_reason() {
    let words = || "no".to_owned();
    for (failure, kind) in [
        (DraftFailure::NotConfigured, FailureKind::Provider),
        (DraftFailure::Refused { detail: words() }, FailureKind::Provider),
        (DraftFailure::Safety { detail: words() }, FailureKind::Safety),
        (DraftFailure::Quota { detail: words() }, FailureKind::Quota),
    ] {
        let bakery = Bakery::with_connections(1).await;
        let plan = bakery.plan(1).await;
        bakery.ask(plan).await;
        bakery.world.writer.will(Err(failure));
        assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
        assert_eq!(bakery.doc(plan).await.plan.failure(), Some(kind));
        assert_eq!(bakery.world.writer.requests().len(), 1, "nobody is asked twice");
    }
}

#[tokio::test]
async fn an_answer_that_a_filter_cut_off_is_not_asked_for_again() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let mut filtered = draft("gen-1", "{\"strategy\":");
    filtered.finish_reason = "content_filter".to_owned();
    bakery.world.writer.will(Ok(filtered));
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    assert_eq!(bakery.doc(plan).await.plan.failure(), Some(FailureKind::Safety));
    assert_eq!(bakery.world.writer.requests().len(), 1);
}

#[tokio::test]
async fn silence_is_waited_out_a_few_times_before_it_ends_the_run() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let job = bakery.job().await;
    for attempts in 1..=3 {
        bakery.world.writer.will(Err(not_heard()));
        let ended = bakery.work(&ClaimedJob { attempts, ..job.clone() }).await;
        assert!(matches!(ended, Err(JobFailure::Retry(_))), "{ended:?}");
        assert_eq!(bakery.doc(plan).await.plan.status(), Status::Generating);
    }
    bakery.world.writer.will(Err(not_heard()));
    let ended = bakery.work(&ClaimedJob { attempts: 4, ..job }).await;
    assert_eq!(ended, Ok(Next::Done));
    assert_eq!(bakery.doc(plan).await.plan.failure(), Some(FailureKind::Timeout));
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_it_stood() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let job = bakery.job().await;
    bakery.answer("gen-1", &strategy());
    bakery.world.writer.will(Err(not_heard()));
    assert!(bakery.work(&job).await.is_err());
    bakery.answer("gen-2", &items(1, "Bread"));
    assert_eq!(bakery.work(&job).await, Ok(Next::Done));
    assert_eq!(bakery.world.writer.requests().len(), 3, "the strategy is not paid for twice");
    assert_eq!(bakery.doc(plan).await.runs[0].answers.len(), 2);
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_asks_nobody() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let stale = bakery.job().await;
    assert_eq!(bakery.work(&stale).await, Ok(Next::Done), "there is no writer: the run fails");
    bakery.ask(plan).await;
    let asked = bakery.world.writer.requests().len();
    assert_eq!(bakery.work(&stale).await, Ok(Next::Done));
    assert_eq!(bakery.world.writer.requests().len(), asked);
    assert_eq!(bakery.doc(plan).await.plan.status(), Status::Generating, "the new run is open");
}

#[tokio::test]
async fn the_end_of_a_run_told_twice_happens_once() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let job = bakery.job().await;
    bakery.answer("gen-1", &strategy());
    bakery.answer("gen-2", &items(1, "Bread"));
    assert_eq!(bakery.work(&job).await, Ok(Next::Done));
    let events = bakery.world.memory.state().events.len();
    assert_eq!(bakery.work(&job).await, Ok(Next::Done));
    // A worker that has lost its lease may still tell what it found.
    let task: Task = serde_json::from_value(job.payload.clone()).expect("a task");
    let (run, kind) = (task.run, FailureKind::Timeout);
    let fail = FailGeneration { plan, run, kind, detail: "late".try_into().expect("a text") };
    bakery.world.run(&jobs::caller(&job), OnPlan(fail)).await.expect("told");
    assert_eq!(bakery.world.memory.state().events.len(), events);
    assert_eq!(bakery.state(plan).await.status(), Status::Proposed);
}

#[tokio::test]
async fn while_a_run_writes_there_is_no_other_and_nothing_to_submit() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    let again = bakery.world.run(&bakery.ada, GenerateContentPlan { plan }).await;
    assert_eq!(code(again), "PLAN_LOCKED");
    let submit = bakery.world.run(&bakery.ada, OnPlan(SubmitContentPlan { plan })).await;
    assert_eq!(code(submit), "INVALID_STATE");
}

#[tokio::test]
async fn another_account_can_neither_see_nor_have_a_plan_written() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    let bob = bakery.world.open_account("Bob").await;
    let answer = bakery.world.run(&bob, GenerateContentPlan { plan }).await;
    assert_eq!(code(answer), "NOT_FOUND");
}

#[tokio::test]
async fn neither_the_log_nor_the_store_holds_a_prompt_or_an_answer_in_clear() {
    let bakery = Bakery::with_connections(1).await;
    let mut wish = bakery.wish(1);
    wish.brief = brief("canary-in-the-brief");
    let plan = bakery.world.run(&bakery.ada, wish).await.expect("created");
    bakery.ask(plan).await;
    let mut thought = strategy();
    thought["strategy"]["summary"] = json!("canary-in-the-strategy");
    bakery.answer("gen-1", &thought);
    bakery.answer("gen-2", &items(1, "canary-in-a-post"));
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    let doc = bakery.doc(plan).await;
    assert!(serde_json::to_string(&doc).expect("JSON").contains("canary-in-a-post"));
    assert!(!bakery.world.memory.log_text().contains("canary"));
    let state = bakery.world.memory.state();
    assert_eq!(state.contents.len(), 4, "a prompt, two answers and the output");
    for sealed in state.contents.values() {
        assert!(!String::from_utf8_lossy(sealed).contains("canary"));
    }
    let jobs: String = state.jobs.iter().map(|row| row.job.payload.to_string()).collect();
    assert!(!jobs.contains("canary"));
}

#[tokio::test]
async fn a_prompt_that_was_erased_ends_the_run() {
    let bakery = Bakery::with_connections(1).await;
    let plan = bakery.plan(1).await;
    bakery.ask(plan).await;
    bakery.world.desk.stores.content.erase(bakery.ada.account).await.expect("erased");
    assert_eq!(bakery.work(&bakery.job().await).await, Ok(Next::Done));
    let doc = bakery.doc(plan).await;
    assert_eq!(doc.plan.failure(), Some(FailureKind::Provider));
    assert_eq!(doc.runs[0].detail.as_deref(), Some("the prompt was erased"));
    assert!(bakery.world.writer.requests().is_empty());
}
