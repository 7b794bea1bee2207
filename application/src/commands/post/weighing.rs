//! What a decision about a post looks at beside the post: policy, tier, what went out lately.

use super::Weighs;
use crate::{
    entitlements::{self, Entitled},
    execute::Work,
    failure::Failure,
    metering::{self, Meter},
    ports::{Direction, Page, ViewQuery},
    views::posts,
};
use herald_account::Account;
use herald_kernel::Instant;
use herald_post::Context;
use herald_subscription::{Counter, Overage};
use herald_terms::Policy;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a decision looks at, and what it counts in.
pub(super) struct Weighed {
    pub(super) context: Context,
    pub(super) entitled: Entitled,
    /// The month's posts, where a decision may make them one more.
    pub(super) posts: Option<Meter>,
}

/// What a decision looks at, no more than `weighs` asks for.
pub(super) async fn weigh(work: &Work<'_>, weighs: Weighs) -> Result<Weighed, Failure> {
    let context = Context {
        settle: work.desk.settings.waits.settle,
        give_up: work.desk.settings.waits.give_up_lookup,
        ..Context::at(work.now)
    };
    let entitled = Entitled::unlimited(work.now);
    let mut weighed = Weighed { context, entitled, posts: None };
    if weighs == Weighs::Time {
        return Ok(weighed);
    }
    weighed.context.policy = policy(work).await?;
    if weighs == Weighs::Budget {
        let budget = weighed.context.policy.posts_per_day;
        let (count, frees_at) = published_today(work, budget).await?;
        weighed.context.posts_today = count;
        weighed.context.posts_today_frees_at = frees_at;
        weigh_tier(work, &mut weighed).await?;
    }
    Ok(weighed)
}

async fn weigh_tier(work: &Work<'_>, weighed: &mut Weighed) -> Result<(), Failure> {
    weighed.entitled = entitlements::of_account(work.desk, work.account()).await?;
    let entitled = &weighed.entitled;
    weighed.context.entitlements = entitled.entitlements.clone();
    let quota = entitled.entitlements.posts_per_month;
    weighed.posts = metering::meter(work, entitled, Counter::Posts, quota).await?;
    // What is metered is never refused for its number.
    if entitled.overage == Overage::Block {
        weighed.context.posts_this_month = weighed.posts.as_ref().map_or(0, Meter::taken);
    }
    Ok(())
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
