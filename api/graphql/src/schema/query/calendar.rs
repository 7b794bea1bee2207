//! The calendar.

use crate::schema::{
    fault::{Fault, Result},
    reads,
    scalars::{DateTime, Zone},
    types::{
        calendar::{Calendar, CalendarEntry, label},
        document,
    },
};
use async_graphql::{Context, Object};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    desk::Desk,
    ports::{Direction, Page, ViewDocument, ViewQuery},
    views::posts::{TARGETS, TargetDoc},
};
use herald_kernel::Instant;
use std::{sync::Arc, time::Duration};

/// The longest span: a leap year and a day.
const LONGEST: Duration = Duration::from_secs(367 * 24 * 3600);
/// The most entries of one answer.
const MOST: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct CalendarQueries;

#[Object]
impl CalendarQueries {
    /// What goes or went out between `from` and `to`, one entry for each target, in order of time.
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant.")] from: DateTime,
        #[graphql(desc = "The first instant after it, at most a year later.")] to: DateTime,
        #[graphql(desc = "The zone of the local times; the account's own when absent.")]
        zone: Option<Zone>,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Calendar> {
        let (caller, desk) = reads::begin(ctx, after.as_deref()).await?;
        let (start, end) = (from.read("from")?, to.read("to")?);
        if end <= start || end.since(start) > LONGEST {
            return Err(Fault::invalid(
                "to",
                "a calendar spans more than nothing and at most a year",
            ));
        }
        let zone = if let Some(zone) = zone {
            zone.read("zone")?
        } else {
            let account = reads::account(desk, &caller).await?;
            account.map_or_else(herald_kernel::Zone::utc, |account| account.0.zone.clone())
        };
        let zone = Arc::new(zone);
        let (rows, truncated) = targets(desk, &caller, start, end).await?;
        let mut entries = Vec::new();
        for row in &rows {
            let target: TargetDoc = document(row)?;
            // A target without a time is kept by its day of birth, which is nobody's plan.
            if let Some(at) = target.at {
                entries.push(CalendarEntry { target, at, zone: Arc::clone(&zone) });
            }
        }
        Ok(Calendar {
            from: start.into(),
            to: end.into(),
            zone_label: label(&zone, start),
            zone: (*zone).clone().into(),
            entries,
            truncated,
        })
    }
}

/// The rows between two instants, and whether there are more.
async fn targets(
    desk: &Desk,
    caller: &Caller,
    from: Instant,
    to: Instant,
) -> Result<(Vec<ViewDocument>, bool)> {
    let mut rows: Vec<ViewDocument> = Vec::new();
    loop {
        let after = rows.last().map(|row| (row.at, row.id.clone()));
        let query = ViewQuery {
            view: TARGETS.to_owned(),
            version: 0,
            account: caller.account,
            statuses: Vec::new(),
            from: Some(from),
            to: Some(to),
            search: None,
            page: Page { after, direction: Direction::Ascending, limit: 100 },
        };
        let page = desk.documents(caller, Action::ReadCalendar, query).await?;
        rows.extend(page.documents);
        if !page.more || rows.len() >= MOST {
            return Ok((rows, page.more));
        }
    }
}
