//! Answers that are kept for a while, each under the account that asked.

use crate::{Answer, CacheSettings};
use moka::future::Cache;
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What an answer is kept under. The account is part of it, so that no account reads another's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    account: String,
    name: String,
}

impl CacheKey {
    /// A key of `account`; `name` is hierarchical, such as `metrics/123`.
    pub fn new(account: impl Into<String>, name: impl Into<String>) -> Self {
        Self { account: account.into(), name: name.into() }
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.name, self.account)
    }
}

/// One provider's kept answers.
pub(crate) struct Answers {
    ttl: Duration,
    kept: Cache<CacheKey, (Answer, Instant)>,
    /// Counts invalidations: an answer asked for before one must not be kept after it.
    generation: AtomicU64,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answers kept for {:?}", self.kept.entry_count(), self.ttl)
    }
}

impl Answers {
    pub(crate) fn new(settings: CacheSettings) -> Self {
        let kept = Cache::builder()
            .max_capacity(settings.capacity)
            .time_to_live(settings.ttl)
            .support_invalidation_closures()
            .build();
        Self { ttl: settings.ttl, kept, generation: AtomicU64::new(0) }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) async fn get(&self, key: &CacheKey, now: Instant) -> Option<Answer> {
        let (answer, since) = self.kept.get(key).await?;
        (now.saturating_duration_since(since) < self.ttl).then_some(answer)
    }

    /// Keeps `answer`, unless something was invalidated since `generation` was read.
    pub(crate) async fn keep(&self, key: CacheKey, answer: Answer, now: Instant, generation: u64) {
        if self.generation() == generation {
            self.kept.insert(key, (answer, now)).await;
        }
    }

    /// Drops every answer of `account` whose name begins with `prefix`.
    pub(crate) fn invalidate(&self, account: &str, prefix: &str) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        let (account, prefix) = (account.to_owned(), prefix.to_owned());
        let stale = move |key: &CacheKey, _: &(Answer, Instant)| {
            key.account == account && key.name.starts_with(&prefix)
        };
        if self.kept.invalidate_entries_if(stale).is_err() {
            self.kept.invalidate_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> (Answers, Answer, Instant) {
        let settings = CacheSettings { ttl: Duration::from_secs(60), capacity: 10 };
        let answer = Answer {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: "1".into(),
        };
        (Answers::new(settings), answer, Instant::now())
    }

    #[tokio::test]
    async fn an_answer_is_kept_for_its_account_and_its_time() {
        let (answers, answer, now) = answers();
        answers.keep(CacheKey::new("a", "metrics/1"), answer, now, answers.generation()).await;
        assert!(answers.get(&CacheKey::new("a", "metrics/1"), now).await.is_some());
        assert!(answers.get(&CacheKey::new("b", "metrics/1"), now).await.is_none());
        let later = now + Duration::from_secs(60);
        assert!(answers.get(&CacheKey::new("a", "metrics/1"), later).await.is_none());
    }

    #[tokio::test]
    async fn invalidating_drops_what_is_kept_and_what_is_on_its_way() {
        let (answers, answer, now) = answers();
        let asked = answers.generation();
        answers.keep(CacheKey::new("a", "metrics/1"), answer.clone(), now, asked).await;
        answers.keep(CacheKey::new("b", "metrics/1"), answer.clone(), now, asked).await;
        answers.invalidate("a", "metrics/");
        assert!(answers.get(&CacheKey::new("a", "metrics/1"), now).await.is_none());
        assert!(answers.get(&CacheKey::new("b", "metrics/1"), now).await.is_some());
        answers.keep(CacheKey::new("a", "metrics/2"), answer, now, asked).await;
        assert!(answers.get(&CacheKey::new("a", "metrics/2"), now).await.is_none());
    }
}
