//! Stripe's own list of events, for whoever was away when it told them. It keeps 30 days.

use crate::{
    Stripe,
    call::Call,
    hint, seconds,
    wire::{Event, List},
};
use async_trait::async_trait;
use herald_application::ports::payments::PaymentFailure;
use herald_application::ports::{EventListing, Hint, ListedEvents, ListingFailure};
use herald_kernel::Instant;
use std::time::Duration;
use stripe_core::event::ListEvent;
use stripe_types::RangeQueryTs;

/// So far back a first reading goes: as long as Stripe tries to deliver.
const SPAN: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// A first reading gives up beyond so many pages of a hundred, and says so.
const PAGES: usize = 100;

#[async_trait]
impl EventListing for Stripe {
    async fn events_after(
        &self,
        cursor: Option<&str>,
        now: Instant,
    ) -> Result<ListedEvents, ListingFailure> {
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
            return self.recent(now).await;
        };
        // "Before" in a list that begins with the newest: these are the next newer ones.
        let list = ListEvent::new().ending_before(cursor).limit(100);
        match self.ask::<List<Event>>(Call::new("list_events", &list)).await {
            Ok(page) => Ok(listed(page.data, page.has_more, cursor)),
            // Stripe has forgotten the event: begin anew.
            Err(failure) if failure.is_missing() => self.recent(now).await,
            Err(failure) => Err(provider(&failure)),
        }
    }
}

impl Stripe {
    async fn recent(&self, now: Instant) -> Result<ListedEvents, ListingFailure> {
        let since = seconds(now.minus(SPAN));
        let mut events: Vec<Event> = Vec::new();
        for _ in 0..PAGES {
            let mut list = ListEvent::new().created(RangeQueryTs::gte(since)).limit(100);
            if let Some(last) = events.last().and_then(name) {
                list = list.starting_after(last);
            }
            let page: List<Event> = self
                .ask(Call::new("list_events", &list))
                .await
                .map_err(|failure| provider(&failure))?;
            let more = page.has_more && !page.data.is_empty();
            events.extend(page.data);
            if !more {
                return Ok(listed(events, false, ""));
            }
        }
        Err(ListingFailure::Provider("more than ten thousand events in three days".to_owned()))
    }
}

fn name(event: &Event) -> Option<&str> {
    event.get("id").and_then(serde_json::Value::as_str)
}

/// Newest first becomes oldest first. What is no event at all is left out: nothing could be done
/// with it, and it must not stop the others.
fn listed(mut newest_first: Vec<Event>, more: bool, before: &str) -> ListedEvents {
    let cursor = newest_first.first().and_then(name).unwrap_or(before).to_owned();
    newest_first.reverse();
    let whole = |event: &Event| {
        let body = serde_json::to_vec(event).ok()?;
        let hint: Hint = hint::read_hint(&body).ok()?;
        Some((hint, body.into()))
    };
    ListedEvents { events: newest_first.iter().filter_map(whole).collect(), cursor, more }
}

fn provider(failure: &PaymentFailure) -> ListingFailure {
    ListingFailure::Provider(failure.to_string())
}
