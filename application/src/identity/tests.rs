//! What an identity provider's webhooks lead to, in any order and however often.

use super::*;
use crate::{
    caller::Person,
    inbox::{Applied, WebhookApplier as _},
    ports::{
        ClaimedEmail, DirectoryEvent, DirectoryFailure, DirectoryNote, DirectoryPage,
        DirectoryUser, Hint, UserDirectory,
    },
    sign_in,
    testing::{World, job_caller},
};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::{Arc, Mutex};

const ISSUER: &str = "https://clerk.example";

/// A directory of which one person may be missing.
#[derive(Debug, Default)]
struct People(Mutex<Vec<DirectoryUser>>);

#[async_trait]
impl UserDirectory for People {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn get(&self, subject: &str) -> Result<Option<DirectoryUser>, DirectoryFailure> {
        let people = self.0.lock().expect("nobody panics");
        Ok(people.iter().find(|user| user.subject == subject).cloned())
    }

    async fn list(&self, _: Option<&str>) -> Result<DirectoryPage, DirectoryFailure> {
        let users = self.0.lock().expect("nobody panics").clone();
        Ok(DirectoryPage { users, next: None })
    }

    async fn write(&self, _: &str, _: &DirectoryNote) -> Result<(), DirectoryFailure> {
        Ok(())
    }
}

fn ada(name: &str) -> DirectoryUser {
    let email = ClaimedEmail { address: "ada@bakery.example".to_owned(), verified: true };
    DirectoryUser {
        subject: "user_ada".to_owned(),
        name: Some(name.to_owned()),
        email: Some(email),
        picture: None,
        enabled: true,
        created_at: None,
        note: DirectoryNote::default(),
    }
}

/// Bodies in tests are the event's name and its subject.
fn read(raw: &[u8]) -> Option<DirectoryEvent> {
    let text = std::str::from_utf8(raw).ok()?;
    let (kind, subject) = text.split_once(' ')?;
    let subject = subject.to_owned();
    match kind {
        "changed" => Some(DirectoryEvent::UserChanged { subject }),
        "deleted" => Some(DirectoryEvent::UserDeleted { subject }),
        "session" => Some(DirectoryEvent::SessionStarted { subject, session: "sess_1".to_owned() }),
        _ => None,
    }
}

struct Scene {
    world: World,
    people: Arc<People>,
    applier: DirectoryApplier,
}

impl Scene {
    async fn new(open_accounts: bool) -> Self {
        let world = World::with(|settings| {
            settings.identity.open_accounts = open_accounts;
            settings.waits.read = std::time::Duration::ZERO;
        });
        let world = world.await;
        let people = Arc::new(People::default());
        let applier = DirectoryApplier::new("clerk", people.clone(), read);
        Self { world, people, applier }
    }

    fn knows(&self, users: &[DirectoryUser]) {
        *self.people.0.lock().expect("nobody panics") = users.to_vec();
    }

    async fn hear(&self, body: &str) -> Applied {
        let hint = Hint {
            event_id: format!("msg_{body}"),
            kind: "user".to_owned(),
            key: "user_ada".to_owned(),
            object: None,
            api_version: None,
            occurred_at: None,
        };
        let raw = Bytes::from(body.to_owned());
        let applied = self.applier.apply(&self.world.desk, &hint, &raw).await;
        self.world.project().await;
        applied
    }

    async fn accounts(&self) -> Vec<sign_in::Membership> {
        let person = Person::of(ISSUER, "user_ada");
        sign_in::memberships(&self.world.desk, &person).await.expect("an answer")
    }
}

#[tokio::test]
async fn a_new_person_gets_one_account_however_often_it_is_said() {
    let scene = Scene::new(true).await;
    scene.knows(&[ada("Ada")]);
    for _ in 0..3 {
        assert_eq!(scene.hear("changed user_ada").await, Applied::Done);
    }
    assert_eq!(scene.accounts().await.len(), 1);
}

#[tokio::test]
async fn no_account_is_opened_unless_a_setting_says_so() {
    let scene = Scene::new(false).await;
    scene.knows(&[ada("Ada")]);
    assert!(matches!(scene.hear("changed user_ada").await, Applied::Ignored(_)));
    assert!(scene.accounts().await.is_empty());
}

#[tokio::test]
async fn a_creation_that_arrives_after_the_deletion_opens_nothing() {
    let scene = Scene::new(true).await;
    assert_eq!(scene.hear("deleted user_ada").await, Applied::Done);
    assert!(matches!(scene.hear("changed user_ada").await, Applied::Ignored(_)));
    assert!(scene.accounts().await.is_empty());
}

#[tokio::test]
async fn a_deletion_of_somebody_whom_the_provider_still_knows_changes_nothing() {
    let scene = Scene::new(true).await;
    scene.knows(&[ada("Ada")]);
    scene.hear("changed user_ada").await;
    assert!(matches!(scene.hear("deleted user_ada").await, Applied::Ignored(_)));
    assert_eq!(scene.accounts().await.len(), 1);
}

#[tokio::test]
async fn a_deleted_sole_owner_is_unlinked_and_the_account_given_up_with_time_to_think() {
    let scene = Scene::new(true).await;
    scene.knows(&[ada("Ada")]);
    scene.hear("changed user_ada").await;
    let account = scene.accounts().await[0].account;
    scene.knows(&[]);
    assert_eq!(scene.hear("deleted user_ada").await, Applied::Done);
    assert_eq!(scene.hear("deleted user_ada").await, Applied::Done, "again");
    assert!(scene.accounts().await.is_empty(), "nobody signs in as a deleted person");
    let history = scene.world.memory.history(account.uuid());
    let told = |name: &str| history.iter().filter(|kind| kind.ends_with(name)).count();
    assert_eq!((told("identity_unlinked"), told("deletion_scheduled")), (1, 1), "{history:?}");
}

#[tokio::test]
async fn a_deleted_persons_name_is_forgotten_after_thirty_days_and_not_before() {
    let scene = Scene::new(true).await;
    scene.knows(&[ada("Ada")]);
    scene.hear("changed user_ada").await;
    let account = scene.accounts().await[0].account;
    scene.knows(&[]);
    scene.hear("deleted user_ada").await;
    let forgotten = |scene: &Scene| {
        let history = scene.world.memory.history(account.uuid());
        history.iter().any(|kind| kind.ends_with("member_forgotten"))
    };
    scene.world.work().await;
    assert!(!forgotten(&scene), "there is time to think");
    scene.world.pass(std::time::Duration::from_secs(30 * 24 * 60 * 60));
    scene.world.work().await;
    assert!(forgotten(&scene));
}

#[tokio::test]
async fn what_changed_at_the_provider_is_noted_once() {
    let scene = Scene::new(true).await;
    scene.knows(&[ada("Ada")]);
    scene.hear("changed user_ada").await;
    scene.knows(&[ada("Ada Lovelace")]);
    for _ in 0..2 {
        assert_eq!(scene.hear("changed user_ada").await, Applied::Done);
    }
    let account = scene.accounts().await[0].account;
    let history = scene.world.memory.history(account.uuid());
    let observed = history.iter().filter(|kind| kind.ends_with("member_profile_observed"));
    assert_eq!(observed.count(), 1);
    let _ = job_caller(account);
}

#[tokio::test]
async fn a_sign_in_at_the_provider_is_logged_once() {
    let scene = Scene::new(true).await;
    for _ in 0..2 {
        assert_eq!(scene.hear("session user_ada").await, Applied::Done);
    }
    assert_eq!(scene.world.memory.state().sign_ins.len(), 1);
}
