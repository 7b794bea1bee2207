//! Two processes over one store: what one remembers never hides what the other wrote.

mod foreign;
mod repeated;

use super::*;
use crate::{
    bridge::StreamKind,
    business::Business,
    commands::{
        account::{AcceptInvite, ChangeRole, InviteMember, LeaveAccount},
        connection::{OnConnection, PauseConnection},
        post::{ContentInput, CreatePost, StepInput},
    },
    desk::Parts,
    jobs::Networks,
    log::{Handled, Keyring, MasterKey, MasterKeys},
    ports::{AppendError, Appended, EventStore, StoreError, Stores, StreamAppend},
    testing::{World, caller, person},
};
use cqrs_es::persist::SerializedEvent;
use herald_account::{Account, Role};
use herald_kernel::{Claim, ClaimCommand, MemberId, claim_id};
use herald_social_connection::SocialConnection;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An event store that counts how often it is asked.
struct Counted {
    inner: Arc<dyn EventStore>,
    loads: AtomicUsize,
    confirmations: AtomicUsize,
}

#[async_trait]
impl EventStore for Counted {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.inner.load(kind, id).await
    }

    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError> {
        self.inner.append(streams).await
    }

    async fn versions(&self, streams: &[(StreamKind, Uuid)]) -> Result<Vec<u64>, StoreError> {
        self.confirmations.fetch_add(1, Ordering::SeqCst);
        self.inner.versions(streams).await
    }
}

/// A second process over the world's store, with a memory and a keyring of its own.
struct Other {
    desk: Arc<Desk>,
    events: Arc<Counted>,
    keys: AtomicUsize,
}

impl Other {
    fn of(world: &World) -> Self {
        let events = Arc::new(Counted {
            inner: world.desk.stores.events.clone(),
            loads: AtomicUsize::default(),
            confirmations: AtomicUsize::default(),
        });
        let stores = Stores { events: events.clone(), ..world.desk.stores.clone() };
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let keyring = Keyring::new(stores.keys.clone(), world.desk.ids.clone(), masters);
        let desk = Desk::new(Parts {
            stores,
            keyring: Arc::new(keyring),
            files: world.desk.files.clone(),
            networks: Networks::default(),
            writer: world.desk.writer.clone(),
            business: Business::default(),
            clock: world.desk.clock.clone(),
            ids: world.desk.ids.clone(),
            settings: world.desk.settings.clone(),
        });
        Self { desk: Arc::new(desk), events, keys: AtomicUsize::default() }
    }

    async fn run<U: UseCase>(&self, caller: &Caller, use_case: U) -> Result<U::Answer, Failure> {
        let key = format!("other-{}", self.keys.fetch_add(1, Ordering::SeqCst));
        self.run_as(caller, &key, use_case).await.map(|receipt| receipt.answer)
    }

    async fn run_as<U: UseCase>(
        &self,
        caller: &Caller,
        key: &str,
        use_case: U,
    ) -> Result<Receipt<U::Answer>, Failure> {
        let request = Request { idempotency_key: key.to_owned(), expected_version: None };
        self.desk.carry_out(caller, request, use_case).await
    }

    fn loads(&self) -> usize {
        self.events.loads.load(Ordering::SeqCst)
    }
}

/// Takes a key in the name of the account; answers the account's version that it rests on.
#[derive(serde::Serialize)]
struct TakeKey {
    key: String,
}

#[async_trait]
impl UseCase for TakeKey {
    const WHO: Who = Who::Anyone("takeKey");
    type Answer = u64;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<u64, Failure> {
        let account = work.load::<Account>(work.account().uuid()).await?;
        let mut claim = work.load_any::<Claim>(claim_id("test", &self.key)).await?;
        let take = ClaimCommand::Take { by: work.account().uuid() };
        work.decide(&mut claim, take, &()).await?;
        Ok(account.version)
    }

    fn replayed(&self, _: Naming) -> u64 {
        0
    }
}

fn take(key: &str) -> TakeKey {
    TakeKey { key: key.to_owned() }
}

/// Bob joins in this role, by the first process.
async fn bob(world: &World, owner: &Caller, role: Role) -> MemberId {
    let email = "bob@example.org".try_into().expect("an address");
    let invited = world.run(owner, InviteMember { email, role }).await.expect("invited");
    let newcomer = caller(owner.account, Standing::Person(person("Bob")));
    let secret = invited.secret.expect("shown once");
    let accept = AcceptInvite::new(&secret, "Bob".try_into().expect("a name"));
    world.run(&newcomer, accept).await.expect("Bob joins");
    invited.member
}

fn said(world: &World, owner: &Caller, name: &str) -> usize {
    let history = world.memory.history(owner.account.uuid());
    history.iter().filter(|event| *event == name).count()
}

#[tokio::test]
async fn a_stream_that_was_just_written_is_not_loaded_again() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let member = bob(&world, &owner, Role::Viewer).await;
    let other = Other::of(&world);
    for role in [Role::Editor, Role::Admin, Role::Viewer, Role::Editor] {
        other.run(&owner, ChangeRole { member, role }).await.expect("it is changed");
    }
    assert_eq!(other.loads(), 1);
    assert_eq!(said(&world, &owner, "account.role_changed"), 4);
}

#[tokio::test]
async fn a_refusal_is_decided_from_what_the_other_wrote() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let other = Other::of(&world);
    let alone = other.run(&owner, LeaveAccount {}).await.expect_err("the last owner stays");
    assert_eq!(alone.code(), "INVALID_STATE");
    bob(&world, &owner, Role::Owner).await;
    other.run(&owner, LeaveAccount {}).await.expect("another owner is there by now");
}

#[tokio::test]
async fn already_so_is_only_said_of_what_is_so_in_the_store() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let member = bob(&world, &owner, Role::Viewer).await;
    let other = Other::of(&world);
    let role = Role::Editor;
    other.run(&owner, ChangeRole { member, role }).await.expect("it is changed");
    world.run(&owner, ChangeRole { member, role: Role::Viewer }).await.expect("and back");
    other.run(&owner, ChangeRole { member, role }).await.expect("and changed again");
    assert_eq!(said(&world, &owner, "account.role_changed"), 3);
    let fresh = other.loads();
    let again = other.run_as(&owner, "so", ChangeRole { member, role }).await.expect("it is so");
    assert_eq!(again.token, None);
    assert_eq!(other.loads(), fresh + 1, "it was looked up before it was said");
}

#[tokio::test]
async fn a_request_that_the_other_followed_is_a_repetition_here() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let member = bob(&world, &owner, Role::Viewer).await;
    let other = Other::of(&world);
    other.run(&owner, ChangeRole { member, role: Role::Admin }).await.expect("it is remembered");
    let request = || ChangeRole { member, role: Role::Editor };
    world.run_as(&owner, "k", request()).await.expect("the other follows it");
    let again = other.run_as(&owner, "k", request()).await.expect("it was followed");
    assert!(again.replayed && again.token.is_none());
    let reused = other.run_as(&owner, "k", ChangeRole { member, role: Role::Viewer }).await;
    assert_eq!(reused.expect_err("another input"), Failure::IdempotencyKeyReused);
    assert_eq!(said(&world, &owner, "account.role_changed"), 2);
}

#[tokio::test]
async fn a_stream_that_is_only_read_is_confirmed_before_anything_rests_on_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let person = caller(owner.account, Standing::Person(person("Ada")));
    let other = Other::of(&world);
    let version = || {
        u64::try_from(world.memory.history(owner.account.uuid()).len()).expect("a short history")
    };
    assert_eq!(other.run(&person, take("a")).await, Ok(version()));
    let loads = other.loads();
    assert_eq!(other.run(&person, take("b")).await, Ok(version()));
    assert_eq!(other.loads(), loads + 1, "the new claim is loaded, the account is not");
    assert_eq!(other.events.confirmations.load(Ordering::SeqCst), 1);
    bob(&world, &owner, Role::Viewer).await;
    assert_eq!(other.run(&person, take("c")).await, Ok(version()), "it rests on what is so now");
    assert_eq!(other.run(&person, take("d")).await, Ok(version()));
}

#[tokio::test]
async fn a_post_is_not_written_for_a_connection_of_long_ago() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let other = Other::of(&world);
    let pause = |paused| OnConnection(PauseConnection { connection, paused });
    other.run(&owner, pause(true)).await.expect("it is remembered");
    world.run(&owner, pause(false)).await.expect("the other goes on");
    let text = "Fresh bread".to_owned().try_into().expect("a text");
    let root = StepInput { text, media: Vec::new() };
    let content =
        ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
    let loads = other.loads();
    let create = CreatePost { content, connections: vec![connection] };
    other.run(&owner, create).await.expect("it is written");
    assert_eq!(other.loads() - loads, 3, "the post, then on the conflict the post and connection");
}

#[tokio::test]
async fn a_destroyed_key_takes_what_is_remembered_with_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    bob(&world, &owner, Role::Viewer).await;
    let (journal, sight) = (&world.desk.journal, Mutex::default());
    let id = owner.account.uuid();
    let before = journal.recall::<Account>(id, true, &sight).await.expect("it is remembered");
    assert!(sight.lock().expect("no panic").rests_on_memory());
    journal.keyring().destroy(owner.account).await.expect("the key is destroyed");
    let sight = Mutex::default();
    let after = journal.recall::<Account>(id, true, &sight).await.expect("it is loaded");
    assert!(!sight.lock().expect("no panic").rests_on_memory());
    assert_eq!(after.version, before.version);
    assert_ne!(after.state, before.state, "its persons are forgotten");
}

async fn assert_remembered_as_stored<D: Streamed + PartialEq + std::fmt::Debug>(
    desk: &Desk,
    id: Uuid,
) {
    let sight = Mutex::default();
    let remembered = desk.journal.recall::<D>(id, true, &sight).await.expect("it is there");
    assert!(sight.lock().expect("no panic").rests_on_memory(), "nothing is remembered");
    let stored = desk.journal.load::<D>(id).await.expect("it loads");
    assert_eq!(remembered.state, stored.state);
    assert_eq!((remembered.version, remembered.account), (stored.version, stored.account));
    let commands = |loaded: Loaded<D>| -> Vec<(CommandId, Handled)> {
        let mut commands: Vec<_> =
            loaded.commands.iter().map(|(id, handled)| (*id, handled.clone())).collect();
        commands.sort_by_key(|(id, _)| id.uuid());
        commands
    };
    assert_eq!(commands(remembered), commands(stored));
}

#[tokio::test]
async fn what_is_remembered_is_what_a_fresh_load_folds() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    bob(&world, &owner, Role::Editor).await;
    assert_remembered_as_stored::<Account>(&world.desk, owner.account.uuid()).await;
    let connection = world.connect(&owner).await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("it rests");
    assert_remembered_as_stored::<SocialConnection>(&world.desk, connection.uuid()).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever of the two acts, every answer is as if there were one process without a memory.
    #[test]
    fn two_memories_answer_as_none(steps in prop::collection::vec((0_usize..3, 0_usize..4), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let world = World::new().await;
            let owner = world.open_account("Ada").await;
            let member = bob(&world, &owner, Role::Viewer).await;
            let others = [Other::of(&world), Other::of(&world)];
            let mut now = Role::Viewer;
            for (step, (who, role)) in steps.into_iter().enumerate() {
                let role = [Role::Viewer, Role::Editor, Role::Admin, Role::Owner][role];
                let (key, change) = (format!("step-{step}"), ChangeRole { member, role });
                let receipt = match others.get(who) {
                    Some(other) => other.run_as(&owner, &key, change).await,
                    None => world.run_as(&owner, &key, change).await,
                };
                let written = receipt.expect("the owner may").token.is_some();
                assert_eq!(written, role != now, "{now:?} becomes {role:?}");
                now = role;
            }
        });
    }
}
