//! Views: pure folds of events into the documents that the API serves, one [`Document`] a file.
//!
//! To add one, write its file and add it to [`all_views`]. A change of a document's shape raises the
//! view's version: the new version is built beside the old one and takes over when it has read the
//! whole log.

pub mod accounts;
pub mod api_keys;
pub mod attention;
pub mod connections;
mod document;
pub mod plans;
pub mod posts;
pub mod revenue;
pub mod subscriptions;
pub mod usage;

pub use document::Document;

use crate::{
    bridge::StreamKind,
    occurred::Occurred,
    ports::{Ordinal, ViewChange, ViewDocument},
};
use document::Of;
use serde::{Serialize, de::DeserializeOwned};

/// The documents of one kind, whatever their type: what the projector works with.
pub trait View: Send + Sync {
    /// The stored name.
    fn name(&self) -> &'static str;

    /// Raised when a document's shape changes.
    fn version(&self) -> i32;

    /// Does it depend on events of this type?
    fn reads(&self, kind: StreamKind) -> bool;

    /// The views whose rows are derived from its documents.
    fn derives(&self) -> &'static [&'static str];

    /// The id of the document that the event changes.
    fn key(&self, event: &Occurred) -> Option<String>;

    /// The document after `events`, which all change it, the oldest first. It is read, derived from
    /// and written once for all of them.
    fn fold(
        &self,
        before: Option<&ViewDocument>,
        events: &[&Occurred],
    ) -> Result<Folded, FoldError>;
}

/// Every view.
#[must_use]
pub fn all_views() -> Vec<Box<dyn View>> {
    vec![
        Of::<accounts::AccountDoc>::boxed(),
        Of::<api_keys::ApiKeyDoc>::boxed(),
        Of::<connections::ConnectionDoc>::boxed(),
        Of::<plans::PlanDoc>::boxed(),
        Of::<posts::PostDoc>::boxed(),
        Of::<revenue::RevenueDoc>::boxed(),
        Of::<subscriptions::SubscriptionDoc>::boxed(),
        Of::<usage::UsageDoc>::boxed(),
    ]
}

/// The views whose rows are derived from the documents of the view `name`.
#[must_use]
pub fn derived_names(name: &str) -> &'static [&'static str] {
    all_views().iter().find(|view| view.name() == name).map_or(&[], |view| view.derives())
}

/// What events make of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The document.
    pub document: ViewDocument,
    /// What changes with it in derived views.
    pub derived: Vec<DerivedRow>,
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
