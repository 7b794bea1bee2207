//! Lists, a page at a time.

use crate::schema::{
    fault::{Fault, Result},
    paging::{List, Total, Window, Wish, page_cost},
    reads,
    types::{
        connection::SocialAccount,
        document,
        media::Media,
        names::{ConnectionStatus, PlanStatus, PostStatus, Word},
        plan::ContentPlan,
        post::Post,
    },
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{Direction, ViewPage, ViewQuery},
    reading::require,
    views::{connections, plans, posts},
};
use herald_kernel::MediaId;
use std::sync::Arc;

/// The longest text that is searched for.
const LONGEST_SEARCH: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct ListQueries;

#[Object]
impl ListQueries {
    /// Posts, the latest first: by the time at which they go out, else by that of their creation.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the field")]
    async fn posts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only posts that stand so; all when absent or empty.")] status: Option<
            Vec<PostStatus>,
        >,
        #[graphql(desc = "Only posts whose first text contains this, whatever the case.")]
        search: Option<String>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<Post>> {
        let (caller, desk, window) =
            open(ctx, Wish { first, after, last, before }, "posts").await?;
        let mut query = window.query(posts::NAME, Direction::Descending);
        query.statuses = stored(status, PostStatus::stored);
        query.search = search.as_deref().map(searched).transpose()?.flatten();
        let (page, total) = read(desk, &caller, Action::ReadPosts, query).await?;
        window.list(&page, total, |row| Ok(Post(Arc::new(document(row)?))))
    }

    /// Social connections, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn connections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only connections that are this; all when absent or empty.")]
        status: Option<Vec<ConnectionStatus>>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<SocialAccount>> {
        let (caller, desk, window) =
            open(ctx, Wish { first, after, last, before }, "connections").await?;
        let mut query = window.query(connections::NAME, Direction::Descending);
        query.statuses = stored(status, ConnectionStatus::stored);
        let (page, total) = read(desk, &caller, Action::ReadConnections, query).await?;
        window.list(&page, total, |row| Ok(SocialAccount(Arc::new(document(row)?))))
    }

    /// Content plans, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn content_plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only plans that got so far; all when absent or empty.")] status: Option<
            Vec<PlanStatus>,
        >,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<ContentPlan>> {
        let (caller, desk, window) =
            open(ctx, Wish { first, after, last, before }, "contentPlans").await?;
        let mut query = window.query(plans::NAME, Direction::Descending);
        query.statuses = stored(status, PlanStatus::stored);
        let (page, total) = read(desk, &caller, Action::ReadPlans, query).await?;
        window.list(&page, total, |row| Ok(ContentPlan(Arc::new(document(row)?))))
    }

    /// Uploaded pictures, the newest first. Read forwards only.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn media(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor.")] after: Option<String>,
    ) -> Result<List<Media>> {
        let wish = Wish { first, after, ..Wish::default() };
        let (caller, desk, window) = open(ctx, wish, "media").await?;
        require(&caller, Action::ReadMedia)?;
        let anchor = window.anchor.clone().and_then(|(at, id)| Some((at, id.parse().ok()?)));
        let store = &desk.stores.media;
        let found = store.list(caller.account, anchor, window.limit + 1).await;
        let mut found = found.map_err(Failure::from)?;
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let rows = found.into_iter().map(|it| (it.uploaded_at, it.id.to_string(), Media(it)));
        let rows = rows.collect();
        let total = if ctx.look_ahead().field("totalCount").exists() {
            let all =
                store.list(caller.account, None::<(_, MediaId)>, crate::schema::paging::COUNTED);
            all.await.map_err(Failure::from)?.len()
        } else {
            0
        };
        Ok(window.page(rows, more, Total::Known(total)))
    }
}

/// Begins to read a list.
pub(super) async fn open<'c>(
    ctx: &Context<'c>,
    mut wish: Wish,
    list: &'static str,
) -> Result<(Caller, &'c Arc<Desk>, Window)> {
    let token = wish.take_token().map(|token| token.to_string());
    let (caller, desk) = reads::begin(ctx, token.as_deref()).await?;
    let window = wish.check(desk, caller.account, list)?;
    Ok((caller, desk, window))
}

/// A page of a view, and how it is counted.
async fn read(
    desk: &Desk,
    caller: &Caller,
    action: Action,
    query: ViewQuery,
) -> Result<(ViewPage, Total)> {
    let page = desk.documents(caller, action, query.clone()).await?;
    Ok((page, Total::Counted { action, queries: vec![query], beside: 0 }))
}

fn stored<T: Copy>(wanted: Option<Vec<T>>, name: fn(T) -> &'static str) -> Vec<String> {
    wanted.unwrap_or_default().into_iter().map(|one| name(one).to_owned()).collect()
}

fn searched(text: &str) -> Result<Option<String>> {
    let trimmed = text.trim();
    if trimmed.chars().count() > LONGEST_SEARCH {
        let message = format!("search for at most {LONGEST_SEARCH} characters");
        return Err(Fault::invalid("search", message));
    }
    if trimmed.chars().any(char::is_control) {
        return Err(Fault::invalid("search", "a search has no control characters"));
    }
    Ok(Some(trimmed.to_owned()).filter(|text| !text.is_empty()))
}
