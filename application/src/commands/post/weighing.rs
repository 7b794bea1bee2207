//! What a decision about a post looks at beside the post: policy, tier, what went out lately.

use super::Weighs;
use crate::{
    execute::Work,
    failure::Failure,
    ports::{Direction, Page, ViewQuery},
    views::posts,
};
use herald_account::Account;
use herald_kernel::Instant;
use herald_post::Context;
use herald_subscription::{Entitlements, Policy};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The context of a decision, no larger than `weighs` asks for.
pub(super) async fn context(work: &Work<'_>, weighs: Weighs) -> Result<Context, Failure> {
    let mut context = Context {
        entitlements: Entitlements::embedded(),
        settle: work.desk.settings.waits.settle,
        give_up: work.desk.settings.waits.give_up_lookup,
        ..Context::at(work.now)
    };
    if weighs == Weighs::Time {
        return Ok(context);
    }
    context.policy = policy(work).await?;
    if weighs == Weighs::Budget {
        let (count, frees_at) = published_today(work, context.policy.posts_per_day).await?;
        context.posts_today = count;
        context.posts_today_frees_at = frees_at;
    }
    Ok(context)
}

async fn policy(work: &Work<'_>) -> Result<Policy, Failure> {
    let account = work.load::<Account>(work.account().uuid()).await?;
    Ok(account.state.policy().clone())
}

/// Targets that the account published in the last 24 hours, and when the oldest leaves the window.
async fn published_today(work: &Work<'_>, budget: u32) -> Result<(u32, Option<Instant>), Failure> {
    let query = ViewQuery {
        view: posts::TARGETS.to_owned(),
        version: work.desk.progress.version(posts::TARGETS),
        account: work.account(),
        statuses: vec!["published".to_owned(), "partially_published".to_owned()],
        from: Some(work.now.minus(DAY)),
        to: None,
        search: None,
        page: Page { after: None, direction: Direction::Ascending, limit: 1 },
    };
    let count = work.desk.stores.views.count(&query, budget.saturating_add(1)).await?;
    let oldest = work.desk.stores.views.list(&query).await?.documents.into_iter().next();
    Ok((count, oldest.map(|document| document.at.plus(DAY))))
}
