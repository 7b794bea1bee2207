//! What is taken over from a directory and a payment provider, once and again.

use super::{CustomerOutcome as Payer, PersonOutcome as Came, customers, people, take_over};
use crate::{
    billing::subscription,
    caller::{Caller, Person},
    ports::{DirectoryFailure, DirectoryNote, DirectoryPage, DirectoryUser, UserDirectory},
    settings::{Billing, Settings},
    sign_in::memberships,
    testing::{World, payments::FakePayments},
};
use async_trait::async_trait;
use herald_kernel::AccountId;
use herald_subscription::{CustomerRef, MirrorStatus, Snapshot};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const ISSUER: &str = "https://clerk.example";

/// A directory that shows one person a page.
#[derive(Debug, Default)]
struct Directory(Mutex<Vec<DirectoryUser>>);

#[async_trait]
impl UserDirectory for Directory {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn get(&self, _: &str) -> Result<Option<DirectoryUser>, DirectoryFailure> {
        Ok(None)
    }

    async fn list(&self, after: Option<&str>) -> Result<DirectoryPage, DirectoryFailure> {
        let all = self.0.lock().expect("nobody panics");
        let at: usize = after.map_or(0, |after| after.parse().expect("a number"));
        let users = all.iter().skip(at).take(1).cloned().collect();
        let next = (at + 1 < all.len()).then(|| (at + 1).to_string());
        Ok(DirectoryPage { users, next })
    }

    async fn write(&self, _: &str, _: &DirectoryNote) -> Result<(), DirectoryFailure> {
        Ok(())
    }
}

fn user(subject: &str) -> DirectoryUser {
    DirectoryUser {
        subject: subject.to_owned(),
        name: Some(subject.to_owned()),
        email: None,
        picture: None,
        enabled: true,
        created_at: None,
        note: DirectoryNote::default(),
    }
}

struct Scene {
    world: World,
    directory: Arc<Directory>,
    payments: Arc<FakePayments>,
}

fn on(settings: &mut Settings) {
    settings.billing = Billing::On { catalogue: Arc::default(), automatic_tax: false };
    settings.waits.read = Duration::ZERO;
}

impl Scene {
    async fn new() -> Self {
        let (directory, payments) = (Arc::<Directory>::default(), Arc::<FakePayments>::default());
        let mut business = payments.business();
        business.directories.insert("clerk".to_owned(), directory.clone());
        let world = World::with_business(on, business).await;
        Self { world, directory, payments }
    }

    fn knows(&self, users: &[DirectoryUser]) {
        *self.directory.0.lock().expect("nobody panics") = users.to_vec();
    }

    async fn people(&self, dry_run: bool) -> Vec<Came> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = people(&self.world.desk, "clerk", after.as_deref(), dry_run).await;
            let page = page.expect("a page");
            self.world.project().await;
            all.extend(page.people.into_iter().map(|(_, came)| came));
            match page.next {
                None => return all,
                next => after = next,
            }
        }
    }

    async fn customers(&self, dry_run: bool) -> Vec<Payer> {
        let listed = customers(&self.world.desk).await.expect("a list");
        let mut all = Vec::new();
        for one in &listed {
            all.push(take_over(&self.world.desk, one, dry_run).await);
            self.world.project().await;
        }
        all
    }

    async fn events(&self) -> i64 {
        self.world.desk.stores.log.head().await.expect("a head").stored
    }

    async fn shows(&self, owner: &Caller, customer: &CustomerRef) -> Snapshot {
        let snapshot = Snapshot {
            customer: customer.clone(),
            ..crate::billing::tests::shown(owner, MirrorStatus::Active, "card")
        };
        self.payments.show(snapshot.clone());
        snapshot
    }

    async fn customer_of(&self, account: AccountId) -> Option<CustomerRef> {
        subscription(&self.world.desk, account).await.expect("a state").customer().cloned()
    }
}

fn named(name: &str) -> CustomerRef {
    name.parse().expect("a name")
}

#[tokio::test]
async fn a_directorys_people_get_their_account_once_and_a_dry_run_opens_none() {
    let scene = Scene::new().await;
    let barred = DirectoryUser { enabled: false, ..user("user_cid") };
    scene.knows(&[user("user_ada"), user("user_ben"), barred]);
    let before = scene.events().await;
    let would = scene.people(true).await;
    assert_eq!(scene.events().await, before, "a dry run writes nothing");
    let (Came::WouldOpen(ada), Came::WouldOpen(ben)) = (&would[0], &would[1]) else {
        panic!("{would:?}");
    };
    assert_eq!(
        scene.people(false).await,
        [Came::Opened(*ada), Came::Opened(*ben), Came::MayNotSignIn]
    );
    let opened = scene.events().await;
    for dry_run in [false, true] {
        assert_eq!(
            scene.people(dry_run).await,
            [Came::AlreadyThere(*ada), Came::AlreadyThere(*ben), Came::MayNotSignIn]
        );
    }
    assert_eq!(scene.events().await, opened, "once more changes nothing");
    let found = memberships(&scene.world.desk, &Person::of(ISSUER, "user_ada")).await;
    assert_eq!(found.expect("an answer")[0].account, *ada);
}

#[tokio::test]
async fn a_customer_is_tied_by_its_note_alone_and_what_it_pays_for_is_taken_in_once() {
    let scene = Scene::new().await;
    let ada = scene.world.open_account("Ada").await;
    let nobody = AccountId::new(uuid::Uuid::from_u128(7));
    let ours = named("cus_ours");
    scene.shows(&ada, &ours).await;
    scene.payments.list_all(&[
        (named("cus_theirs"), None),
        (ours.clone(), Some(ada.account)),
        (named("cus_elsewhere"), Some(nobody)),
    ]);
    let before = scene.events().await;
    let would = scene.customers(true).await;
    assert!(matches!(would[1], Payer::WouldTakeOver(account, Some(_)) if account == ada.account));
    assert_eq!(scene.events().await, before, "a dry run writes nothing");
    let done = scene.customers(false).await;
    assert!(matches!(done[0], Payer::Unmatched(_)) && matches!(done[2], Payer::Unmatched(_)));
    assert!(matches!(done[1], Payer::TakenOver(account, Some(_)) if account == ada.account));
    let state = subscription(&scene.world.desk, ada.account).await.expect("a state");
    assert_eq!(state.customer(), Some(&ours));
    assert_eq!(state.live().expect("a subscription").status, MirrorStatus::Active);
    let taken = scene.events().await;
    assert_eq!(scene.customers(false).await[1], Payer::AlreadyThere(ada.account));
    assert_eq!(scene.events().await, taken, "once more changes nothing");
}

#[tokio::test]
async fn two_customers_of_one_account_are_left_to_a_person() {
    let scene = Scene::new().await;
    let ada = scene.world.open_account("Ada").await;
    let both = [(named("cus_1"), Some(ada.account)), (named("cus_2"), Some(ada.account))];
    scene.payments.list_all(&both);
    for outcome in scene.customers(false).await {
        assert!(matches!(outcome, Payer::Unmatched(_)), "{outcome:?}");
    }
    assert_eq!(scene.customer_of(ada.account).await, None);
}

#[tokio::test]
async fn a_directorys_note_ties_a_customer_to_its_owners_one_account() {
    let scene = Scene::new().await;
    let note = |customer: &str| DirectoryNote {
        stripe_customer: Some(customer.to_owned()),
        ..DirectoryNote::default()
    };
    let ada = DirectoryUser { note: note("cus_ada"), ..user("user_ada") };
    let ben = DirectoryUser { note: note("cus_ben"), ..user("user_ben") };
    scene.knows(&[ada, ben]);
    let Came::Opened(account) = scene.people(false).await[0] else { panic!("Ada is new") };
    scene.payments.list_all(&[(named("cus_ada"), None), (named("cus_cid"), None)]);
    let owner = scene.world.open_account("Somebody").await;
    scene.shows(&owner, &named("cus_ada")).await;
    let done = scene.customers(false).await;
    assert!(matches!(done[0], Payer::TakenOver(tied, _) if tied == account), "{done:?}");
    assert!(matches!(done[1], Payer::Unmatched(_)), "{done:?}");
    assert_eq!(scene.customer_of(account).await, Some(named("cus_ada")));
}
