//! A social network that answers as a test tells it to, and remembers what it was asked.

use crate::ports::{
    AuthorizationRequest, Commit, CommitOutcome, CommitPlan, ExchangeFailure, ExchangeRequest,
    Listing, LookupFailure, LookupRequest, NotOpened, Picture, PostMetrics, PrepareFailure,
    Prepared, ProviderAccount, RefreshFailure, SocialAuthorization, SocialNetwork, TokenSet,
};
use async_trait::async_trait;
use herald_kernel::Instant;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use url::Url;

/// A scripted network. What a queue does not hold is answered with success.
#[derive(Debug, Default)]
pub(crate) struct FakeNetwork {
    script: Arc<Mutex<Script>>,
}

/// What the network will answer, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// One line for each call, such as `exchange code-1`.
    pub(crate) calls: Vec<String>,
    pub(crate) exchanges: VecDeque<Result<TokenSet, ExchangeFailure>>,
    pub(crate) refreshes: VecDeque<Result<TokenSet, RefreshFailure>>,
    pub(crate) identities: VecDeque<Result<ProviderAccount, ExchangeFailure>>,
    pub(crate) uploads: VecDeque<Result<Prepared, PrepareFailure>>,
    pub(crate) opens: VecDeque<Result<(), NotOpened>>,
    pub(crate) commits: VecDeque<CommitOutcome>,
    pub(crate) listings: VecDeque<Result<Listing, LookupFailure>>,
    pub(crate) metrics: VecDeque<Result<Option<PostMetrics>, LookupFailure>>,
}

impl FakeNetwork {
    /// Scripts answers, or reads what was asked.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls whose line begins with `verb`.
    pub(crate) fn calls(&self, verb: &str) -> Vec<String> {
        let script = self.script();
        script.calls.iter().filter(|line| line.starts_with(verb)).cloned().collect()
    }
}

/// Tokens that live for two hours from the beginning of [`super::TestClock`]'s time.
pub(crate) fn tokens(name: &str, refresh: bool) -> TokenSet {
    tokens_until(name, refresh, super::start().plus(std::time::Duration::from_secs(7_200)))
}

/// Tokens that live until `access_expires_at`.
pub(crate) fn tokens_until(name: &str, refresh: bool, access_expires_at: Instant) -> TokenSet {
    let scopes = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];
    TokenSet {
        access: SecretString::from(format!("access-{name}")),
        access_expires_at,
        refresh: refresh.then(|| SecretString::from(format!("refresh-{name}"))),
        refresh_expires_at: None,
        scopes: scopes.map(str::to_owned).to_vec(),
    }
}

/// The account that the network names unless a test scripts another.
pub(crate) fn owner(id: &str) -> ProviderAccount {
    ProviderAccount {
        id: id.to_owned(),
        handle: format!("handle-{id}"),
        name: format!("Name {id}"),
        text_limit: 280,
    }
}

#[async_trait]
impl SocialAuthorization for FakeNetwork {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        let mut url = Url::parse("https://network.example/authorize").expect("a url");
        url.query_pairs_mut()
            .append_pair("state", &request.state)
            .append_pair("code_challenge", &request.code_challenge)
            .append_pair("redirect_uri", request.redirect_uri.as_str());
        url
    }

    async fn exchange(&self, request: &ExchangeRequest) -> Result<TokenSet, ExchangeFailure> {
        let mut script = self.script();
        let (code, verifier) = (&request.code, &request.code_verifier);
        script.calls.push(format!(
            "exchange {} {}",
            code.expose_secret(),
            verifier.expose_secret()
        ));
        script.exchanges.pop_front().unwrap_or_else(|| Ok(tokens("1", true)))
    }

    async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenSet, RefreshFailure> {
        let mut script = self.script();
        script.calls.push(format!("refresh {}", refresh_token.expose_secret()));
        script.refreshes.pop_front().unwrap_or_else(|| Ok(tokens("2", true)))
    }

    async fn identify(
        &self,
        access_token: &SecretString,
    ) -> Result<ProviderAccount, ExchangeFailure> {
        let mut script = self.script();
        script.calls.push(format!("identify {}", access_token.expose_secret()));
        script.identities.pop_front().unwrap_or_else(|| Ok(owner("42")))
    }

    async fn revoke(&self, token: &SecretString) -> Result<(), RefreshFailure> {
        self.script().calls.push(format!("revoke {}", token.expose_secret()));
        Ok(())
    }
}

#[async_trait]
impl SocialNetwork for FakeNetwork {
    async fn prepare_picture(
        &self,
        token: &SecretString,
        picture: &Picture,
    ) -> Result<Prepared, PrepareFailure> {
        let mut script = self.script();
        let (token, file) = (token.expose_secret(), &picture.file);
        script.calls.push(format!("upload {token} {file:?}"));
        let remote_id = format!("media-{}", script.calls.len());
        script.uploads.pop_front().unwrap_or(Ok(Prepared { remote_id, expires_at: None }))
    }

    async fn open(
        &self,
        token: &SecretString,
        plan: &CommitPlan,
    ) -> Result<Box<dyn Commit>, NotOpened> {
        let mut script = self.script();
        script.calls.push(format!("open {} {}", token.expose_secret(), plan.text));
        script.opens.pop_front().unwrap_or(Ok(()))?;
        let (script, plan) = (Arc::clone(&self.script), plan.clone());
        Ok(Box::new(FakeCommit { script, plan }))
    }

    async fn list_own(
        &self,
        _: &SecretString,
        request: &LookupRequest,
    ) -> Result<Listing, LookupFailure> {
        let mut script = self.script();
        script.calls.push(format!("list {} since {}", request.author, request.since));
        let unscripted =
            || Err(LookupFailure::Transient { cause: "no listing".into(), retry_at: None });
        script.listings.pop_front().unwrap_or_else(unscripted)
    }

    async fn metrics(
        &self,
        _: &SecretString,
        remote_id: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure> {
        let mut script = self.script();
        script.calls.push(format!("metrics {remote_id}"));
        script.metrics.pop_front().unwrap_or_else(|| Ok(Some(PostMetrics::default())))
    }
}

struct FakeCommit {
    script: Arc<Mutex<Script>>,
    plan: CommitPlan,
}

#[async_trait]
impl Commit for FakeCommit {
    async fn send(self: Box<Self>, _: Instant) -> CommitOutcome {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let after = self.plan.reply_to.as_deref().unwrap_or("-");
        script.calls.push(format!("send {after} {}", self.plan.text));
        let remote_id = script.calls.len().to_string();
        let url = format!("https://network.example/{remote_id}");
        script.commits.pop_front().unwrap_or(CommitOutcome::Committed { remote_id, url })
    }
}
