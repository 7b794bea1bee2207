//! An installation whose clock stands still, and a provider that signs as they do nowadays.

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
};
use herald_application::{
    desk::{Desk, Parts},
    inbox::{Applied, Source, Sources, WebhookApplier, turn},
    jobs::Networks,
    log::{Keyring, MasterKey, MasterKeys},
    ports::{
        Arrival, ClaimedArrival, Clock, Draft, DraftFailure, DraftRequest, Hint, Ids, InboxFilter,
        InboxReception, InboxSettlement, InboxStore, Lease, MediaFiles, StoreError, WebhookHeaders,
        WebhookRefused, WebhookSource, Writer,
    },
    settings::{Mode, Settings},
};
use herald_kernel::{AccountId, Instant, MediaId};
use herald_sqlite::{Sqlite, SqliteSettings};
use herald_webhooks::Webhooks;
use hmac::{Hmac, Mac as _};
use http_body_util::BodyExt as _;
use sha2::Sha256;
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};
use tempfile::TempDir;
use tower::ServiceExt as _;
use uuid::Uuid;

/// What the clock says, in seconds since 1970.
pub(crate) const NOW: i64 = 1_795_251_600;
const SECRET: &[u8] = b"whsec_of_the_test";

pub(crate) struct World {
    pub(crate) desk: Arc<Desk>,
    router: Router,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::built(false).await
    }

    pub(crate) async fn without_storage() -> Self {
        Self::built(true).await
    }

    async fn built(away: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = SqliteSettings::new(folder.path().join("herald.db"));
        let database = Arc::new(Sqlite::open(&settings).await.expect("a new database"));
        database.migrate().await.expect("migrations apply to an empty database");
        let mut stores = database.stores();
        if away {
            stores.inbox = Arc::new(Away);
        }
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let keyring = Keyring::new(Arc::clone(&stores.keys), Arc::new(Fixed), masters);
        let public_url = "http://127.0.0.1:8080".parse().expect("a url");
        let desk = Desk::new(Parts {
            stores,
            keyring: Arc::new(keyring),
            files: Arc::new(Fixed),
            networks: Networks::default(),
            writer: Arc::new(Fixed),
            business: herald_application::business::Business::default(),
            clock: Arc::new(Fixed),
            ids: Arc::new(Fixed),
            settings: Settings::new(Mode::Sandbox, public_url),
        });
        let source = |secret| Source::new(Arc::new(Provider(secret)), Arc::new(Provider(secret)));
        let sources = Sources::default()
            .with("fake", source(Some(SECRET)))
            .with("fenced", source(Some(SECRET)))
            .with("secretless", source(None));
        let desk = Arc::new(desk.with_sources(sources));
        let networks = vec!["3.18.12.0/24".parse().expect("a network")];
        let router = herald_webhooks::router(Webhooks {
            desk: Arc::clone(&desk),
            networks: BTreeMap::from([("fenced".to_owned(), networks)]),
        });
        Self { desk, router, _folder: folder }
    }

    /// The same request, from this address, as the server notes it.
    pub(crate) fn from(mut request: Request<Body>, address: &str) -> Request<Body> {
        let source = herald_door::Source(address.parse().expect("an address"));
        request.extensions_mut().insert(source);
        request
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status, parts.headers, String::from_utf8(body.into()).expect("text"))
    }

    /// The ids of what is kept, newest first.
    pub(crate) async fn kept(&self) -> Vec<String> {
        let rows = self.desk.stores.inbox_board.list(&InboxFilter::default()).await;
        rows.expect("rows").into_iter().map(|row| row.event_id).collect()
    }

    /// Applies what is due; answers how much that was.
    pub(crate) async fn turn(&self) -> usize {
        turn(&self.desk).await.expect("the inbox answers")
    }
}

/// `t=…,v1=…`: an HMAC over the time, a dot and the body.
pub(crate) fn signed(body: &str, at: i64) -> String {
    let digest = mac(SECRET, &at.to_string(), body.as_bytes()).finalize().into_bytes();
    let hex = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    });
    format!("t={at},v1={hex}")
}

fn mac(secret: &[u8], at: &str, body: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length is a key");
    mac.chain_update(at).chain_update(".").chain_update(body)
}

/// A provider with its secret.
struct Provider(Option<&'static [u8]>);

impl WebhookSource for Provider {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Instant,
    ) -> Result<Hint, WebhookRefused> {
        let secret = self.0.ok_or(WebhookRefused::NotConfigured)?;
        let given = headers.get("x-signature").ok_or(WebhookRefused::Unsigned)?;
        let (at, given) = given
            .strip_prefix("t=")
            .and_then(|rest| rest.split_once(",v1="))
            .ok_or(WebhookRefused::Unsigned)?;
        let seconds: i64 = at.parse().map_err(|_| WebhookRefused::Unsigned)?;
        let bytes = (0..given.len()).step_by(2).map(|place| {
            given.get(place..place + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())
        });
        let bytes: Vec<_> = bytes.collect::<Option<_>>().ok_or(WebhookRefused::Unsigned)?;
        mac(secret, at, body).verify_slice(&bytes).map_err(|_| WebhookRefused::Forged)?;
        if (now.micros() / 1_000_000).abs_diff(seconds) > 300 {
            return Err(WebhookRefused::Stale);
        }
        let text = std::str::from_utf8(body).map_err(|_| WebhookRefused::Malformed)?;
        let mut words = text.split(' ').map(ToOwned::to_owned);
        let mut word = || words.next().ok_or(WebhookRefused::Malformed);
        let (event_id, kind, key) = (word()?, word()?, word()?);
        Ok(Hint { event_id, kind, key, object: None, api_version: None, occurred_at: None })
    }
}

#[async_trait]
impl WebhookApplier for Provider {
    async fn apply(&self, _: &Arc<Desk>, _: &Hint, _: &Bytes) -> Applied {
        Applied::Done
    }
}

/// An inbox that does not answer.
struct Away;

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the disk is full".to_owned()))
}

#[async_trait]
impl InboxStore for Away {
    async fn receive(&self, _: &Arrival) -> Result<InboxReception, StoreError> {
        away()
    }

    async fn claim(
        &self,
        _: Lease,
        _: &[String],
        _: u32,
    ) -> Result<Vec<ClaimedArrival>, StoreError> {
        away()
    }

    async fn renew(&self, _: i64, _: i64, _: Instant) -> Result<bool, StoreError> {
        away()
    }

    async fn settle(
        &self,
        _: i64,
        _: i64,
        _: Instant,
        _: &InboxSettlement,
    ) -> Result<bool, StoreError> {
        away()
    }

    async fn next_due(&self, _: &[String]) -> Result<Option<Instant>, StoreError> {
        away()
    }
}

/// A clock that stands still, chance that never varies, and ports that these tests do not use.
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        Instant::from_micros(NOW * 1_000_000).expect("an instant")
    }
}

impl Ids for Fixed {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(7)
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

#[async_trait]
impl Writer for Fixed {
    async fn draft(&self, _: &DraftRequest) -> Result<Draft, DraftFailure> {
        Err(DraftFailure::NotConfigured)
    }
}

#[async_trait]
impl MediaFiles for Fixed {
    async fn put(&self, _: AccountId, _: MediaId, _: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn get(&self, _: AccountId, _: MediaId) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }
}
