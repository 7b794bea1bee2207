//! Who hears what, and how often: once.

mod ends;

use super::{letters, render::Envelope, *};
use crate::{
    business::Business,
    caller::{Caller, Standing},
    commands::account::{OpenAccount, new_account_id},
    desk::{Desk, Parts},
    jobs::{JobFailure, Networks, Next, send_notice::run},
    log::{Keyring, MasterKey, MasterKeys},
    occurred::{AnyEvent, Occurred},
    ports::{ClaimedJob, JobChange, JobKind, Mail, MailFailure, Messages, Ordinal},
    processes::{Process as _, notify::Notify},
    settings::{Mode, Settings},
    testing::{World, caller, person, start},
};
use async_trait::async_trait;
use herald_account::Role;
use herald_api_key::{ApiKeyEvent, LeakSource};
use herald_kernel::{AccountId, MemberId, Zone};
use herald_subscription::SubscriptionEvent;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

/// Takes one mail for each key, as a carrier does, unless told otherwise.
#[derive(Default)]
struct Carrier {
    asked: Mutex<Vec<Mail>>,
    taken: Mutex<BTreeMap<String, Mail>>,
    answers: Mutex<VecDeque<MailFailure>>,
}

#[async_trait]
impl Messages for Carrier {
    async fn send(&self, mail: &Mail) -> Result<String, MailFailure> {
        self.asked.lock().expect("not poisoned").push(mail.clone());
        if let Some(failure) = self.answers.lock().expect("not poisoned").pop_front() {
            return Err(failure);
        }
        let mut taken = self.taken.lock().expect("not poisoned");
        let first = taken.entry(mail.key.clone()).or_insert_with(|| mail.clone());
        if first == mail { Ok(mail.key.clone()) } else { Err(MailFailure::TakenBefore) }
    }
}

impl Carrier {
    fn taken(&self) -> Vec<Mail> {
        self.taken.lock().expect("not poisoned").values().cloned().collect()
    }

    fn will(&self, failure: MailFailure) {
        self.answers.lock().expect("not poisoned").push_back(failure);
    }
}

struct House {
    world: World,
    desk: Arc<Desk>,
    carrier: Arc<Carrier>,
    owner: Caller,
}

impl House {
    /// Ada's account; she can be reached, and a carrier is there.
    async fn new() -> Self {
        Self::with(|settings| settings.notices = true).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let world = World::with(change).await;
        let carrier = Arc::new(Carrier::default());
        let desk = desk(&world, &carrier);
        let person = person("Ada");
        let account = new_account_id(&person, "open");
        let newcomer = caller(account, Standing::Person(person.clone()));
        let open = OpenAccount {
            business: "Ada & <sons>".try_into().expect("a name"),
            name: "Ada <b>".try_into().expect("a name"),
            email: Some("ada@example.org".try_into().expect("an address")),
            zone: Zone::utc(),
        };
        let opened = world.run(&newcomer, open).await.expect("it opens");
        let standing = Standing::Member { member: opened.owner, role: Role::Owner, person };
        Self { owner: caller(account, standing), world, desk, carrier }
    }

    /// Carries out every notice that is due.
    async fn tell(&self) -> Vec<Result<Next, JobFailure>> {
        let mut ends = Vec::new();
        loop {
            let due = self.world.due_jobs().await;
            let due: Vec<ClaimedJob> =
                due.into_iter().filter(|job| job.kind == JobKind::SendNotice).collect();
            if due.is_empty() {
                return ends;
            }
            for job in due {
                let end = run(&self.desk, &job).await;
                let queue = &self.desk.stores.jobs;
                let closed = match &end {
                    Ok(Next::Done) => queue.finish(job.id, job.fence).await,
                    Ok(Next::At(at)) => queue.reschedule(job.id, job.fence, *at, None, true).await,
                    Err(error) => queue.bury(job.id, job.fence, &error.to_string()).await,
                };
                closed.expect("the queue answers");
                ends.push(end);
            }
        }
    }
}

fn desk(world: &World, carrier: &Arc<Carrier>) -> Arc<Desk> {
    let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
    let stores = world.desk.stores.clone();
    let ids = Arc::clone(&world.desk.ids);
    let messages: Arc<dyn Messages> = Arc::<Carrier>::clone(carrier);
    Arc::new(Desk::new(Parts {
        keyring: Arc::new(Keyring::new(Arc::clone(&stores.keys), Arc::clone(&ids), masters)),
        stores,
        files: Arc::clone(&world.desk.files),
        networks: Networks::default(),
        writer: Arc::clone(&world.desk.writer),
        business: Business { messages: Some(messages), ..Business::default() },
        clock: Arc::clone(&world.desk.clock),
        ids,
        settings: world.desk.settings.clone(),
    }))
}

fn settings(notices: bool) -> Settings {
    let url = "http://127.0.0.1:8080".parse().expect("a url");
    Settings { notices, ..Settings::new(Mode::Sandbox, url) }
}

fn occurred(account: AccountId, event: AnyEvent) -> Occurred {
    Occurred {
        ordinal: Ordinal(7),
        kind: None,
        stream: Uuid::from_u128(9),
        sequence: 3,
        account: Some(account),
        at: start(),
        actor: "system".to_owned(),
        correlation: None,
        event,
    }
}

fn leaked(account: AccountId) -> Occurred {
    let event = ApiKeyEvent::Compromised { source: LeakSource::Scanner };
    occurred(account, AnyEvent::ApiKey(Box::new(event)))
}

fn failed(account: AccountId) -> Occurred {
    let event = SubscriptionEvent::PaymentFailed {
        invoice: None,
        since: start(),
        grace_until: start().plus(Duration::from_secs(7 * 86_400)),
        needs_action: true,
    };
    occurred(account, AnyEvent::Subscription(Box::new(event)))
}

/// What the process asks for, written into the queue.
async fn put(house: &House, event: &Occurred) {
    let jobs = Notify.react(event, &house.desk.settings);
    let batch = crate::ports::Batch { jobs, ..crate::ports::Batch::default() };
    house.desk.stores.projections.commit(&batch).await.expect("it is written");
}

#[tokio::test]
async fn a_new_owner_is_welcomed_once_however_often_the_cause_is_seen() {
    let house = House::new().await;
    house.world.project().await;
    assert!(house.tell().await.iter().all(|end| *end == Ok(Next::Done)));
    let taken = house.carrier.taken();
    let [mail] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(mail.to.as_str(), "ada@example.org");
    assert!(mail.text.starts_with("Hello Ada <b>,"), "{}", mail.text);
    assert!(mail.html.contains("Ada &lt;b&gt;") && !mail.html.contains("<b>"), "{}", mail.html);
    for _ in 0..3 {
        put(&house, &leaked(house.owner.account)).await;
        house.tell().await;
    }
    assert_eq!(house.carrier.asked.lock().expect("not poisoned").len(), 4);
    assert_eq!(house.carrier.taken().len(), 2, "a second cause, and no third mail");
}

#[tokio::test]
async fn no_job_holds_an_address_or_a_name() {
    let house = House::new().await;
    house.world.project().await;
    put(&house, &leaked(house.owner.account)).await;
    let jobs = house.world.due_jobs().await;
    assert!(jobs.iter().any(|job| job.kind == JobKind::SendNotice));
    let printed = format!("{jobs:?}");
    assert!(!printed.contains("ada@") && !printed.contains("Ada"), "{printed}");
}

#[tokio::test]
async fn a_quota_puts_everything_off_and_security_comes_first_afterwards() {
    let house = House::new().await;
    house.world.project().await;
    let account = house.owner.account;
    put(&house, &failed(account)).await;
    put(&house, &leaked(account)).await;
    let until = start().plus(Duration::from_secs(3_600));
    for _ in 0..3 {
        house.carrier.will(MailFailure::Quota { until });
    }
    house.tell().await;
    assert!(house.carrier.taken().is_empty());
    house.world.pass(Duration::from_secs(3_600 + 60));
    house.carrier.asked.lock().expect("not poisoned").clear();
    house.tell().await;
    let asked = house.carrier.asked.lock().expect("not poisoned").clone();
    let order: Vec<_> = asked.iter().map(|mail| mail.tags[0].1.as_str()).collect();
    assert_eq!(order, ["key_leaked", "payment_needs_action", "welcome"]);
}

#[tokio::test]
async fn an_address_that_bounced_gets_security_alone_until_that_is_lifted() {
    let house = House::new().await;
    house.world.project().await;
    let desk = &house.desk;
    let cause = crate::ports::SuppressedBy::Bounce;
    suppress(desk, "Ada <ADA@example.org>", cause, start()).await.expect("it is kept");
    suppress(desk, "ada@example.org", cause, start()).await.expect("once more");
    let known = suppressions(desk, None, 10).await.expect("an answer");
    assert_eq!(known.len(), 1);
    assert!(!format!("{:?}", house.world.memory.state().suppressions).contains("ada"));
    put(&house, &failed(house.owner.account)).await;
    put(&house, &leaked(house.owner.account)).await;
    assert!(house.tell().await.iter().all(|end| *end == Ok(Next::Done)));
    let told: Vec<_> = house.carrier.taken().iter().map(|mail| mail.tags[0].1.clone()).collect();
    assert_eq!(told, ["key_leaked"], "neither the welcome nor the payment");

    assert_eq!(lift(desk, "eve@example.org").await, Ok(false));
    assert_eq!(lift(desk, "ada@example.org").await, Ok(true));
    assert_eq!(lift(desk, "ada@example.org").await, Ok(false));
    put(&house, &Occurred { sequence: 9, ..failed(house.owner.account) }).await;
    house.tell().await;
    assert_eq!(house.carrier.taken().len(), 2, "mail goes there again");
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent() {
    let house = House::new().await;
    house.world.project().await;
    house.world.pass(Duration::from_secs(4 * 86_400));
    house.tell().await;
    assert!(house.carrier.taken().is_empty());
}

#[tokio::test]
async fn a_refused_mail_is_left_for_a_person_to_see() {
    let house = House::new().await;
    house.world.project().await;
    house.carrier.will(MailFailure::Refused { code: "validation_error".to_owned() });
    let ends = house.tell().await;
    assert!(matches!(ends.last(), Some(Err(JobFailure::GiveUp(_)))), "{ends:?}");
}

#[test]
fn where_nobody_carries_mail_no_job_is_made() {
    let event = leaked(AccountId::new(Uuid::from_u128(1)));
    assert!(Notify.react(&event, &settings(false)).is_empty());
    assert_eq!(Notify.react(&event, &settings(true)).len(), 1);
}

#[test]
fn one_cause_has_one_key_whenever_it_is_read() {
    let event = leaked(AccountId::new(Uuid::from_u128(1)));
    assert_eq!(Notify.react(&event, &settings(true)), Notify.react(&event, &settings(true)));
}

#[test]
fn a_seat_that_rests_is_told_its_member_once_and_those_who_pay_for_seats_together() {
    let account = AccountId::new(Uuid::from_u128(1));
    let rested = |member: u128, sequence: i64| {
        let member = MemberId::new(Uuid::from_u128(member));
        let event = AnyEvent::Account(herald_account::AccountEvent::MemberRested { member });
        let event = Occurred { sequence, ..occurred(account, event) };
        assert_eq!(Notify.react(&event, &settings(true)), Notify.react(&event, &settings(true)));
        let [JobChange::Put(all), JobChange::Put(own)]: [JobChange; 2] =
            Notify.react(&event, &settings(true)).try_into().expect("two jobs")
        else {
            panic!("two that are put")
        };
        assert_eq!(own.payload["member"], serde_json::json!(member));
        assert_eq!(all.payload.get("member"), None, "whoever is to hear of it");
        (all, own)
    };
    let ((all, bob), (again, eva)) = (rested(2, 3), rested(3, 4));
    assert_eq!((all.key, all.due_at), (again.key, start().plus(Duration::from_secs(60))));
    assert_ne!(bob.key, eva.key);
    assert_eq!(bob.due_at, start());
    assert_ne!(rested(2, 9).1.key, bob.key, "another time is another cause");
}

fn every_notice() -> Vec<Notice> {
    let until = start();
    let impact = Impact { networks: 1, connections: 2, seats: 0, api_keys: 1 };
    let invoice = InvoiceRef::try_new("in_1").expect("a name");
    let amount = Money { minor: 2_900, currency: "USD".parse().expect("a currency") };
    vec![
        Notice::Welcome,
        Notice::TrialStarted { until: Some(until) },
        Notice::SubscriptionStarted,
        Notice::Receipt { invoice, amount },
        Notice::PaymentFailed { invoice: None, until, needs_action: false },
        Notice::PaymentFailed { invoice: None, until, needs_action: true },
        Notice::TrialEnding { until },
        Notice::GraceEnding { until },
        Notice::Ending { at: until, seen: false },
        Notice::LossAhead { at: until, impact: Some(impact), days: 7 },
        Notice::LossAhead { at: until, impact: Some(impact), days: 3 },
        Notice::LossAhead { at: until, impact: None, days: 1 },
        Notice::Grandfathered { until: None },
        Notice::Resting,
        Notice::SeatRests,
        Notice::Usage { usage: Uuid::nil(), percent: 80, used: 8, quota: Quota::Limited(10) },
        Notice::KeyLeaked { key: ApiKeyId::new(Uuid::nil()) },
        Notice::NewDevice { identity: IdentityId::new(Uuid::nil()), fact: Uuid::nil() },
    ]
}

#[test]
fn every_notice_reads_back_from_its_job_and_has_its_words() {
    let facts = letters::Facts {
        zone: Zone::utc(),
        tier: "starter".to_owned(),
        counter: None,
        key: Some("hk_…abcd".to_owned()),
        sign_in: Some(("Firefox on Linux".to_owned(), start())),
    };
    let mut names = std::collections::BTreeSet::new();
    for notice in every_notice() {
        let told = Told { notice, cause: "a/1".to_owned(), since: start(), member: None };
        let mut stored = serde_json::to_value(&told).expect("serialises");
        stored["correlation"] = "a chain of causes".into();
        assert_eq!(serde_json::from_value::<Told>(stored).expect("reads back"), told);
        assert!(names.insert(told.notice.name()), "{}", told.notice.name());
        let letter = letters::write(&told.notice, &facts);
        let envelope = Envelope {
            name: None,
            link: "https://herald.example/",
            business: None,
            role: "owner",
            optional: told.notice.kind().is_some(),
        };
        let text = render::text(&letter, &envelope);
        assert!(!letter.subject.is_empty() && !letter.says.is_empty(), "{}", told.notice.name());
        assert!(text.contains(letter.action) && text.contains("https://herald.example/"), "{text}");
    }
}

#[test]
fn contracts_money_owed_and_security_cannot_be_done_without() {
    for notice in every_notice() {
        let must = matches!(
            notice.name(),
            "welcome"
                | "trial_started"
                | "subscription_started"
                | "payment_failed"
                | "payment_needs_action"
                | "trial_ending"
                | "grace_ending"
                | "ending"
                | "seat_rests"
                | "key_leaked"
                | "new_device"
        );
        assert_eq!(notice.kind().is_none(), must, "{}", notice.name());
    }
}

#[test]
fn an_amount_is_printed_as_its_currency_has_it() {
    let money = |minor, currency: &str| {
        letters::money(Money { minor, currency: currency.parse().expect("a currency") })
    };
    assert_eq!(money(2_905, "USD"), "29.05 USD");
    assert_eq!(money(-5, "EUR"), "-0.05 EUR");
    assert_eq!(money(500, "JPY"), "500 JPY");
    assert_eq!(money(1_500, "KWD"), "1.500 KWD");
}
