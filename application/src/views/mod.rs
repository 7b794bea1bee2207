//! Views: pure folds of events into the documents that the API serves, one view a file.
//!
//! To add one, write its file, add it to [`all_views`], and name what it derives in
//! [`derived_names`]. A change of a document's shape raises the view's version: the new version is
//! built beside the old one and takes over when it has read the whole log.

pub mod accounts;
pub mod api_keys;
pub mod attention;
pub mod connections;
pub mod plans;
pub mod posts;
pub mod revenue;
pub mod subscriptions;
pub mod usage;

use crate::{
    bridge::StreamKind,
    occurred::Occurred,
    ports::{Ordinal, ViewChange, ViewDocument},
};
use serde::{Serialize, de::DeserializeOwned};

/// A pure fold of events into documents.
pub trait View: Send + Sync {
    /// The stored name.
    fn name(&self) -> &'static str;

    /// Raised when a document's shape changes.
    fn version(&self) -> i32;

    /// Does it depend on events of this type?
    fn reads(&self, kind: StreamKind) -> bool;

    /// The document that the event changes.
    fn key(&self, event: &Occurred) -> Option<String>;

    /// The document after the event; `None` when there is none any more.
    fn fold(
        &self,
        document: Option<ViewDocument>,
        event: &Occurred,
    ) -> Result<Option<ViewDocument>, FoldError>;

    /// What changes in other, derived views when a document changes.
    fn derived(
        &self,
        before: Option<&ViewDocument>,
        after: Option<&ViewDocument>,
    ) -> Vec<DerivedRow>;
}

/// Every view.
#[must_use]
pub fn all_views() -> Vec<Box<dyn View>> {
    vec![
        Box::new(accounts::Accounts),
        Box::new(api_keys::ApiKeys),
        Box::new(connections::Connections),
        Box::new(plans::Plans),
        Box::new(posts::Posts),
        Box::new(revenue::RevenueView),
        Box::new(subscriptions::Subscriptions),
        Box::new(usage::UsageView),
    ]
}

/// The views whose rows are derived from `view`'s documents.
#[must_use]
pub fn derived_names(view: &str) -> &'static [&'static str] {
    match view {
        accounts::NAME => &[accounts::MEMBERSHIPS],
        api_keys::NAME => &[api_keys::LOOKUPS],
        connections::NAME => &[connections::ATTENTION],
        plans::NAME => &[plans::ATTENTION],
        posts::NAME => &[posts::TARGETS, posts::ATTENTION],
        subscriptions::NAME => &[subscriptions::CUSTOMERS],
        _ => &[],
    }
}

/// A changed row of a derived view.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivedRow {
    /// The derived view.
    pub view: &'static str,
    /// The row's id.
    pub id: String,
    /// The row, or `None` to remove it.
    pub document: Option<ViewDocument>,
}

impl DerivedRow {
    /// As the projection store takes it.
    #[must_use]
    pub fn into_change(self, version: i32, ordinal: Ordinal) -> ViewChange {
        let view = self.view.to_owned();
        match self.document {
            Some(document) => ViewChange::Put { view, version, document, ordinal },
            None => ViewChange::Remove { view, version, id: self.id },
        }
    }
}

/// What differs between two sets of derived rows.
#[must_use]
pub fn difference(
    view: &'static str,
    before: &[ViewDocument],
    after: Vec<ViewDocument>,
) -> Vec<DerivedRow> {
    let gone = before.iter().filter(|old| !after.iter().any(|new| new.id == old.id));
    let gone = gone.map(|old| DerivedRow { view, id: old.id.clone(), document: None });
    let mut rows: Vec<_> = gone.collect();
    for new in after {
        if !before.contains(&new) {
            rows.push(DerivedRow { view, id: new.id.clone(), document: Some(new) });
        }
    }
    rows
}

/// Why a document could not be folded: the event contradicts what the view holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The event changes a document that does not exist.
    #[error("the event changes a document that does not exist")]
    NoDocument,
    /// The stored document has another shape than the code expects.
    #[error("the document cannot be read: {0}")]
    Shape(String),
}

/// Reads a document's typed form.
pub fn read<T: DeserializeOwned>(document: &ViewDocument) -> Result<T, FoldError> {
    T::deserialize(&document.doc).map_err(|error| FoldError::Shape(error.to_string()))
}

/// Writes a document's typed form.
pub fn write<T: Serialize>(value: &T) -> Result<serde_json::Value, FoldError> {
    serde_json::to_value(value).map_err(|error| FoldError::Shape(error.to_string()))
}
