//! Something that writes what a test tells it to, and remembers what it was asked.

use crate::ports::{Draft, DraftFailure, DraftRequest, Writer};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// A scripted writer. Without a script it is not configured.
#[derive(Debug, Default)]
pub(crate) struct FakeWriter {
    drafts: Mutex<VecDeque<Result<Draft, DraftFailure>>>,
    requests: Mutex<Vec<DraftRequest>>,
}

impl FakeWriter {
    /// Answers the next unanswered request with `answer`.
    pub(crate) fn will(&self, answer: Result<Draft, DraftFailure>) {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer);
    }

    /// Everything that was asked.
    pub(crate) fn requests(&self) -> Vec<DraftRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Writer for FakeWriter {
    async fn draft(&self, request: &DraftRequest) -> Result<Draft, DraftFailure> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let next = self.drafts.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.unwrap_or(Err(DraftFailure::NotConfigured))
    }
}
