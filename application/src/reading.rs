//! Reading views: within one account, as fresh as the caller asks for.

use crate::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{Direction, Ordinal, Page, StoreError, ViewDocument, ViewPage, ViewQuery},
    token::Token,
    views,
};
use herald_account::Action;
use herald_kernel::{AccountId, Instant};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Why a read did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// What the token promises is not yet visible. Try again.
    #[error("what you wrote is not visible yet; try again")]
    Timeout,
    /// As for a command.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Desk {
    /// Waits until every view covers what `token` marks, within the configured bound.
    pub async fn await_token(&self, token: Token) -> Result<(), ReadFailure> {
        tokio::time::timeout(self.settings.waits.read, self.until_covered(token))
            .await
            .unwrap_or(Err(ReadFailure::Timeout))
    }

    async fn until_covered(&self, token: Token) -> Result<(), ReadFailure> {
        let mut progress = self.progress.watch();
        let mut ordinal = None;
        loop {
            if ordinal.is_none() {
                ordinal = self.stores.log.ordinal_of(token.0).await.map_err(Failure::from)?;
            }
            if ordinal.is_some_and(|ordinal| ordinal <= self.progress.covered()) {
                return Ok(());
            }
            // Another replica may fold: then no signal comes from within, and the checkpoints tell.
            let waited = tokio::time::timeout(Duration::from_millis(25), progress.changed()).await;
            if waited.is_err() {
                self.refresh_progress().await?;
            }
        }
    }

    /// Learns from storage how far the projections have come.
    pub async fn refresh_progress(&self) -> Result<Ordinal, Failure> {
        let checkpoints = self.stores.projections.checkpoints().await?;
        self.progress.refresh(&checkpoints);
        Ok(self.progress.covered())
    }

    /// One document of the caller's account.
    pub async fn document<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        action: Action,
        view: &str,
        id: &str,
    ) -> Result<Option<T>, Failure> {
        require(caller, action)?;
        let version = self.progress.version(view);
        let found = self.stores.views.get(view, version, caller.account, id).await?;
        found.as_ref().map(read_document).transpose()
    }

    /// A page of documents of the caller's account. The query's account and version are set here.
    pub async fn documents(
        &self,
        caller: &Caller,
        action: Action,
        mut query: ViewQuery,
    ) -> Result<ViewPage, Failure> {
        require(caller, action)?;
        query.account = caller.account;
        query.version = self.progress.version(&query.view);
        Ok(self.stores.views.list(&query).await?)
    }

    /// How many documents of the caller's account match, counting no further than `cap`.
    pub async fn count(
        &self,
        caller: &Caller,
        action: Action,
        mut query: ViewQuery,
        cap: u32,
    ) -> Result<u32, Failure> {
        require(caller, action)?;
        query.account = caller.account;
        query.version = self.progress.version(&query.view);
        Ok(self.stores.views.count(&query, cap).await?)
    }

    /// All documents of `account` with one of `statuses`, or with any if none is named, oldest first:
    /// for commands, jobs and the operator, who know what they may look at.
    pub async fn all_documents<T: DeserializeOwned>(
        &self,
        account: AccountId,
        view: &str,
        statuses: &[&str],
    ) -> Result<Vec<T>, Failure> {
        let mut query = ViewQuery {
            view: view.to_owned(),
            version: self.progress.version(view),
            account,
            statuses: statuses.iter().map(|&status| status.to_owned()).collect(),
            from: None,
            to: None,
            search: None,
            page: Page { after: None, direction: Direction::Ascending, limit: 100 },
        };
        let mut found = Vec::new();
        loop {
            let page = self.stores.views.list(&query).await?;
            for row in &page.documents {
                found.push(read_document(row)?);
            }
            query.page.after = page.documents.last().map(|row| (row.at, row.id.clone()));
            if !page.more {
                return Ok(found);
            }
        }
    }
}

/// Documents that are read in one go.
pub(crate) const AT_ONCE: u32 = 1_000;

/// Reads a view's documents of every account, page by page: for the worker, and for the operator.
pub(crate) struct EveryDocument<'d> {
    desk: &'d Desk,
    view: &'static str,
    version: i32,
    statuses: Vec<String>,
    after: Option<(Instant, String)>,
}

impl<'d> EveryDocument<'d> {
    /// Those with one of `statuses`.
    pub(crate) fn of(desk: &'d Desk, view: &'static str, statuses: &[&str]) -> Self {
        let statuses = statuses.iter().map(|&status| status.to_owned()).collect();
        Self { desk, view, version: desk.progress.version(view), statuses, after: None }
    }

    /// The next ones; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<ViewDocument>>, StoreError> {
        let Self { desk, view, version, statuses, after } = self;
        let views = &desk.stores.views;
        let page = views.list_unscoped(view, *version, statuses, after.as_ref(), AT_ONCE).await?;
        *after = page.last().map(|last| (last.at, last.id.clone()));
        Ok(after.is_some().then_some(page))
    }
}

/// Refuses a caller whose role does not allow `action`.
pub fn require(caller: &Caller, action: Action) -> Result<(), Failure> {
    if caller.may(action) { Ok(()) } else { Err(Failure::Forbidden { action: action.name() }) }
}

/// The typed form of a stored document.
pub fn read_document<T: DeserializeOwned>(document: &ViewDocument) -> Result<T, Failure> {
    views::read(document).map_err(|error| Failure::Internal(error.to_string()))
}
