//! The log itself: the one read that goes past the views.

use crate::schema::{
    fault::{Fault, Result},
    paging::{COUNTED, List, Total, Window, Wish, page_cost},
    reads,
    types::audit::{AuditEntry, object_id},
};
use async_graphql::{Context, ID, Object};
use herald_account::Action;
use herald_application::{
    desk::Desk,
    failure::Failure,
    ports::{LoggedEvent, Ordinal},
    reading::require,
};
use herald_kernel::AccountId;

/// How many events are read at a time when those of one object are looked for.
const SEARCHED: u32 = 500;
/// How many such pages one answer looks through.
const PAGES: usize = 40;

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
        #[graphql(desc = "Only what happened to this account, connection, plan or post. Of a \
                          long log the latest 20,000 events are looked through.")]
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
        let object = object.map(|object| object.to_string());
        let (events, more) = find(desk, caller.account, &window, object.as_deref()).await?;
        let total = if ctx.look_ahead().field("totalCount").exists() {
            let all = desk.stores.log.account_page(caller.account, Ordinal(0), false, COUNTED);
            let all = all.await.map_err(Failure::from)?;
            let counted = all.iter().filter(|event| is_about(event, object.as_deref()));
            counted.count()
        } else {
            0
        };
        let rows = events
            .into_iter()
            .map(|event| (event.recorded_at, event.ordinal.0.to_string(), AuditEntry(event)));
        Ok(window.page(rows.collect(), more, Total::Known(total)))
    }
}

/// The events of one page in the direction of travel, and whether there are more.
async fn find(
    desk: &Desk,
    account: AccountId,
    window: &Window,
    object: Option<&str>,
) -> Result<(Vec<LoggedEvent>, bool)> {
    // The latest event comes first: forwards through the list is backwards through time.
    let backwards = !window.backwards;
    let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let size = if object.is_some() { SEARCHED } else { window.limit + 1 };
    let mut from = start(window, backwards)?;
    let mut found: Vec<LoggedEvent> = Vec::new();
    for _ in 0..PAGES {
        let page = desk.stores.log.account_page(account, from, backwards, size).await;
        let page = page.map_err(Failure::from)?;
        let exhausted = page.len() < usize::try_from(size).unwrap_or(usize::MAX);
        from = page.last().map_or(from, |event| event.ordinal);
        found.extend(page.into_iter().filter(|event| is_about(event, object)));
        if found.len() > limit {
            found.truncate(limit);
            return Ok((found, true));
        }
        if exhausted {
            break;
        }
    }
    Ok((found, false))
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

fn is_about(event: &LoggedEvent, object: Option<&str>) -> bool {
    object.is_none_or(|object| object_id(event) == object)
}
