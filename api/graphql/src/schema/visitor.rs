//! Who asks: the door says which person, this finds out as whom they act and in which account.

use super::{
    fault::{Fault, Result},
    reads::{KnownAccount, KnownConnections},
};
use async_graphql::Context;
use herald_application::{
    caller::{Caller, Person},
    desk::Desk,
    failure::Failure,
    keys::{self, Denied, Pass},
    log::Via,
    ports::Ordinal,
    sign_in,
};
use herald_door::Visitor;
use herald_kernel::{AccountId, Instant};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What one request has found out so far, so that its resolvers need not ask again.
///
/// It holds for as long as the views stand still: a mutation between two reads makes them ask anew.
#[derive(Debug, Default)]
pub(crate) struct Known {
    caller: Mutex<Option<(Ordinal, Caller)>>,
    pub(crate) account: Mutex<KnownAccount>,
    pub(crate) connections: Mutex<KnownConnections>,
}

/// The desk that everything is done at.
pub(crate) fn desk<'c>(ctx: &Context<'c>) -> Result<&'c Arc<Desk>> {
    ctx.data_opt::<Arc<Desk>>()
        .ok_or_else(|| Fault::internal("the schema was built without a desk"))
}

/// The person who asks. Nobody in particular is refused here, before anything is looked at.
pub(crate) fn person<'c>(ctx: &Context<'c>) -> Result<(&'c Visitor, &'c Person)> {
    let visitor = ctx.data_opt::<Visitor>().ok_or_else(Fault::unauthenticated)?;
    if visitor.pass.is_some() {
        return Err(Fault::new("FORBIDDEN", "this is for people; an API key cannot do it"));
    }
    let person = visitor.person.as_ref().ok_or_else(Fault::unauthenticated)?;
    Ok((visitor, person))
}

/// On whose behalf the request acts. Every root goes through here.
pub(crate) async fn caller(ctx: &Context<'_>) -> Result<Caller> {
    if let Some((visitor, pass)) = key(ctx) {
        return by_key(visitor, pass);
    }
    let (visitor, person) = person(ctx)?;
    let desk = desk(ctx)?;
    let Some(known) = ctx.data_opt::<Known>() else {
        return find(desk, visitor, person).await;
    };
    let mut known = known.caller.lock().await;
    let covered = desk.progress.covered();
    match &*known {
        Some((then, caller)) if *then == covered => Ok(caller.clone()),
        _ => {
            let caller = find(desk, visitor, person).await?;
            *known = Some((covered, caller.clone()));
            Ok(caller)
        }
    }
}

/// The program that asks, if one does.
fn key<'c>(ctx: &Context<'c>) -> Option<(&'c Visitor, &'c Pass)> {
    let visitor = ctx.data_opt::<Visitor>()?;
    Some((visitor, visitor.pass.as_ref()?))
}

fn by_key(visitor: &Visitor, pass: &Pass) -> Result<Caller> {
    let caller = pass.caller(named(visitor)?, Via::Graphql, visitor.request);
    Ok(caller.ok_or(sign_in::Unplaced::NotAMember)?)
}

/// Makes sure that a program that was let in a while ago still would be.
pub(crate) async fn recheck(desk: &Desk, visitor: &Visitor, pass: &Pass) -> Result<Caller> {
    match keys::recheck(desk, pass).await {
        Ok(pass) => by_key(visitor, &pass),
        Err(Denied::Refused(_)) => Err(Fault::unauthenticated()),
        Err(Denied::Failed(failure)) => Err(failure.into()),
    }
}

/// The operator who asks for `operation`. Whoever is none learns nothing else.
pub(crate) fn operator<'c>(
    ctx: &Context<'c>,
    operation: &'static str,
) -> Result<(&'c Visitor, &'c Person)> {
    let (visitor, person) = person(ctx)?;
    if visitor.operator {
        Ok((visitor, person))
    } else {
        Err(Failure::Forbidden { action: operation }.into())
    }
}

/// When the person who asks signed in, if a session says so.
pub(crate) async fn signed_in_at(ctx: &Context<'_>) -> Result<Option<Instant>> {
    let (visitor, _) = person(ctx)?;
    let Some(session) = &visitor.session else { return Ok(None) };
    Ok(keys::signed_in_at(desk(ctx)?, session).await?)
}

/// The account that the request names. What is no id names no account of theirs.
fn named(visitor: &Visitor) -> Result<Option<AccountId>, sign_in::Unplaced> {
    let named = visitor.account.as_deref().map(str::parse::<AccountId>).transpose();
    named.map_err(|_| sign_in::Unplaced::NotAMember)
}

async fn find(desk: &Desk, visitor: &Visitor, person: &Person) -> Result<Caller> {
    let named = named(visitor)?;
    caller_in(desk, visitor, person, named).await
}

/// On whose behalf the request acts in a certain account.
pub(crate) async fn caller_in(
    desk: &Desk,
    visitor: &Visitor,
    person: &Person,
    account: Option<AccountId>,
) -> Result<Caller> {
    Ok(sign_in::caller(desk, person, account, Via::Graphql, visitor.request).await?)
}
