//! Finding one object of the caller's account. What belongs to another one is not there.

use super::{
    fault::{Fault, Result},
    types::{
        account::{Account, Member},
        api_key::ApiKey,
        connection::SocialAccount,
        document,
        media::Media,
        plan::ContentPlan,
        post::Post,
        target::Target,
    },
    visitor::{Known, caller, desk},
};
use async_graphql::Context;
use herald_account::Action;
use herald_application::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{Direction, Ordinal, Page, ViewQuery},
    reading::{ReadFailure, require},
    token::Token,
    views::{
        accounts::{self, AccountDoc},
        api_keys::{self, ApiKeyDoc},
        connections::{self, ConnectionDoc},
        plans::{self, PlanDoc},
        posts::{self, PostDoc, TargetDoc},
    },
};
use herald_kernel::{
    AccountId, ApiKeyId, ConnectionId, MediaId, MemberId, PlanId, PostId, TargetId,
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Begins a read: who asks, and once they can see what they wrote.
pub(crate) async fn begin<'c>(
    ctx: &Context<'c>,
    after: Option<&str>,
) -> Result<(Caller, &'c Arc<Desk>)> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    if let Some(after) = after {
        let token: Token =
            after.parse().map_err(|error: herald_application::token::InvalidToken| {
                Fault::invalid("after", error.to_string())
            })?;
        desk.await_token(token).await?;
    }
    Ok((caller, desk))
}

/// Waits until the views cover everything that is stored now, no longer than a read may wait.
pub(crate) async fn catch_up(desk: &Desk) -> Result<()> {
    let stored = Ordinal(desk.stores.log.head().await.map_err(Failure::from)?.stored);
    let (began, mut progress) = (Instant::now(), desk.progress.watch());
    while desk.refresh_progress().await? < stored {
        if began.elapsed() >= desk.settings.waits.read {
            return Err(ReadFailure::Timeout.into());
        }
        let _woken = tokio::time::timeout(Duration::from_millis(25), progress.changed()).await;
    }
    Ok(())
}

/// The caller's account.
pub(crate) async fn account(desk: &Desk, caller: &Caller) -> Result<Option<Account>> {
    let id = caller.account.to_string();
    let found = desk.document(caller, Action::ReadAccount, accounts::NAME, &id).await?;
    Ok(found.map(|doc: AccountDoc| Account(Arc::new(doc))))
}

/// A post.
pub(crate) async fn post(ctx: &Context<'_>, id: PostId) -> Result<Option<Post>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    let found = desk.document(&caller, Action::ReadPosts, posts::NAME, &id.to_string()).await?;
    Ok(found.map(|doc: PostDoc| Post(Arc::new(doc))))
}

/// A target, with its post.
pub(crate) async fn target(ctx: &Context<'_>, id: TargetId) -> Result<Option<Target>> {
    let Some(post) = post_of(ctx, id).await? else { return Ok(None) };
    let post = self::post(ctx, post).await?;
    let post = post.filter(|post| post.0.post.target(id).is_some());
    Ok(post.map(|post| Target { post: post.0, id }))
}

/// The post that a target belongs to.
pub(crate) async fn post_of(ctx: &Context<'_>, id: TargetId) -> Result<Option<PostId>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    let found = desk.document(&caller, Action::ReadPosts, posts::TARGETS, &id.to_string()).await?;
    Ok(found.map(|doc: TargetDoc| doc.post))
}

/// A content plan.
pub(crate) async fn plan(ctx: &Context<'_>, id: PlanId) -> Result<Option<ContentPlan>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    let found = desk.document(&caller, Action::ReadPlans, plans::NAME, &id.to_string()).await?;
    Ok(found.map(|doc: PlanDoc| ContentPlan(Arc::new(doc))))
}

/// A picture.
pub(crate) async fn media(ctx: &Context<'_>, id: MediaId) -> Result<Option<Media>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    require(&caller, Action::ReadMedia)?;
    let found = desk.stores.media.get(caller.account, id).await.map_err(Failure::from)?;
    Ok(found.map(Media))
}

/// An API key.
pub(crate) async fn api_key(ctx: &Context<'_>, id: ApiKeyId) -> Result<Option<ApiKey>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    let found =
        desk.document(&caller, Action::ReadApiKeys, api_keys::NAME, &id.to_string()).await?;
    Ok(found.map(|doc: ApiKeyDoc| ApiKey(Arc::new(doc))))
}

/// A connection. The lists of a request name the same few again and again, so the account's are
/// read once.
pub(crate) async fn connection(
    ctx: &Context<'_>,
    id: ConnectionId,
) -> Result<Option<SocialAccount>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    require(&caller, Action::ReadConnections)?;
    if let Some(known) = ctx.data_opt::<Known>() {
        let mut known = known.connections.lock().await;
        let mark = (desk.progress.covered(), caller.account);
        if known.as_ref().is_none_or(|(then, _)| *then != mark) {
            *known = Some((mark, all_connections(desk, &caller).await?));
        }
        if let Some(found) = known.as_ref().and_then(|(_, all)| all.get(&id)) {
            return Ok(Some(found.clone()));
        }
    }
    let name = connections::NAME;
    let found = desk.document(&caller, Action::ReadConnections, name, &id.to_string()).await?;
    Ok(found.map(|doc: ConnectionDoc| SocialAccount(Arc::new(doc))))
}

/// What a request knows of the account, and since when.
pub(crate) type KnownAccount = Option<((Ordinal, AccountId), Option<Account>)>;

/// What a request knows of the account's connections, and since when.
pub(crate) type KnownConnections =
    Option<((Ordinal, AccountId), HashMap<ConnectionId, SocialAccount>)>;

async fn all_connections(
    desk: &Desk,
    caller: &Caller,
) -> Result<HashMap<ConnectionId, SocialAccount>> {
    let query = ViewQuery {
        view: connections::NAME.to_owned(),
        version: 0,
        account: caller.account,
        statuses: Vec::new(),
        from: None,
        to: None,
        search: None,
        page: Page { after: None, direction: Direction::Descending, limit: 100 },
    };
    let page = desk.documents(caller, Action::ReadConnections, query).await?;
    let read = page.documents.iter().map(|row| {
        let doc: ConnectionDoc = document(row)?;
        Ok((doc.id, SocialAccount(Arc::new(doc))))
    });
    read.collect()
}

/// A member of the caller's account.
pub(crate) async fn member(ctx: &Context<'_>, id: MemberId) -> Result<Option<Member>> {
    let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
    require(&caller, Action::ReadMembers)?;
    let account = match ctx.data_opt::<Known>() {
        None => account(desk, &caller).await?,
        Some(known) => {
            let mut known = known.account.lock().await;
            let mark = (desk.progress.covered(), caller.account);
            if known.as_ref().is_none_or(|(then, _)| *then != mark) {
                *known = Some((mark, account(desk, &caller).await?));
            }
            known.as_ref().and_then(|(_, account)| account.clone())
        }
    };
    Ok(account.and_then(|account| account.0.member(id).cloned()).map(Member))
}
