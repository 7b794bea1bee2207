//! An issuer's keys, kept: read ahead of the tokens, and seldom, whatever tokens come in.
//!
//! **Invariant:** between two attempts to read keys lies [`Pace::pause`]; one attempt runs at a
//! time, in a task of its own, so that callers who hang up cannot cause another.

use crate::{endpoints::Finder, jwt::Jwt, keys::Keys, settings::Pace};
use herald_application::ports::TokenRefused;
use herald_http_client::{Environment, Request};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// An issuer's keys.
#[derive(Debug)]
pub(crate) struct KeySet {
    name: &'static str,
    pub(crate) finder: Finder,
    pace: Pace,
    environment: Arc<dyn Environment>,
    kept: RwLock<Kept>,
    gate: Arc<Mutex<()>>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    keys: Option<(Arc<Keys>, Instant)>,
    tried_at: Option<Instant>,
}

impl KeySet {
    pub(crate) fn new(
        name: &'static str,
        finder: Finder,
        pace: Pace,
        environment: Arc<dyn Environment>,
    ) -> Arc<Self> {
        let (kept, gate) = (RwLock::default(), Arc::default());
        Arc::new(Self { name, finder, pace, environment, kept, gate })
    }

    /// Is `jwt` signed by a key of the issuer?
    pub(crate) async fn prove(self: &Arc<Self>, jwt: &Jwt<'_>) -> Result<(), TokenRefused> {
        let kept = self.kept();
        let verdict = self.judge(&kept, jwt);
        if matches!(verdict, Err(TokenRefused::UnknownKey | TokenRefused::Unavailable)) {
            // Whoever reads the keys at this moment reads them for this token, too.
            let guard = Arc::clone(&self.gate).lock_owned().await;
            self.read_if_due(guard).await;
            return self.judge(&self.kept(), jwt);
        }
        if !self.is_fresh(&kept)
            && let Ok(guard) = Arc::clone(&self.gate).try_lock_owned()
        {
            // A key that was taken back must not be believed for longer than needed.
            self.read_if_due(guard).await;
            return self.judge(&self.kept(), jwt);
        }
        verdict
    }

    /// Reads the keys now, and says how many there are or why there are none.
    pub(crate) async fn read_now(self: &Arc<Self>) -> Result<usize, String> {
        let guard = Arc::clone(&self.gate).lock_owned().await;
        self.read(guard).await
    }

    fn judge(&self, kept: &Kept, jwt: &Jwt<'_>) -> Result<(), TokenRefused> {
        let now = self.environment.monotonic();
        match &kept.keys {
            Some((keys, at)) if now.saturating_duration_since(*at) < self.pace.usable => {
                keys.prove(jwt)
            }
            Some(_) | None => Err(TokenRefused::Unavailable),
        }
    }

    fn is_fresh(&self, kept: &Kept) -> bool {
        let now = self.environment.monotonic();
        let fresh = |at: &Instant| now.saturating_duration_since(*at) < self.pace.fresh;
        kept.keys.as_ref().is_some_and(|(_, at)| fresh(at))
    }

    async fn read_if_due(self: &Arc<Self>, guard: OwnedMutexGuard<()>) {
        let kept = self.kept();
        let pause = if kept.keys.is_some() { self.pace.pause } else { self.pace.first_pause };
        let now = self.environment.monotonic();
        let due = |at: Instant| now.saturating_duration_since(at) >= pause;
        if kept.tried_at.is_none_or(due)
            && let Err(cause) = self.read(guard).await
        {
            tracing::warn!(provider = self.name, cause, "the issuer's keys were not read");
        }
    }

    async fn read(self: &Arc<Self>, guard: OwnedMutexGuard<()>) -> Result<usize, String> {
        let this = Arc::clone(self);
        let reading = tokio::spawn(async move {
            let outcome = this.fetch().await;
            let mut kept = this.kept();
            let now = this.environment.monotonic();
            kept.tried_at = Some(now);
            let told = outcome.map(|keys| {
                let count = keys.count();
                kept.keys = Some((Arc::new(keys), now));
                count
            });
            *this.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
            drop(guard);
            told
        });
        reading.await.unwrap_or_else(|_| Err("reading the keys was stopped".to_owned()))
    }

    async fn fetch(&self) -> Result<Keys, String> {
        let places = self.finder.find().await?;
        let request = Request::get("keys", [""; 0]).tries(2);
        let answer = places.keys.send(&request).await.map_err(|error| error.failure.to_string())?;
        Keys::read(&answer.body).ok_or_else(|| "no usable key is published".to_owned())
    }

    fn kept(&self) -> Kept {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
