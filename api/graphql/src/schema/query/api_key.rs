//! The account's API keys.

use super::lists::open;
use crate::schema::{
    fault::Result,
    paging::{List, Total, Wish, page_cost},
    types::{
        api_key::ApiKey,
        document,
        names::{ApiKeyStatus, Word},
    },
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{ports::Direction, views::api_keys};
use std::sync::Arc;

#[derive(Debug, Default)]
pub(crate) struct ApiKeyQueries;

#[Object]
impl ApiKeyQueries {
    /// API keys, the newest first; never their texts. Needs an owner or admin.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only keys that stand so; all when absent or empty.")] status: Option<
            Vec<ApiKeyStatus>,
        >,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<ApiKey>> {
        let (caller, desk, window) =
            open(ctx, Wish { first, after, last, before }, "apiKeys").await?;
        let mut query = window.query(api_keys::NAME, Direction::Descending);
        let wanted = status.unwrap_or_default().into_iter();
        query.statuses = wanted.map(|status| status.stored().to_owned()).collect();
        let action = Action::ReadApiKeys;
        let page = desk.documents(&caller, action, query.clone()).await?;
        let total = Total::Counted { action, queries: vec![query], beside: 0 };
        window.list(&page, total, |row| Ok(ApiKey(Arc::new(document(row)?))))
    }
}
