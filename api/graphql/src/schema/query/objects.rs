//! One object by its id.

use crate::schema::{
    fault::{Fault, Result},
    input::id as read_id,
    reads,
    types::{node::Node, plan::ContentPlan, post::Post},
};
use async_graphql::{Context, ID, Object};
use herald_kernel::AnyId;

#[derive(Debug, Default)]
pub(crate) struct ObjectQueries;

#[Object]
impl ObjectQueries {
    /// Whatever has this id, if it belongs to the account: an account, an API key, a connection, a
    /// picture, a plan, a post or a target.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id: its prefix tells the kind.")] id: ID,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Option<Node>> {
        let (caller, desk) = reads::begin(ctx, after.as_deref()).await?;
        if let Ok(key) = id.parse() {
            return Ok(reads::api_key(ctx, key).await?.map(Node::ApiKey));
        }
        let id: Result<AnyId, _> = id.parse();
        Ok(match id.map_err(|error| Fault::invalid("id", error.to_string()))? {
            AnyId::Account(id) if id == caller.account => {
                reads::account(desk, &caller).await?.map(Node::Account)
            }
            AnyId::Connection(id) => reads::connection(ctx, id).await?.map(Node::SocialAccount),
            AnyId::Media(id) => reads::media(ctx, id).await?.map(Node::Media),
            AnyId::Plan(id) => reads::plan(ctx, id).await?.map(Node::ContentPlan),
            AnyId::Post(id) => reads::post(ctx, id).await?.map(Node::Post),
            AnyId::Target(id) => reads::target(ctx, id).await?.map(Node::Target),
            AnyId::Account(_)
            | AnyId::Command(_)
            | AnyId::Identity(_)
            | AnyId::Job(_)
            | AnyId::Member(_)
            | AnyId::PlanItem(_)
            | AnyId::Run(_) => None,
        })
    }

    /// A post of the account.
    async fn post(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The post, `post_…`.")] id: ID,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Option<Post>> {
        reads::begin(ctx, after.as_deref()).await?;
        reads::post(ctx, read_id(&id, "id")?).await
    }

    /// A content plan of the account.
    async fn content_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan, `plan_…`.")] id: ID,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Option<ContentPlan>> {
        reads::begin(ctx, after.as_deref()).await?;
        reads::plan(ctx, read_id(&id, "id")?).await
    }
}
