//! What every account paid per month, from when on, and when it was opened: for the operator.

use super::{DerivedRow, FoldError, View, read, write};
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

/// The view.
#[derive(Debug, Clone, Copy)]
pub struct RevenueView;

impl View for RevenueView {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        2
    }

    fn reads(&self, kind: StreamKind) -> bool {
        matches!(kind, StreamKind::Subscription | StreamKind::Account)
    }

    fn key(&self, event: &Occurred) -> Option<String> {
        let counts = matches!(
            event.event,
            AnyEvent::Subscription(_) | AnyEvent::Account(AccountEvent::Opened { .. })
        );
        event.account.filter(|_| counts).map(|account| account.to_string())
    }

    fn fold(
        &self,
        document: Option<ViewDocument>,
        event: &Occurred,
    ) -> Result<Option<ViewDocument>, FoldError> {
        let Some(account) = event.account else { return Ok(document) };
        let mut doc = match &document {
            Some(document) => read::<RevenueDoc>(document)?,
            None => RevenueDoc { account, opened_at: event.at, history: AccountHistory::default() },
        };
        if let AnyEvent::Subscription(fact) = &event.event {
            doc.history.fold(fact, event.at);
        }
        Ok(Some(ViewDocument {
            id: account.to_string(),
            account: Some(account),
            status: STATUS.to_owned(),
            at: doc.opened_at,
            text: String::new(),
            doc: write(&doc)?,
        }))
    }

    fn derived(&self, _: Option<&ViewDocument>, _: Option<&ViewDocument>) -> Vec<DerivedRow> {
        Vec::new()
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
            let row = ViewDocument {
                id: account.to_string(),
                account: Some(account),
                status: STATUS.to_owned(),
                at: opened_at,
                text: String::new(),
                doc: write(&doc).expect("it is written"),
            };
            world.memory.state().views.insert((NAME.to_owned(), version, row.id.clone()), row);
        }
        let (from, to) = (start(), start().plus(Duration::from_secs(1)));
        let report = report(&world.desk, from, to).await.expect("it is added up");
        assert_eq!(report.sign_ups, u64::from(AT_ONCE) + 1);
    }
}
