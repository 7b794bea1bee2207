//! Where people are signed in, and as whom.

use crate::schema::{
    fault::{Fault, Result},
    reads,
    types::identity::{LinkedIdentity, Session, SignInFact},
    visitor::{caller, desk, person},
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{failure::Failure, reading::require, sign_in};
use herald_kernel::{IdentityId, Instant};
use uuid::Uuid;

/// The longest page of the sign-in log.
const PAGE: u32 = 100;

#[derive(Debug, Default)]
pub(crate) struct IdentityQueries;

#[Object]
impl IdentityQueries {
    /// As whom you sign in. Needs a signed-in person, no account.
    async fn identities(&self, ctx: &Context<'_>) -> Result<Vec<LinkedIdentity>> {
        let (_, person) = person(ctx)?;
        let own = sign_in::identities_of(desk(ctx)?, person).await?;
        Ok(own.iter().map(|one| LinkedIdentity::of(one, person.identity)).collect())
    }

    /// The ways to sign in here by a redirect, such as `google`: go to `/auth/{name}/start`.
    async fn sign_in_providers(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        person(ctx)?;
        Ok(desk(ctx)?.business.sign_in.keys().cloned().collect())
    }

    /// Where you are signed in, under each of your identities, the latest first.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let (_, person) = person(ctx)?;
        let desk = desk(ctx)?;
        let mut sessions = Vec::new();
        for own in sign_in::identities_of(desk, person).await? {
            let found = sign_in::sessions_of(desk, &own).await?;
            sessions.extend(found.into_iter().map(|session| Session::of(&own, session)));
        }
        Ok(sessions)
    }

    /// Who of the account signed in lately, the latest first. Needs an owner or admin.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn sign_in_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 50 when absent.")] first: Option<i32>,
        #[graphql(desc = "The id of a fact: only what lies before it.")] before: Option<String>,
    ) -> Result<Vec<SignInFact>> {
        let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
        require(&caller, Action::ReadSignInLog)?;
        let limit = u32::try_from(first.unwrap_or(50)).ok().filter(|n| (1..=PAGE).contains(n));
        let limit = limit.ok_or_else(|| Fault::invalid("first", "give a number from 1 to 100"))?;
        let before = before.map(|text| anchor(&text)).transpose()?;
        let account = reads::account(desk, &caller).await?;
        let members = account.as_ref().map_or(&[][..], |account| &account.0.members);
        let people: Vec<IdentityId> =
            members.iter().flat_map(|member| member.identities.iter().copied()).collect();
        let facts = sign_in::signed_in_lately(desk, &people, before, limit).await?;
        let whose = |identity: IdentityId| {
            let found = members.iter().find(|member| member.identities.contains(&identity));
            found.map(|member| member.id.to_string())
        };
        let fact = |fact: sign_in::LoggedSignIn| {
            let member = whose(fact.identity);
            SignInFact::of(fact, member)
        };
        Ok(facts.into_iter().map(fact).collect())
    }
}

fn anchor(text: &str) -> Result<(Instant, Uuid)> {
    let read = text
        .split_once('/')
        .and_then(|(at, id)| Some((Instant::from_micros(at.parse().ok()?)?, id.parse().ok()?)));
    read.ok_or_else(|| Failure::invalid("before", "this is not the id of a fact").into())
}
