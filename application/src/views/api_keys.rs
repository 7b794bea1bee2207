//! API keys as people see them; and, derived, under which look-up a presented key is found.

use super::{DerivedRow, FoldError, View, difference, read, write};
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use herald_api_key::{ApiKey, ApiKeyEvent};
use herald_kernel::{AccountId, ApiKeyId, Decider as _, Instant};
use serde::{Deserialize, Serialize};

/// API keys.
pub const NAME: &str = "api_keys";
/// One row for each key: the row's status is the look-up.
pub const LOOKUPS: &str = "api_key_lookups";

/// The view.
#[derive(Debug, Clone, Copy)]
pub struct ApiKeys;

/// A key. Its text is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyDoc {
    /// The key.
    pub id: ApiKeyId,
    /// Whose it is.
    pub account: AccountId,
    /// What it is and may do.
    pub key: ApiKey,
    /// What `expectedVersion` is compared with.
    pub version: i64,
    /// When it was issued.
    pub created_at: Instant,
    /// When something last happened to it.
    pub since: Instant,
}

/// Which key goes by a look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupDoc {
    /// The key.
    pub key: ApiKeyId,
}

impl View for ApiKeys {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        1
    }

    fn reads(&self, kind: StreamKind) -> bool {
        kind == StreamKind::ApiKey
    }

    fn key(&self, event: &Occurred) -> Option<String> {
        matches!(event.event, AnyEvent::ApiKey(_)).then(|| ApiKeyId::new(event.stream).to_string())
    }

    fn fold(
        &self,
        document: Option<ViewDocument>,
        event: &Occurred,
    ) -> Result<Option<ViewDocument>, FoldError> {
        let AnyEvent::ApiKey(fact) = &event.event else { return Ok(document) };
        let mut doc = match (&document, &**fact) {
            (Some(document), _) => read::<ApiKeyDoc>(document)?,
            (None, ApiKeyEvent::Issued(issued)) => ApiKeyDoc {
                id: issued.key,
                account: issued.account,
                key: ApiKey::default(),
                version: 0,
                created_at: event.at,
                since: event.at,
            },
            (None, _) => return Err(FoldError::NoDocument),
        };
        doc.key.evolve(fact);
        doc.version = event.sequence;
        doc.since = event.at;
        Ok(Some(ViewDocument {
            id: doc.id.to_string(),
            account: Some(doc.account),
            status: doc.key.stage().as_str().to_owned(),
            at: doc.created_at,
            text: doc.key.name().map(ToString::to_string).unwrap_or_default(),
            doc: write(&doc)?,
        }))
    }

    fn derived(
        &self,
        before: Option<&ViewDocument>,
        after: Option<&ViewDocument>,
    ) -> Vec<DerivedRow> {
        let rows = |document: Option<&ViewDocument>| {
            let doc = document.and_then(|document| read::<ApiKeyDoc>(document).ok());
            doc.and_then(|doc| lookup_row(&doc).ok().flatten()).into_iter().collect::<Vec<_>>()
        };
        difference(LOOKUPS, &rows(before), rows(after))
    }
}

fn lookup_row(doc: &ApiKeyDoc) -> Result<Option<ViewDocument>, FoldError> {
    let Some(issued) = doc.key.details() else { return Ok(None) };
    Ok(Some(ViewDocument {
        id: doc.id.to_string(),
        account: Some(doc.account),
        status: issued.lookup.to_string(),
        at: doc.created_at,
        text: String::new(),
        doc: write(&LookupDoc { key: doc.id })?,
    }))
}
