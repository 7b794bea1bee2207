//! The log itself: the one read that goes past the views.

use crate::schema::{
    fault::{Fault, Result},
    paging::{COUNTED, List, Total, Window, Wish, page_cost},
    reads,
    types::audit::{AuditEntry, object_named},
};
use async_graphql::{Context, ID, Object};
use herald_account::Action;
use herald_application::{
    failure::Failure,
    ports::{AccountPage, Ordinal},
    reading::require,
};

#[derive(Debug, Default)]
pub(crate) struct AuditQueries;

#[Object]
impl AuditQueries {
    /// Everything that ever happened in the account, the latest first. Needs the role of an owner,
    /// an admin or an auditor.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what happened to this account, connection, plan, post, key, \
                          subscription, month of use or credits: an id that `object` shows.")]
        object: Option<ID>,
        #[graphql(desc = "How many from the latest on, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor, or the token of a mutation that must be visible.")]
        after: Option<String>,
        #[graphql(desc = "How many from the first event on, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor.")] before: Option<String>,
    ) -> Result<List<AuditEntry>> {
        let mut wish = Wish { first, after, last, before };
        let token = wish.take_token().map(|token| token.to_string());
        let (caller, desk) = reads::begin(ctx, token.as_deref()).await?;
        require(&caller, Action::ReadAuditLog)?;
        let window = wish.check(desk, caller.account, "auditLog")?;
        let object = object.map(|object| {
            let unknown = "give an id that `object` of an entry shows";
            object_named(&object).ok_or_else(|| Fault::invalid("object", unknown))
        });
        let object = object.transpose()?;
        let object = object.as_ref().map(|(kind, id)| (kind.as_str(), id.as_str()));
        let read = async |from, backwards, limit| {
            let wanted = AccountPage { account: caller.account, object, from, backwards, limit };
            desk.stores.log.account_page(wanted).await.map_err(Failure::from)
        };
        // The latest event comes first: forwards through the list is backwards through time.
        let backwards = !window.backwards;
        let mut events = read(start(&window, backwards)?, backwards, window.limit + 1).await?;
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = events.len() > limit;
        events.truncate(limit);
        let total = if ctx.look_ahead().field("totalCount").exists() {
            read(Ordinal(0), false, COUNTED).await?.len()
        } else {
            0
        };
        let rows = events
            .into_iter()
            .map(|event| (event.row.recorded_at, event.ordinal.0.to_string(), AuditEntry(event)));
        Ok(window.page(rows.collect(), more, Total::Known(total)))
    }
}

fn start(window: &Window, backwards: bool) -> Result<Ordinal> {
    match &window.anchor {
        Some((_, ordinal)) => ordinal
            .parse()
            .map(Ordinal)
            .map_err(|_| Fault::invalid("after", "this is not a cursor of this list")),
        None if backwards => Ok(Ordinal(i64::MAX)),
        None => Ok(Ordinal(0)),
    }
}
