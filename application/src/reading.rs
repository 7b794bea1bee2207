//! Reading views: within one account, as fresh as the caller asks for.

use crate::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{Ordinal, ViewDocument, ViewPage, ViewQuery},
    token::Token,
    views,
};
use herald_account::Action;
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
}

/// Refuses a caller whose role does not allow `action`.
pub fn require(caller: &Caller, action: Action) -> Result<(), Failure> {
    if caller.may(action) { Ok(()) } else { Err(Failure::Forbidden { action: action.name() }) }
}

/// The typed form of a stored document.
pub fn read_document<T: DeserializeOwned>(document: &ViewDocument) -> Result<T, Failure> {
    views::read(document).map_err(|error| Failure::Internal(error.to_string()))
}
