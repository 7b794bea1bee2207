//! What waits for a person, whatever it is about: one shape for every view that derives it.

use super::{FoldError, write};
use crate::ports::ViewDocument;
use herald_kernel::{AccountId, Instant, PostId};
use serde::{Deserialize, Serialize};

/// Something that goes on only when a person does something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionDoc {
    /// Unique in the account: the kind and the subject.
    pub id: String,
    /// What is the matter, for example `needs_reauth` or `missed`.
    pub kind: String,
    /// What it is about: an id whose prefix says of what kind.
    pub subject: String,
    /// The post that it belongs to, if it does.
    pub post: Option<PostId>,
    /// How a person recognises the subject.
    pub title: String,
    /// What happened, in a sentence.
    pub reason: String,
    /// The mutation that mends it, for example `reconnect`.
    pub next_action: String,
    /// Since when it waits.
    pub since: Instant,
}

/// The row of a derived view that holds `doc`.
pub fn attention_row(account: AccountId, doc: &AttentionDoc) -> Result<ViewDocument, FoldError> {
    Ok(ViewDocument {
        id: doc.id.clone(),
        account: Some(account),
        status: doc.kind.clone(),
        at: doc.since,
        text: doc.title.clone(),
        doc: write(doc)?,
    })
}
