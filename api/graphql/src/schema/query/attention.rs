//! What waits for a person, from wherever it waits.

use super::lists::open;
use crate::schema::{
    fault::{Fault, Result},
    paging::{List, Total, Window, Wish, page_cost},
    types::{attention::AttentionItem, document},
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{DeadJob, Direction, JobKind, ViewDocument, ViewPage},
    views::{
        attention::{AttentionDoc, attention_row},
        connections, plans, posts,
    },
};
use std::cmp::Ordering;

/// The most jobs that were given up of which one is told.
const GIVEN_UP: u32 = 100;

#[derive(Debug, Default)]
pub(crate) struct AttentionQueries;

#[Object]
impl AttentionQueries {
    /// Everything that waits for a person, what waits longest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn attention(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<AttentionItem>> {
        let (caller, desk, window) =
            open(ctx, Wish { first, after, last, before }, "attention").await?;
        let action = Action::ReadAttention;
        let views = [posts::ATTENTION, connections::ATTENTION, plans::ATTENTION];
        let queries = views.map(|view| window.query(view, Direction::Ascending));
        let mut merged = ViewPage { documents: Vec::new(), more: false };
        for query in &queries {
            let page = desk.documents(&caller, action, query.clone()).await?;
            merged.documents.extend(page.documents);
            merged.more |= page.more;
        }
        let given_up = given_up(desk, &caller).await?;
        let beside = given_up.len();
        merged.documents.extend(given_up.into_iter().filter(|row| is_ahead(row, &window)));
        merged.documents.sort_by(order);
        if window.backwards {
            merged.documents.reverse();
        }
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        merged.more |= merged.documents.len() > limit;
        merged.documents.truncate(limit);
        let total = Total::Counted { action, queries: queries.to_vec(), beside };
        window.list(&merged, total, |row| Ok(AttentionItem(document(row)?)))
    }
}

fn order(a: &ViewDocument, b: &ViewDocument) -> Ordering {
    (a.at, &a.id).cmp(&(b.at, &b.id))
}

/// Does a row come after the anchor, in the direction of travel?
fn is_ahead(row: &ViewDocument, window: &Window) -> bool {
    window.anchor.as_ref().is_none_or(|(at, id)| {
        let place = (row.at, &row.id).cmp(&(*at, id));
        place == if window.backwards { Ordering::Less } else { Ordering::Greater }
    })
}

/// Background work that was given up: no view holds it, since no event tells of it.
async fn given_up(desk: &Desk, caller: &Caller) -> Result<Vec<ViewDocument>> {
    let jobs = desk.stores.job_board.dead(caller.account, GIVEN_UP).await.map_err(Failure::from)?;
    let rows = jobs.iter().map(|job| attention_row(caller.account, &told(job)));
    rows.collect::<Result<_, _>>().map_err(Fault::internal)
}

fn told(job: &DeadJob) -> AttentionDoc {
    let subject = job.key.split_once(':').map_or(job.key.as_str(), |(_, subject)| subject);
    AttentionDoc {
        id: format!("given_up/{}", job.id),
        kind: "given_up".to_owned(),
        subject: subject.to_owned(),
        post: None,
        title: format!("{} was given up", job.kind.as_str().replace('_', " ")),
        reason: job.error.clone(),
        next_action: next_action(job.kind).to_owned(),
        since: job.due_at,
    }
}

const fn next_action(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ExchangeCode
        | JobKind::RefreshTokens
        | JobKind::SettleConnection
        | JobKind::CollectMetrics => "reconnect",
        JobKind::PublishTarget => "reschedulePost",
        JobKind::FindLostVerdict | JobKind::ReconcileTarget => "reconcileTarget",
        JobKind::GeneratePlan => "generateContentPlan",
        JobKind::Billing | JobKind::SyncSubscription => "syncSubscription",
        JobKind::EnforceEntitlements => "chooseKeepers",
        JobKind::SettleApiKey => "revokeApiKey",
        JobKind::SendNotice | JobKind::MailLink | JobKind::WriteNotes => "health",
        JobKind::EndSessions => "endSessions",
        JobKind::ForgetMember => "removeMember",
    }
}
