//! What accounts used, counter by counter and month by month: what an export is made of.

use super::{Document, FoldError, write};
use crate::{
    bridge::StreamKind,
    caller::Caller,
    desk::Desk,
    failure::Failure,
    occurred::{AnyEvent, Occurred},
    ports::{Direction, Page, ViewDocument, ViewQuery},
    reading::read_document,
};
use herald_account::Action;
use herald_kernel::{AccountId, Instant, UsageId};
use herald_subscription::{
    Counter, Period, Subscription, UsageEvent, UsageTotals, subscription_id, usage_id,
};
use serde::{Deserialize, Serialize};

/// Counts of use, one document for each account, counter and period.
pub const NAME: &str = "usage";

/// What was used of one counter within one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageDoc {
    /// The counter's stream.
    pub id: UsageId,
    /// Whose.
    pub account: AccountId,
    /// What is counted.
    pub counter: Counter,
    /// When it began to be used: within the period.
    pub since: Instant,
    /// What was used.
    pub totals: UsageTotals,
}

/// Of which counter such an event is; what only follows on others says nothing of it.
fn counter(event: &UsageEvent) -> Option<Counter> {
    match event {
        UsageEvent::Counted { .. } => Some(Counter::Posts),
        UsageEvent::Reserved { .. }
        | UsageEvent::Committed { .. }
        | UsageEvent::Released { .. }
        | UsageEvent::ReservationExpired { .. } => Some(Counter::AiCredits),
        // Beyond a quota of nothing it can come first: calls are told apart by who made them.
        UsageEvent::Drawn { breakdown, .. } if breakdown.counts().is_empty() => {
            Some(Counter::AiCredits)
        }
        UsageEvent::Leased { .. }
        | UsageEvent::Settled { .. }
        | UsageEvent::LeaseExpired { .. }
        | UsageEvent::Drawn { .. } => Some(Counter::ApiCalls),
        UsageEvent::ReportIntended { .. }
        | UsageEvent::Reported { .. }
        | UsageEvent::ThresholdReached { .. } => None,
    }
}

impl Document for UsageDoc {
    type Fact = UsageEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 1;
    const READS: &'static [StreamKind] = &[StreamKind::Usage];

    fn told(event: &Occurred) -> Option<&UsageEvent> {
        let AnyEvent::Usage(fact) = &event.event else { return None };
        counter(fact).map(|_| &**fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(UsageId::new(event.stream).to_string())
    }

    fn before(fact: &UsageEvent, event: &Occurred) -> Option<Self> {
        Some(Self {
            id: UsageId::new(event.stream),
            account: event.account?,
            counter: counter(fact)?,
            since: event.at,
            totals: UsageTotals::default(),
        })
    }

    fn believe(&mut self, fact: &UsageEvent, _: &Occurred) {
        self.totals.fold(fact);
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.account),
            status: self.counter.as_str().to_owned(),
            at: self.since,
            text: String::new(),
            doc: write(self)?,
        })
    }
}

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine {
    /// The month of the calendar in which the period began to be used, such as `2026-11`.
    pub month: String,
    /// The period, where it is known: a month of the calendar, or of the present subscription.
    pub period: Option<Period>,
    /// What is counted.
    pub counter: Counter,
    /// By which key, where that is known.
    pub key: Option<String>,
    /// For what, where that is known.
    pub operation: Option<String>,
    /// How much.
    pub used: u64,
}

/// What the caller's account used from `from` until just before `to`, oldest first: by counter, key
/// and operation, with a line for what is not broken down.
pub async fn lines(
    desk: &Desk,
    caller: &Caller,
    from: Option<Instant>,
    to: Option<Instant>,
) -> Result<Vec<UsageLine>, Failure> {
    let stream = subscription_id(caller.account).uuid();
    let subscription = desk.journal.load::<Subscription>(stream).await?.state;
    // Months of before the bills' day was known began with the subscription.
    let anchors = subscription.live().map(|live| [live.quota_anchor(), live.started_at]);
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let query = ViewQuery {
            view: NAME.to_owned(),
            version: 0,
            account: caller.account,
            statuses: Vec::new(),
            from,
            to,
            search: None,
            page: Page { after, direction: Direction::Ascending, limit: 100 },
        };
        let page = desk.documents(caller, Action::ReadUsage, query).await?;
        for row in &page.documents {
            lines.extend(read_document::<UsageDoc>(row)?.lines(anchors));
        }
        after = page.documents.last().map(|row| (row.at, row.id.clone()));
        if !page.more || after.is_none() {
            return Ok(lines);
        }
    }
}

impl UsageDoc {
    /// A stream's name follows from its period, so a guess is proven or not taken.
    fn period(&self, anchors: Option<[Instant; 2]>) -> Option<Period> {
        let calendar = Period::calendar_month(self.since);
        let anchored = |anchor| Period::anchored(anchor, self.since);
        let is_it = |period: &Period| usage_id(self.account, self.counter, period) == self.id;
        let known = anchors.into_iter().flatten().map(anchored);
        std::iter::once(calendar).chain(known).find(is_it)
    }

    fn lines(&self, anchors: Option<[Instant; 2]>) -> Vec<UsageLine> {
        let line = |key: Option<&str>, operation: Option<&str>, used| UsageLine {
            month: Period::calendar_month(self.since).key(),
            period: self.period(anchors),
            counter: self.counter,
            key: key.map(ToOwned::to_owned),
            operation: operation.map(ToOwned::to_owned),
            used,
        };
        let named = |(name, used): (&String, &u64)| match name.split_once('/') {
            Some((key, operation)) => line(Some(key), Some(operation), *used),
            None => line(None, Some(name), *used),
        };
        let mut lines: Vec<_> = self.totals.breakdown.iter().map(named).collect();
        let broken_down = lines.iter().fold(0_u64, |sum, line| sum.saturating_add(line.used));
        let rest = self.totals.used.saturating_sub(broken_down);
        if rest > 0 {
            lines.push(line(None, None, rest));
        }
        lines
    }
}
