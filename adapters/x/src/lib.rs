//! X behind the social network port: consent, pictures, posts, look-ups and numbers.
//!
//! **Invariant:** `POST /2/tweets` and the token endpoint are reached only through
//! [`herald_http_client::Commit`]; nothing beneath repeats them.
//!
//! **Invariant:** only an answer on the list in `proof.rs` counts as a refusal of a post. What is
//! not on it is unknown.

mod health;
mod lookup;
mod media;
mod metrics;
mod oauth;
mod proof;
mod publish;
mod settings;
mod text;
mod wire;

pub use settings::{Settings, Vocabulary};

use async_trait::async_trait;
use herald_application::ports::{
    Commit, CommitPlan, Listing, LookupFailure, LookupRequest, NotOpened, Picture, PostMetrics,
    PrepareFailure, Prepared, SocialNetwork,
};
use herald_http_client::{Client, Environment, InvalidSettings, RealEnvironment};
use herald_kernel::Instant;
use secrecy::SecretString;
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// X, reached over HTTP.
#[derive(Debug, Clone)]
pub struct X {
    settings: Arc<Settings>,
    client: Client,
}

impl X {
    /// X in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// X with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let client = Client::try_new_in(settings.http(), environment)?;
        Ok(Self { settings: Arc::new(settings), client })
    }

    fn now(&self) -> Instant {
        instant(self.client.environment().wall())
    }

    /// Where people see a post. This form needs no handle, which may change.
    fn post_url(&self, id: &str) -> String {
        format!("{}/i/web/status/{id}", self.settings.web.as_str().trim_end_matches('/'))
    }
}

#[async_trait]
impl SocialNetwork for X {
    async fn prepare_picture(
        &self,
        token: &SecretString,
        picture: &Picture,
    ) -> Result<Prepared, PrepareFailure> {
        self.upload(token, picture).await
    }

    async fn open(
        &self,
        token: &SecretString,
        plan: &CommitPlan,
    ) -> Result<Box<dyn Commit>, NotOpened> {
        self.open_post(token, plan).await
    }

    async fn list_own(
        &self,
        token: &SecretString,
        request: &LookupRequest,
    ) -> Result<Listing, LookupFailure> {
        self.list(token, request).await
    }

    async fn metrics(
        &self,
        token: &SecretString,
        remote_id: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure> {
        self.read_metrics(token, remote_id).await
    }
}

/// An instant of the domain; the beginning of 1970 for what lies before it.
fn instant(at: SystemTime) -> Instant {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_micros(micros).unwrap_or_else(|| Instant::new(UNIX_EPOCH.into()))
}

/// A domain's instant as the client counts time.
fn system_time(at: Instant) -> SystemTime {
    let micros = u64::try_from(at.micros()).unwrap_or_default();
    UNIX_EPOCH.checked_add(Duration::from_micros(micros)).unwrap_or(UNIX_EPOCH)
}
