//! Views, for reading: documents with a handful of indexed columns.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant};
use serde_json::Value;

/// Reads views. Every statement names the account: what another account owns is not there.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// One document of `account`.
    async fn get(
        &self,
        view: &str,
        version: i32,
        account: AccountId,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError>;

    /// A page of documents of one account, by (`at`, `id`).
    async fn list(&self, query: &ViewQuery) -> Result<ViewPage, StoreError>;

    /// How many documents a query matches, counting no further than `cap`.
    async fn count(&self, query: &ViewQuery, cap: u32) -> Result<u32, StoreError>;

    /// A document by id alone. For what belongs to no account (identities) and for the worker; no
    /// resolver may call it with an id from outside.
    async fn get_unscoped(
        &self,
        view: &str,
        version: i32,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError>;

    /// Documents of every account with one of `statuses`, for the worker, by (`at`, `id`), only
    /// those after `after`.
    async fn list_unscoped(
        &self,
        view: &str,
        version: i32,
        statuses: &[String],
        after: Option<&(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<ViewDocument>, StoreError>;
}

/// One row of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewDocument {
    /// The document's id, unique in the view.
    pub id: String,
    /// Whose it is; `None` for what belongs to no account.
    pub account: Option<AccountId>,
    /// What it can be filtered by.
    pub status: String,
    /// What it is ordered by.
    pub at: Instant,
    /// What a search looks into.
    pub text: String,
    /// What the API serves.
    pub doc: Value,
}

/// Which documents, in which order, how many.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewQuery {
    /// The view's name.
    pub view: String,
    /// The view's version.
    pub version: i32,
    /// Whose documents.
    pub account: AccountId,
    /// Only these statuses; all when empty.
    pub statuses: Vec<String>,
    /// Only documents at or after this instant.
    pub from: Option<Instant>,
    /// Only documents before this instant.
    pub to: Option<Instant>,
    /// Only documents whose text contains this, without regard to case.
    pub search: Option<String>,
    /// Where the page begins and which way it goes.
    pub page: Page,
}

/// A keyset page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Only what comes after this (`at`, `id`) in the direction of travel.
    pub after: Option<(Instant, String)>,
    /// The direction of travel.
    pub direction: Direction,
    /// How many documents, 1 to 100.
    pub limit: u32,
}

/// The direction of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewPage {
    /// The documents, in the direction of travel.
    pub documents: Vec<ViewDocument>,
    /// Is there more in that direction?
    pub more: bool,
}
