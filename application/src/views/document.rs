//! How a view is written: as a document that believes one event after the other.

use super::{DerivedRow, FoldError, Folded, View, read};
use crate::{bridge::StreamKind, occurred::Occurred, ports::ViewDocument};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// What a view keeps under one id: pure, and typed as those see it who read it.
pub trait Document: Serialize + DeserializeOwned + 'static {
    /// What it believes of an event.
    type Fact: ?Sized;

    /// The view's stored name.
    const NAME: &'static str;
    /// Raised when the document's shape changes.
    const VERSION: i32;
    /// The types of aggregates on whose events it depends.
    const READS: &'static [StreamKind];
    /// The derived views that [`Self::derived`] has rows for.
    const DERIVES: &'static [&'static str] = &[];

    /// What a document is to believe of an event; `None` for an event that changes none.
    fn told(event: &Occurred) -> Option<&Self::Fact>;

    /// The id of the document that such an event changes; `None` where the event names none.
    fn key(event: &Occurred) -> Option<String>;

    /// What it is before its first event; `None` for an event that comes first nowhere.
    fn before(fact: &Self::Fact, event: &Occurred) -> Option<Self>;

    /// Takes an event in.
    fn believe(&mut self, fact: &Self::Fact, event: &Occurred);

    /// As it is stored, with what it is found by.
    fn row(&self) -> Result<ViewDocument, FoldError>;

    /// Its rows in derived views, each with the name of its view.
    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        Vec::new()
    }
}

/// The view of the documents `D`.
pub(super) struct Of<D>(PhantomData<fn() -> D>);

impl<D: Document> Of<D> {
    pub(super) fn boxed() -> Box<dyn View> {
        Box::new(Self(PhantomData))
    }
}

impl<D: Document> View for Of<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn version(&self) -> i32 {
        D::VERSION
    }

    fn reads(&self, kind: StreamKind) -> bool {
        D::READS.contains(&kind)
    }

    fn derives(&self) -> &'static [&'static str] {
        D::DERIVES
    }

    fn key(&self, event: &Occurred) -> Option<String> {
        D::told(event).and_then(|_| D::key(event))
    }

    fn fold(
        &self,
        before: Option<&ViewDocument>,
        events: &[&Occurred],
    ) -> Result<Folded, FoldError> {
        let mut doc = before.map(read::<D>).transpose()?;
        let rows = doc.as_ref().map(D::derived).unwrap_or_default();
        for event in events {
            let Some(fact) = D::told(event) else { continue };
            let known = doc.take().or_else(|| D::before(fact, event));
            doc.insert(known.ok_or(FoldError::NoDocument)?).believe(fact, event);
        }
        let doc = doc.ok_or(FoldError::NoDocument)?;
        Ok(Folded { document: doc.row()?, derived: difference(&rows, doc.derived()) })
    }
}

/// What differs between two sets of derived rows.
fn difference(
    before: &[(&'static str, ViewDocument)],
    after: Vec<(&'static str, ViewDocument)>,
) -> Vec<DerivedRow> {
    let stays = |(view, old): &(&str, ViewDocument)| {
        after.iter().any(|(other, new)| other == view && new.id == old.id)
    };
    let gone = before.iter().filter(|old| !stays(old));
    let mut rows: Vec<_> =
        gone.map(|(view, old)| DerivedRow { view, id: old.id.clone(), document: None }).collect();
    let changed = after.into_iter().filter(|new| !before.contains(new));
    rows.extend(changed.map(|(view, new)| DerivedRow {
        view,
        id: new.id.clone(),
        document: Some(new),
    }));
    rows
}
