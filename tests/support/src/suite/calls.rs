//! Calls that are paid for: exactly as many pass, over all replicas of one installation.

use crate::Storage;
use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;
use herald_account::{Role, identity_id};
use herald_application::{
    business::Business,
    caller::{Caller, Person, Standing},
    commands::{
        account::{OpenAccount, new_account_id},
        api_key::IssueApiKey,
        subscription::RecordPurchase,
    },
    desk::{Desk, Parts},
    entitlements::Entitled,
    execute::{Request, UseCase},
    jobs::Networks,
    keys::{self, Pass},
    limits::{MONTH, Stopped, charge_key, settle_all},
    log::{Keyring, MasterKey, MasterKeys, Via},
    ports::{Clock, Draft, DraftFailure, DraftRequest, Ids, MediaFiles, StoreError, Writer},
    projector::Projector,
    settings::{Billing, Mode, Settings},
};
use herald_kernel::{AccountId, Instant, MediaId, Money, Zone};
use herald_subscription::{
    Catalogue, CatalogueFile, Counter, CreditKind, Credits, PaymentRef, Usage, credits_id, usage_id,
};
use herald_terms::{Quota, Reach, Scope};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// What the free tier has in a month.
const FREE: u32 = 100;
/// The calls of the one pack that is sold.
const PACK: u32 = 150;

/// One clock and one source of ids and numbers for all replicas.
#[derive(Debug)]
struct Nature {
    micros: AtomicI64,
    number: AtomicU64,
}

impl Clock for Nature {
    fn now(&self) -> Instant {
        let start: Instant = "2026-11-10T09:00:00Z".parse().expect("an instant");
        let micros = u64::try_from(self.micros.load(Ordering::SeqCst)).expect("time goes forward");
        start.plus(Duration::from_micros(micros))
    }
}

impl Ids for Nature {
    fn uuid(&self) -> Uuid {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        Uuid::new_v5(&Uuid::nil(), &number.to_be_bytes())
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        for (place, byte) in secret.iter_mut().zip(self.uuid().as_bytes().iter().cycle()) {
            *place = *byte;
        }
        secret
    }
}

/// Neither models nor media are asked for.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Writer for Nothing {
    async fn draft(&self, _: &DraftRequest) -> Result<Draft, DraftFailure> {
        Err(DraftFailure::NotConfigured)
    }
}

#[async_trait]
impl MediaFiles for Nothing {
    async fn put(&self, _: AccountId, _: MediaId, _: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn get(&self, _: AccountId, _: MediaId) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }
}

fn settings() -> Settings {
    let built_in = Catalogue::default();
    let mut packs = built_in.packs().to_vec();
    for pack in &mut packs {
        pack.credits = PACK;
    }
    let file = CatalogueFile { tiers: built_in.tiers().to_vec(), packs, ..Default::default() };
    let catalogue = Arc::new(Catalogue::try_from(file).expect("a catalogue"));
    let url = "http://127.0.0.1:8080".parse().expect("a url");
    let mut settings = Settings::new(Mode::Sandbox, url);
    settings.billing = Billing::On { catalogue, automatic_tax: false };
    settings.waits.remember_keys = Duration::ZERO;
    settings.allowances.key = 1_000_000;
    settings
}

/// A replica of the installation that keeps everything in `storage`.
fn replica(storage: &Storage, nature: &Arc<Nature>) -> Arc<Desk> {
    let (ids, stores) = (Arc::clone(nature), storage.stores.clone());
    let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
    Arc::new(Desk::new(Parts {
        keyring: Arc::new(Keyring::new(Arc::clone(&stores.keys), ids.clone(), masters)),
        stores,
        files: Arc::new(Nothing),
        networks: Networks::default(),
        writer: Arc::new(Nothing),
        business: Business::default(),
        clock: ids.clone(),
        ids,
        settings: settings(),
    }))
}

async fn tell<U: UseCase>(desk: &Arc<Desk>, caller: &Caller, key: &str, wish: U) -> U::Answer {
    let request = Request { idempotency_key: key.to_owned(), expected_version: None };
    desk.carry_out(caller, request, wish).await.expect("it is done").answer
}

async fn open_account(desk: &Arc<Desk>) -> Caller {
    let (issuer, subject) = ("local".to_owned(), "ada".to_owned());
    let person = Person { identity: identity_id(&issuer, &subject), issuer, subject };
    let mut caller = Caller {
        account: new_account_id(&person, "open"),
        standing: Standing::Person(person.clone()),
        via: Via::Graphql,
        correlation: Uuid::nil(),
        causation: "request:test".to_owned(),
    };
    let open = OpenAccount {
        business: "Corner Bakery".to_owned().try_into().expect("a name"),
        name: "Ada".try_into().expect("a name"),
        email: None,
        zone: Zone::utc(),
    };
    let member = tell(desk, &caller, "open", open).await.owner;
    caller.standing = Standing::Member { member, role: Role::Owner, person };
    caller
}

async fn buy_a_pack(desk: &Arc<Desk>, owner: &Caller) {
    let job = Standing::Job("job".to_owned());
    let purchase = RecordPurchase {
        session: "cs_1".parse().expect("a checkout"),
        payment: PaymentRef::try_new("pi_1").expect("a payment"),
        price: "herald_api_calls_10000_v1".parse().expect("a price"),
        quantity: 1,
        amount: Money { minor: 900, currency: "USD".parse().expect("money") },
    };
    tell(desk, &Caller { standing: job, ..owner.clone() }, "buy", purchase).await;
}

/// A key, as its calls are admitted. Bursts are tried elsewhere.
async fn key(desk: &Arc<Desk>, owner: &Caller) -> Pass {
    let wish = IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: [Scope::Read].into(),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: None,
    };
    let secret = tell(desk, owner, "issue", wish).await.secret.expect("shown once");
    let projector = Projector::new(Arc::clone(desk));
    projector.register().await.expect("projections register");
    projector.run_to_head().await.expect("the log folds");
    let mut pass = keys::authenticate(desk, &secret, None).await.expect("it is good");
    let mut entitled = Entitled::clone(&pass.entitled);
    entitled.entitlements.burst_per_minute = Quota::Unlimited;
    assert_eq!(entitled.entitlements.api_calls_per_month, Quota::Limited(FREE));
    pass.entitled = Arc::new(entitled);
    pass
}

/// A thousand calls side by side over all `desks`; answers how many passed.
async fn storm(desks: &[Arc<Desk>], pass: &Pass) -> usize {
    let calls = desks.iter().cycle().take(1_000).map(|desk| {
        let (desk, pass) = (Arc::clone(desk), pass.clone());
        tokio::spawn(async move {
            match charge_key(&desk, &pass, "account", 1).await {
                Ok(_) => true,
                Err(Stopped::Exceeded(it)) => {
                    assert_eq!(it.violated, [MONTH]);
                    false
                }
                Err(Stopped::Failed(failure)) => panic!("{failure:?}"),
            }
        })
    });
    join_all(calls).await.into_iter().filter(|passed| *passed.as_ref().expect("no panic")).count()
}

pub async fn exactly_the_months_and_the_bought_calls_pass_over_three_replicas(storage: Storage) {
    let nature = Nature { micros: AtomicI64::new(0), number: AtomicU64::new(0) };
    let nature = Arc::new(nature);
    let desks = [0; 3].map(|_| replica(&storage, &nature));
    let [desk, ..] = &desks;
    let owner = open_account(desk).await;
    let pass = key(desk, &owner).await;
    buy_a_pack(desk, &owner).await;
    let all = usize::try_from(FREE + PACK).expect("a number");
    let mut passed = 0;
    for _ in 0..3 {
        passed += storm(&desks, &pass).await;
        assert!(passed <= all, "{passed}");
        // What the others did not need is free again once they give it back.
        for desk in &desks {
            settle_all(desk).await;
        }
        nature.micros.fetch_add(2_000_000, Ordering::SeqCst);
    }
    assert_eq!(passed, all);
    let usage = usage_id(owner.account, Counter::ApiCalls, &pass.entitled.period);
    let usage = desk.journal.load::<Usage>(usage.uuid()).await.expect("it loads").state;
    assert_eq!((usage.used(), usage.held()), (FREE.into(), 0));
    assert_eq!(usage.drawn(), u64::from(PACK));
    let credits = credits_id(owner.account, CreditKind::ApiCalls).uuid();
    let credits = desk.journal.load::<Credits>(credits).await.expect("it loads").state;
    assert_eq!(credits.balance(nature.now()), 0);
}
