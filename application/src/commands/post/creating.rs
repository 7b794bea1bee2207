//! Create a post, and change what it says.

use super::{ContentInput, content_hash, load};
use crate::{
    commands::connection,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{ConnectionId, MemberId, Personal, PostId};
use herald_post::{Content, Context, NewTarget, PlanOrigin, Post, PostCommand, target_id};
use serde::Serialize;
use uuid::Uuid;

/// Create a post for one or more connections.
#[derive(Debug, Serialize)]
pub struct CreatePost {
    /// What it says.
    pub content: ContentInput,
    /// Where it is to appear.
    pub connections: Vec<ConnectionId>,
}

/// What a new post is made of, whoever asks for it: a person or an approved plan.
#[derive(Debug)]
pub struct NewPost<'n> {
    /// The post.
    pub id: PostId,
    /// Who writes it.
    pub author: MemberId,
    /// What it says.
    pub content: Content,
    /// Where it is to appear.
    pub connections: &'n [ConnectionId],
    /// The plan that it comes from.
    pub origin: Option<PlanOrigin>,
}

/// The command that creates `new`, with every connection checked to be the account's own.
pub async fn create_command(work: &Work<'_>, new: NewPost<'_>) -> Result<PostCommand, Failure> {
    let mut targets = Vec::with_capacity(new.connections.len());
    for (index, &connection) in new.connections.iter().enumerate() {
        targets.push(new_target(work, new.id, connection, index).await?);
    }
    let hash = content_hash(work, &new.content).await?;
    Ok(PostCommand::Create {
        account: work.account(),
        author: new.author,
        content: Personal::Known(new.content),
        hash,
        targets,
        origin: new.origin,
    })
}

async fn new_target(
    work: &Work<'_>,
    post: PostId,
    id: ConnectionId,
    index: usize,
) -> Result<NewTarget, Failure> {
    let path = format!("connections.{index}");
    let (network, limit) = connection::postable(work, id, &path).await?;
    Ok(NewTarget { target: target_id(post, id), connection: id, network, text_limit: limit.0 })
}

#[async_trait]
impl UseCase for CreatePost {
    const WHO: Who = Who::Members(Action::CreatePost);
    type Answer = PostId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PostId, Failure> {
        let id: PostId = work.naming().created();
        let mut post = work.load_any::<Post>(id.uuid()).await?;
        let content = self.content.resolve(work).await?;
        let author = work.caller.acting_member()?;
        let new = NewPost { id, author, content, connections: &self.connections, origin: None };
        let command = create_command(work, new).await?;
        work.decide(&mut post, command, &Context::at(work.now)).await?;
        Ok(id)
    }

    fn replayed(&self, naming: Naming) -> PostId {
        naming.created()
    }
}

/// Change what a post says. Clears its approval.
#[derive(Debug, Serialize)]
pub struct EditPost {
    /// The post.
    pub post: PostId,
    /// What it says from now on.
    pub content: ContentInput,
}

#[async_trait]
impl UseCase for EditPost {
    const WHO: Who = Who::Members(Action::EditPost);
    type Answer = PostId;

    fn object(&self) -> Option<Uuid> {
        Some(self.post.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PostId, Failure> {
        let mut post = load(work, self.post).await?;
        let content = self.content.resolve(work).await?;
        let hash = content_hash(work, &content).await?;
        let by = work.caller.acting_member()?;
        let command = PostCommand::Edit { content: Personal::Known(content), hash, by };
        work.decide(&mut post, command, &Context::at(work.now)).await?;
        Ok(self.post)
    }

    fn replayed(&self, _: Naming) -> PostId {
        self.post
    }
}
