//! Whatever has an id of its own.

use super::{
    account::Account, api_key::ApiKey, connection::SocialAccount, media::Media, plan::ContentPlan,
    post::Post, target::Target,
};
use async_graphql::{ID, Interface};

/// Whatever has an id of its own, so that `node(id)` finds it.
#[derive(Debug, Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The object's id: it tells the kind by its prefix."
))]
pub(crate) enum Node {
    /// The account itself.
    Account(Account),
    /// An API key.
    ApiKey(ApiKey),
    /// A social connection.
    SocialAccount(SocialAccount),
    /// A content plan.
    ContentPlan(ContentPlan),
    /// A picture.
    Media(Media),
    /// A post.
    Post(Post),
    /// One post on one connection.
    Target(Target),
}
