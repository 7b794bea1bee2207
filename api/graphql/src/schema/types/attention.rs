//! What waits for a person.

use crate::schema::{fault::Result, reads, scalars::DateTime, types::post::Post};
use async_graphql::{Context, ID, Object};
use herald_application::views::attention::AttentionDoc;

/// Something that goes on only when a person does something.
#[derive(Debug, Clone)]
pub(crate) struct AttentionItem(pub(crate) AttentionDoc);

/// Something that goes on only when a person does something.
#[Object]
impl AttentionItem {
    /// Unique in the account.
    async fn id(&self) -> ID {
        self.0.id.clone().into()
    }

    /// What is the matter, for example `approval`, `missed`, `needs_human` or `needs_reauth`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What it is about: the id of a post, a target, a connection or a plan.
    async fn subject(&self) -> ID {
        self.0.subject.clone().into()
    }

    /// The post that it belongs to, if it does.
    async fn post(&self, ctx: &Context<'_>) -> Result<Option<Post>> {
        match self.0.post {
            Some(post) => reads::post(ctx, post).await,
            None => Ok(None),
        }
    }

    /// How a person recognises the subject.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What happened, in a sentence.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The mutation that mends it.
    async fn next_action(&self) -> &str {
        &self.0.next_action
    }

    /// Since when it waits.
    async fn since(&self) -> DateTime {
        self.0.since.into()
    }
}
