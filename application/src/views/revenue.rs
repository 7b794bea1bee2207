//! What every account paid per month, from when on, and when it was opened: for the operator.

use super::{Document, FoldError, write};
use crate::{
    bridge::StreamKind,
    desk::Desk,
    failure::Failure,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
    reading::{EveryDocument, read_document},
};
use herald_account::AccountEvent;
use herald_kernel::{AccountId, Currency, Instant};
use herald_subscription::{AccountHistory, MonthlyRate, Report};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Revenue, one document per account.
pub const NAME: &str = "revenue";

const STATUS: &str = "account";

/// What one account paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevenueDoc {
    /// Whose.
    pub account: AccountId,
    /// When it was opened.
    pub opened_at: Instant,
    /// What it paid per month, folded by the domain itself.
    pub history: AccountHistory,
}

impl Document for RevenueDoc {
    type Fact = AnyEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 2;
    const READS: &'static [StreamKind] = &[StreamKind::Subscription, StreamKind::Account];

    fn told(event: &Occurred) -> Option<&AnyEvent> {
        let counts = matches!(
            event.event,
            AnyEvent::Subscription(_) | AnyEvent::Account(AccountEvent::Opened { .. })
        );
        counts.then_some(&event.event)
    }

    fn key(event: &Occurred) -> Option<String> {
        event.account.map(|account| account.to_string())
    }

    fn before(_: &AnyEvent, event: &Occurred) -> Option<Self> {
        let account = event.account?;
        Some(Self { account, opened_at: event.at, history: AccountHistory::default() })
    }

    fn believe(&mut self, fact: &AnyEvent, event: &Occurred) {
        if let AnyEvent::Subscription(fact) = fact {
            self.history.fold(fact, event.at);
        }
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.account.to_string(),
            account: Some(self.account),
            status: STATUS.to_owned(),
            at: self.opened_at,
            text: String::new(),
            doc: write(self)?,
        })
    }
}

async fn all(desk: &Desk) -> Result<Vec<RevenueDoc>, Failure> {
    let (mut pages, mut all) = (EveryDocument::of(desk, NAME, &[STATUS]), Vec::new());
    while let Some(page) = pages.next().await? {
        for row in &page {
            all.push(read_document(row)?);
        }
    }
    Ok(all)
}

/// The figures from `from` until just before `to`, over every account. For the operator.
pub async fn report(desk: &Desk, from: Instant, to: Instant) -> Result<Report, Failure> {
    let docs = all(desk).await?;
    let opened = docs.iter().filter(|doc| from <= doc.opened_at && doc.opened_at < to).count();
    let opened = u64::try_from(opened).unwrap_or(u64::MAX);
    Ok(Report::between(docs.iter().map(|doc| &doc.history), from, to, opened))
}

/// What all accounts pay per month at `at`, per currency. For the operator.
pub async fn as_of(desk: &Desk, at: Instant) -> Result<BTreeMap<Currency, MonthlyRate>, Failure> {
    let docs = all(desk).await?;
    Ok(AccountHistory::mrr_at(docs.iter().map(|doc| &doc.history), at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        reading::AT_ONCE,
        testing::{World, start},
    };
    use std::time::Duration;
    use uuid::Uuid;

    #[tokio::test]
    async fn every_account_counts_however_many_there_are() {
        let world = World::new().await;
        let version = world.desk.progress.version(NAME);
        for number in 0..=AT_ONCE {
            let account = AccountId::new(Uuid::from_u128(number.into()));
            let (opened_at, history) = (start(), AccountHistory::default());
            let doc = RevenueDoc { account, opened_at, history };
            let row = doc.row().expect("it is written");
            world.memory.state().views.insert((NAME.to_owned(), version, row.id.clone()), row);
        }
        let (from, to) = (start(), start().plus(Duration::from_secs(1)));
        let report = report(&world.desk, from, to).await.expect("it is added up");
        assert_eq!(report.sign_ups, u64::from(AT_ONCE) + 1);
    }
}
