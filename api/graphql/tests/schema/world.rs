//! A whole installation behind the schema, with a network that agrees to everything.

use async_graphql::{Request, Variables};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use herald_application::{
    caller::Person,
    desk::{Desk, Parts},
    jobs::{Network as Provider, Networks},
    log::{Keyring, MasterKey, MasterKeys},
    ports::{
        AuthorizationRequest, Clock, Commit, CommitOutcome, CommitPlan, Draft, DraftFailure,
        DraftRequest, ExchangeFailure, ExchangeRequest, Ids, Listing, LookupFailure, LookupRequest,
        MediaFiles, NotOpened, Picture, PostMetrics, PrepareFailure, Prepared, ProviderAccount,
        RefreshFailure, SocialAuthorization, SocialNetwork, StoreError, TokenSet, Writer,
    },
    settings::{Mode, Settings},
    worker::Worker,
};
use herald_door::Visitor;
use herald_graphql::schema::{Extras, Herald, build};
use herald_kernel::{AccountId, Instant, MediaId, Network};
use herald_sqlite::{Sqlite, SqliteSettings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) schema: Herald,
    pub(crate) desk: Arc<Desk>,
    worker: Worker,
    keys: AtomicU64,
    _folder: TempDir,
}

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Somebody {
    pub(crate) person: Person,
    pub(crate) account: Option<String>,
}

pub(crate) fn somebody(name: &str) -> Somebody {
    let (issuer, subject) = ("local".to_owned(), name.to_lowercase());
    let identity = herald_account::identity_id(&issuer, &subject);
    Somebody { person: Person { identity, issuer, subject }, account: None }
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = SqliteSettings::new(folder.path().join("herald.db"));
        let database = Arc::new(Sqlite::open(&settings).await.expect("a new database"));
        database.migrate().await.expect("migrations apply to an empty database");
        let stores = database.stores();
        let ids = Arc::new(Counting::default());
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let keys = stores.keys.clone();
        let network = Arc::new(Agreeable);
        let provider = Provider { social: network.clone(), authorization: network };
        let public_url = "http://127.0.0.1:8080".parse().expect("a url");
        let mut settings = Settings::new(Mode::Sandbox, public_url);
        settings.waits.read = Duration::from_secs(1);
        settings.waits.poll = Duration::from_millis(20);
        settings.waits.remember_keys = Duration::ZERO;
        let desk = Arc::new(Desk::new(Parts {
            stores,
            keyring: Arc::new(Keyring::new(keys, ids.clone(), masters)),
            files: Arc::new(Nowhere),
            networks: Networks::default().with(Network::X, provider),
            writer: Arc::new(Silent),
            business: herald_application::business::Business::default(),
            clock: Arc::new(Wall),
            ids,
            settings,
        }));
        let worker = Worker::new(Arc::clone(&desk));
        worker.projector().register().await.expect("projections register");
        let schema = build(Arc::clone(&desk), Extras::default());
        Self { schema, desk, worker, keys: AtomicU64::default(), _folder: folder }
    }

    /// Folds the log and carries out what is due, until nothing is.
    pub(crate) async fn settle(&self) {
        while self.worker.tick().await.expect("the worker works") > 0 {}
    }

    /// Folds the log and nothing else.
    pub(crate) async fn project(&self) {
        self.worker.projector().run_to_head().await.expect("the log folds");
    }

    fn request(who: &Somebody, query: &str, variables: Value) -> Request {
        let visitor = Visitor {
            person: Some(who.person.clone()),
            account: who.account.clone(),
            request: Uuid::from_u128(9),
            ..Visitor::default()
        };
        Request::new(query).variables(Variables::from_json(variables)).data(visitor)
    }

    /// Asks, with nobody who keeps the views up to date.
    pub(crate) async fn ask_alone(&self, who: &Somebody, query: &str, variables: Value) -> Value {
        let answer = self.schema.execute(Self::request(who, query, variables)).await;
        serde_json::to_value(answer).expect("JSON")
    }

    /// Asks, with the views kept up to date meanwhile.
    pub(crate) async fn ask(&self, who: &Somebody, query: &str, variables: Value) -> Value {
        let answer = self.schema.execute(Self::request(who, query, variables));
        tokio::pin!(answer);
        loop {
            tokio::select! {
                answer = &mut answer => return serde_json::to_value(answer).expect("JSON"),
                () = self.desk.wake.notified() => self.project().await,
            }
        }
    }

    /// Sends a mutation with a key of its own; answers its payload.
    pub(crate) async fn send(
        &self,
        who: &Somebody,
        mutation: &str,
        wish: Value,
        select: &str,
    ) -> Value {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.send_as(who, &key, mutation, wish, select).await
    }

    /// The same with the given key.
    pub(crate) async fn send_as(
        &self,
        who: &Somebody,
        key: &str,
        mutation: &str,
        mut wish: Value,
        select: &str,
    ) -> Value {
        wish["idempotencyKey"] = json!(key);
        let input = format!("{}Input!", self.input_of(mutation));
        let query = format!(
            "mutation($input: {input}) {{ {mutation}(input: $input) {{ {select} token commandId \
             replayed userErrors {{ code message path retryable currentVersion docUrl }} }} }}"
        );
        let mut answer = self.ask(who, &query, json!({ "input": wish })).await;
        let payload = answer["data"][mutation].take();
        if payload.is_null() { answer["errors"].take() } else { payload }
    }

    /// The name of a mutation's input, as the schema has it.
    fn input_of(&self, mutation: &str) -> String {
        let sdl = self.schema.sdl();
        let line = sdl.lines().find(|line| line.trim_start().starts_with(&format!("{mutation}(")));
        let line = line.unwrap_or_else(|| panic!("there is no {mutation}"));
        let (_, rest) = line.split_once("input: ").expect("an input");
        rest.split("Input!").next().expect("its name").to_owned()
    }

    pub(crate) fn follow(&self, who: &Somebody, query: &str) -> impl Stream<Item = Value> + use<> {
        let request = Self::request(who, query, json!({}));
        let stream = self.schema.execute_stream(request);
        stream.map(|answer| serde_json::to_value(answer).expect("JSON"))
    }

    /// Opens an account for a person of this name.
    pub(crate) async fn owner(&self, name: &str) -> Somebody {
        let mut owner = somebody(name);
        let wish = json!({ "businessName": format!("{name}'s bakery"), "name": name });
        let opened = self.send(&owner, "openAccount", wish, "account { id }").await;
        owner.account = opened["account"]["id"].as_str().map(ToOwned::to_owned);
        assert!(owner.account.is_some(), "{opened}");
        owner
    }

    /// Connects an account of the agreeable network; answers the connection.
    pub(crate) async fn connect(&self, who: &Somebody) -> String {
        let select = "connection { id status } authorizationUrl";
        let begun = self.send(who, "beginConnection", json!({ "network": "X" }), select).await;
        let page: Url = begun["authorizationUrl"].as_str().expect("a page").parse().expect("a url");
        let state = page.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
        let wish = json!({ "state": state, "code": "a-code" });
        let done = self.send(who, "completeConnection", wish, "connection { id }").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        self.settle().await;
        begun["connection"]["id"].as_str().expect("an id").to_owned()
    }

    /// Writes a post; answers its id.
    pub(crate) async fn write(&self, who: &Somebody, connection: &str, text: &str) -> String {
        let wish = json!({ "content": { "root": { "text": text } }, "connections": [connection] });
        let written = self.send(who, "createPost", wish, "post { id }").await;
        written["post"]["id"].as_str().unwrap_or_else(|| panic!("{written}")).to_owned()
    }
}

/// The code of the first error.
pub(crate) fn code(answer: &Value) -> &str {
    let errors = if answer.is_array() { answer } else { &answer["errors"] };
    errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code: {answer}"))
}

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
        Instant::from_micros(since.as_micros().try_into().expect("before 292277")).expect("valid")
    }
}

#[derive(Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(0x7000_0000_0000 + u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0x5a; 32];
        let drawn = self.0.fetch_add(1, Ordering::Relaxed);
        secret[..8].copy_from_slice(&drawn.to_be_bytes());
        secret
    }
}

struct Silent;

#[async_trait]
impl Writer for Silent {
    async fn draft(&self, _: &DraftRequest) -> Result<Draft, DraftFailure> {
        Err(DraftFailure::NotConfigured)
    }
}

struct Nowhere;

#[async_trait]
impl MediaFiles for Nowhere {
    async fn put(&self, _: AccountId, _: MediaId, _: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn get(&self, _: AccountId, _: MediaId) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }
}

/// Consents to everything and publishes everything.
struct Agreeable;

#[async_trait]
impl SocialAuthorization for Agreeable {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        let mut url: Url = "https://network.example/consent".parse().expect("a url");
        url.query_pairs_mut().append_pair("state", &request.state);
        url
    }

    async fn exchange(&self, _: &ExchangeRequest) -> Result<TokenSet, ExchangeFailure> {
        let scopes = ["tweet.read", "tweet.write", "users.read", "media.write"];
        Ok(TokenSet {
            access: SecretString::from("access"),
            access_expires_at: Wall.now().plus(Duration::from_secs(7200)),
            refresh: None,
            refresh_expires_at: None,
            scopes: scopes.map(ToOwned::to_owned).to_vec(),
        })
    }

    async fn refresh(&self, _: &SecretString) -> Result<TokenSet, RefreshFailure> {
        Err(RefreshFailure::Transient { cause: "not here".to_owned() })
    }

    async fn identify(&self, _: &SecretString) -> Result<ProviderAccount, ExchangeFailure> {
        let (id, handle) = ("77".to_owned(), "bakery".to_owned());
        Ok(ProviderAccount { id, handle, name: "The bakery".to_owned(), text_limit: 280 })
    }

    async fn revoke(&self, _: &SecretString) -> Result<(), RefreshFailure> {
        Ok(())
    }
}

#[async_trait]
impl SocialNetwork for Agreeable {
    async fn prepare_picture(
        &self,
        _: &SecretString,
        _: &Picture,
    ) -> Result<Prepared, PrepareFailure> {
        panic!("no picture is published here")
    }

    async fn open(&self, _: &SecretString, _: &CommitPlan) -> Result<Box<dyn Commit>, NotOpened> {
        Ok(Box::new(Yes))
    }

    async fn list_own(
        &self,
        _: &SecretString,
        _: &LookupRequest,
    ) -> Result<Listing, LookupFailure> {
        panic!("nothing is looked up here")
    }

    async fn metrics(
        &self,
        _: &SecretString,
        _: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure> {
        Ok(None)
    }
}

struct Yes;

#[async_trait]
impl Commit for Yes {
    async fn send(self: Box<Self>, _: Instant) -> CommitOutcome {
        let url = "https://network.example/bakery/status/1234".to_owned();
        CommitOutcome::Committed { remote_id: "1234".to_owned(), url }
    }
}
