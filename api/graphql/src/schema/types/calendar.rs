//! The calendar: targets by their time, in the zone that was asked for.

use super::{
    connection::SocialAccount,
    names::{Network, TargetStatus, Word},
    post::{Post, Schedule},
    target::Target,
};
use crate::schema::{
    fault::{Fault, Result},
    reads,
    scalars::{DateTime, LocalTime, Zone},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use herald_application::views::posts::TargetDoc;
use herald_kernel::{Instant, LocalTime as Local, Zone as TimeZone};
use std::sync::Arc;

/// What goes or went out in a span of time.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Calendar {
    /// The first instant.
    pub(crate) from: DateTime,
    /// The first instant after it.
    pub(crate) to: DateTime,
    /// The zone of the local times.
    pub(crate) zone: Zone,
    /// The zone as a person reads it, with its distance from UTC at the beginning: it may change
    /// within the span.
    pub(crate) zone_label: String,
    /// The targets in order of their time.
    pub(crate) entries: Vec<CalendarEntry>,
    /// Are there more than were answered? Then ask for a shorter span.
    pub(crate) truncated: bool,
}

/// One target on the calendar.
#[derive(Debug, Clone)]
pub(crate) struct CalendarEntry {
    pub(crate) target: TargetDoc,
    pub(crate) at: Instant,
    pub(crate) zone: Arc<TimeZone>,
}

/// One target on the calendar.
#[Object]
impl CalendarEntry {
    /// The target's id.
    async fn id(&self) -> ID {
        self.target.id.to_string().into()
    }

    /// When it goes or went out.
    async fn at(&self) -> DateTime {
        self.at.into()
    }

    /// The same by the clocks of the zone that was asked for.
    async fn local(&self) -> Result<LocalTime> {
        let local = Local::of(self.at, &self.zone);
        local.map(Into::into).ok_or_else(|| Fault::internal("a time outside of all years"))
    }

    /// How far these clocks are ahead of UTC: `+01:00`.
    async fn utc_offset(&self) -> String {
        offset(self.at, &self.zone)
    }

    /// The schedule as it was meant.
    async fn schedule(&self) -> Result<Option<Schedule>> {
        self.target.schedule.as_ref().map(Schedule::of).transpose()
    }

    /// Where it stands.
    async fn status(&self) -> Result<TargetStatus> {
        TargetStatus::named(&self.target.status)
    }

    /// Why it is held back, if it is.
    async fn held_reason(&self) -> Option<&'static str> {
        self.target.held.map(herald_post::HoldReason::name)
    }

    /// The network.
    async fn network(&self) -> Result<Network> {
        Network::named(&self.target.network)
    }

    /// The beginning of the text.
    async fn excerpt(&self) -> &str {
        &self.target.excerpt
    }

    /// Where people see it, once it is published.
    async fn url(&self) -> Option<&str> {
        self.target.remote.as_ref().map(|remote| remote.url.as_str())
    }

    /// The connection that it goes out by.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<SocialAccount>> {
        reads::connection(ctx, self.target.connection).await
    }

    /// The post.
    async fn post(&self, ctx: &Context<'_>) -> Result<Option<Post>> {
        reads::post(ctx, self.target.post).await
    }

    /// The target with its steps and attempts.
    async fn target(&self, ctx: &Context<'_>) -> Result<Option<Target>> {
        let post = reads::post(ctx, self.target.post).await?;
        Ok(post.map(|post| Target { post: post.0, id: self.target.id }))
    }
}

/// The zone as a person reads it.
pub(crate) fn label(zone: &TimeZone, at: Instant) -> String {
    format!("{zone} (UTC{})", offset(at, zone))
}

/// How far clocks in `zone` are ahead of UTC at `at`.
fn offset(at: Instant, zone: &TimeZone) -> String {
    let shown = Local::of(at, zone).and_then(|local| local.in_zone(&TimeZone::utc()));
    let seconds = shown.map_or(0, |shown| (shown.instant.micros() - at.micros()) / 1_000_000);
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_shown_with_its_distance_from_utc() {
        let at = "2026-07-01T12:00:00Z".parse().expect("an instant");
        for (zone, expected) in [
            ("Europe/Berlin", "Europe/Berlin (UTC+02:00)"),
            ("America/St_Johns", "America/St_Johns (UTC-02:30)"),
            ("UTC", "UTC (UTC+00:00)"),
        ] {
            assert_eq!(label(&zone.parse().expect("a zone"), at), expected);
        }
    }
}
