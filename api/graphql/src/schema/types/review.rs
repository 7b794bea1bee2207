//! What reviewers said, of posts and of plans.

use super::names::{ReviewVerdict, Word};
use crate::schema::{fault::Result, scalars::DateTime};
use async_graphql::SimpleObject;
use herald_application::views::posts::ReviewDoc;

/// One step of a review.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Review {
    /// What became of it.
    pub(crate) verdict: ReviewVerdict,
    /// Who, as the audit log names actors: `member:mem_…`.
    pub(crate) by: String,
    /// In their words; `null` when they had none, or when these were erased.
    pub(crate) comment: Option<String>,
    /// When.
    pub(crate) at: DateTime,
}

impl Review {
    pub(crate) fn of(doc: &ReviewDoc) -> Result<Self> {
        Ok(Self {
            verdict: ReviewVerdict::named(&doc.verdict)?,
            by: doc.by.clone(),
            comment: doc.comment.clone(),
            at: doc.at.into(),
        })
    }
}
