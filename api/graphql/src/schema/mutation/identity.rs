//! As whom people sign in, and where they no longer are.

use super::{Outcome, carry, inputs, payloads};
use crate::schema::{
    fault::{Fault, Result},
    input::id,
    scalars::int,
    types::identity::LinkedIdentity,
    visitor::{caller, desk, person},
};
use async_graphql::{Context, ID, Object};
use herald_account::Action;
use herald_application::{
    caller::Caller, commands::account::UnlinkIdentity, failure::Failure, reading::require, sign_in,
};

inputs! {
    /// What `linkIdentity` takes.
    LinkIdentityInput {
        /// At whom: one of `signInProviders`.
        provider: String,
    }
    /// What `unlinkIdentity` takes.
    UnlinkIdentityInput {
        /// Which: one of `identities`, but not the last.
        identity: ID,
    }
    /// What `endSessions` takes: either of the two.
    EndSessionsInput {
        /// Which: some of `sessions`.
        ids: Option<Vec<ID>>,
        /// All of them, the one that asks included.
        everywhere: Option<bool>,
    }
}

payloads! {
    /// Where linking goes on.
    LinkIdentityPayload(String) {
        /// Open it in the browser in which you are signed in. It works once, for ten minutes.
        url: String = async |_: &Context<'_>, _: Caller, url: &String| {
            Ok::<_, Fault>(Some(url.clone()))
        };
    }
    /// What came of unlinking.
    UnlinkIdentityPayload(()) {
        /// As whom you sign in now.
        identities: Vec<LinkedIdentity> = async |ctx: &Context<'_>, _: Caller, (): &()| {
            let (_, person) = person(ctx)?;
            let own = sign_in::identities_of(desk(ctx)?, person).await?;
            let own = own.iter().map(|one| LinkedIdentity::of(one, person.identity));
            Ok::<_, Fault>(Some(own.collect()))
        };
    }
    /// What came of ending sessions.
    EndSessionsPayload(i64) {
        /// How many ended.
        ended: i32 = async |_: &Context<'_>, _: Caller, ended: &i64| {
            Ok::<_, Fault>(Some(int(*ended)))
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct IdentityMutations;

#[Object]
impl IdentityMutations {
    /// Begins to link one more identity to you: answers where to prove it. Nothing is linked by an
    /// e-mail address.
    async fn link_identity(
        &self,
        ctx: &Context<'_>,
        input: LinkIdentityInput,
    ) -> Result<LinkIdentityPayload> {
        let caller = caller(ctx).await?;
        require(&caller, Action::LinkIdentity)?;
        let outcome = match sign_in::begin_link(desk(ctx)?, &caller, &input.provider).await {
            Ok(url) => Outcome::plain(url.to_string()),
            Err(failure) => Outcome::refused(failure)?,
        };
        Ok(LinkIdentityPayload(outcome))
    }

    /// Lets you no longer sign in as an identity, and ends its sessions. The last one stays.
    async fn unlink_identity(
        &self,
        ctx: &Context<'_>,
        input: UnlinkIdentityInput,
    ) -> Result<UnlinkIdentityPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(UnlinkIdentity { identity: id(&input.identity, "identity")? })
        });
        Ok(UnlinkIdentityPayload(outcome.await?))
    }

    /// Ends sessions of yours, here and now. A program's session ends with all that renews it.
    async fn end_sessions(
        &self,
        ctx: &Context<'_>,
        input: EndSessionsInput,
    ) -> Result<EndSessionsPayload> {
        let caller = caller(ctx).await?;
        require(&caller, Action::EndSessions)?;
        let (desk, (_, person)) = (desk(ctx)?, person(ctx)?);
        let names: Vec<_> = input.ids.unwrap_or_default().into_iter().map(|id| id.0).collect();
        let everywhere = input.everywhere.unwrap_or_default();
        if everywhere != names.is_empty() {
            let failure = Failure::invalid("ids", "name sessions, or say `everywhere`");
            return Ok(EndSessionsPayload(Outcome::refused(failure)?));
        }
        let mut ended = 0;
        for own in sign_in::identities_of(desk, person).await? {
            ended += if everywhere {
                sign_in::end_everywhere(desk, own.identity).await?
            } else {
                sign_in::end_named(desk, &own, &names).await?
            };
        }
        Ok(EndSessionsPayload(Outcome::plain(i64::try_from(ended).unwrap_or(i64::MAX))))
    }
}
