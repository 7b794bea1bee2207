//! API keys as people see them; and, derived, under which look-up a presented key is found.

use super::{Document, FoldError, write};
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

impl Document for ApiKeyDoc {
    type Fact = ApiKeyEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 1;
    const READS: &'static [StreamKind] = &[StreamKind::ApiKey];
    const DERIVES: &'static [&'static str] = &[LOOKUPS];

    fn told(event: &Occurred) -> Option<&ApiKeyEvent> {
        let AnyEvent::ApiKey(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(ApiKeyId::new(event.stream).to_string())
    }

    fn before(fact: &ApiKeyEvent, event: &Occurred) -> Option<Self> {
        let ApiKeyEvent::Issued(issued) = fact else { return None };
        Some(Self {
            id: issued.key,
            account: issued.account,
            key: ApiKey::default(),
            version: 0,
            created_at: event.at,
            since: event.at,
        })
    }

    fn believe(&mut self, fact: &ApiKeyEvent, event: &Occurred) {
        self.key.evolve(fact);
        self.version = event.sequence;
        self.since = event.at;
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.account),
            status: self.key.stage().as_str().to_owned(),
            at: self.created_at,
            text: self.key.name().map(ToString::to_string).unwrap_or_default(),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        lookup_row(self).ok().flatten().map(|row| (LOOKUPS, row)).into_iter().collect()
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
