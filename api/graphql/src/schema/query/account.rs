//! Who asks, their account, its people.

use crate::schema::{
    fault::{Fault, Result},
    paging::{List, Total, Wish, page_cost},
    reads,
    types::account::{Account, Member, Viewer},
    visitor::{desk, person},
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{reading::require, sign_in, token::Token};

#[derive(Debug, Default)]
pub(crate) struct AccountQueries;

#[Object]
impl AccountQueries {
    /// Who asks, and where they may act. Needs a signed-in person, no account.
    async fn viewer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Viewer> {
        let (visitor, person) = person(ctx)?;
        let desk = desk(ctx)?;
        if let Some(after) = after {
            let token: Result<Token, _> = after.parse();
            let token = token.map_err(|error| Fault::invalid("after", error.to_string()))?;
            desk.await_token(token).await?;
        }
        let memberships = sign_in::memberships(desk, person).await?;
        let (identity, operator) = (person.identity.to_string(), visitor.operator);
        Ok(Viewer { identity, memberships, operator })
    }

    /// The account that is acted in.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Option<Account>> {
        let (caller, desk) = reads::begin(ctx, after.as_deref()).await?;
        reads::account(desk, &caller).await
    }

    /// Everybody who was ever asked to join the account, in that order.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<Member>> {
        let mut wish = Wish { first, after, last, before };
        let token = wish.take_token().map(|token| token.to_string());
        let (caller, desk) = reads::begin(ctx, token.as_deref()).await?;
        require(&caller, Action::ReadMembers)?;
        let window = wish.check(desk, caller.account, "members")?;
        let account = reads::account(desk, &caller).await?;
        let members = account.as_ref().map_or(&[][..], |account| &account.0.members);
        let at = account.as_ref().map_or_else(|| desk.clock.now(), |account| account.0.opened_at);
        let total = Total::Known(members.len());
        let rows = members.iter().map(|it| (at, it.id.to_string(), Member(it.clone())));
        let mut rows: Vec<_> = rows.collect();
        if window.backwards {
            rows.reverse();
        }
        // The list is short and has no order but its own: the anchor is found by its id.
        if let Some((_, anchor)) = &window.anchor {
            let passed = rows.iter().position(|(_, id, _)| id == anchor);
            rows.drain(..passed.map_or(0, |passed| passed + 1));
        }
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok(window.page(rows, more, total))
    }
}
