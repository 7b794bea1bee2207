//! Who asks: the transport says which person, this finds out as whom they act and in which account.

use super::{
    fault::{Fault, Result},
    reads::{KnownAccount, KnownConnections},
};
use crate::http::{Credential, Door, Knock, TurnedAway};
use async_graphql::{Context, Data};
use herald_application::{
    caller::{Caller, Person},
    desk::Desk,
    log::Via,
    ports::Ordinal,
    sign_in,
};
use herald_kernel::AccountId;
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// What the transport knows of who asks. It puts one into every request.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The signed-in person; `None` is nobody in particular.
    pub person: Option<Person>,
    /// The account that they want to act in, where they take part in several.
    pub account: Option<String>,
    /// Names the request in logs and in the audit log.
    pub request: Uuid,
}

/// What one request has found out so far, so that its resolvers need not ask again.
///
/// It holds for as long as the views stand still: a mutation between two reads makes them ask anew.
#[derive(Debug, Default)]
pub(crate) struct Known {
    caller: Mutex<Option<(Ordinal, Caller)>>,
    pub(crate) account: Mutex<KnownAccount>,
    pub(crate) connections: Mutex<KnownConnections>,
}

/// Lets people in by the sessions that this installation gave them.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Reception {
    desk: Arc<Desk>,
}

impl Reception {
    /// A door that knows the sessions of `desk`.
    #[must_use]
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[async_trait::async_trait]
impl Door for Reception {
    type Visitor = Visitor;

    async fn admit(&self, knock: Knock) -> Result<Visitor, TurnedAway> {
        let Knock { credential, account, request } = knock;
        let Some(Credential::Bearer(session) | Credential::Cookie(session)) = credential else {
            return Ok(Visitor { person: None, account, request });
        };
        match sign_in::person_of(&self.desk, &session).await {
            Ok(Some(person)) => Ok(Visitor { person: Some(person), account, request }),
            Ok(None) => Err(TurnedAway::BadCredential),
            Err(failure) => {
                tracing::warn!(code = failure.code(), ?failure, "sign-in does not answer");
                Err(TurnedAway::Unavailable)
            }
        }
    }

    fn is_signed_in(&self, visitor: &Visitor) -> bool {
        visitor.person.is_some()
    }

    fn furnish(&self, _: &Visitor, data: &mut Data) {
        data.insert(Known::default());
    }
}

/// The desk that everything is done at.
pub(crate) fn desk<'c>(ctx: &Context<'c>) -> Result<&'c Arc<Desk>> {
    ctx.data_opt::<Arc<Desk>>()
        .ok_or_else(|| Fault::internal("the schema was built without a desk"))
}

/// The person who asks. Nobody in particular is refused here, before anything is looked at.
pub(crate) fn person<'c>(ctx: &Context<'c>) -> Result<(&'c Visitor, &'c Person)> {
    let visitor = ctx.data_opt::<Visitor>().ok_or_else(Fault::unauthenticated)?;
    let person = visitor.person.as_ref().ok_or_else(Fault::unauthenticated)?;
    Ok((visitor, person))
}

/// On whose behalf the request acts. Every root goes through here.
pub(crate) async fn caller(ctx: &Context<'_>) -> Result<Caller> {
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

async fn find(desk: &Desk, visitor: &Visitor, person: &Person) -> Result<Caller> {
    let named = visitor.account.as_deref().map(str::parse::<AccountId>).transpose();
    // What is no id names no account of theirs.
    let named = named.map_err(|_| sign_in::Unplaced::NotAMember)?;
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
