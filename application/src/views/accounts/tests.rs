//! What the views of accounts make of what happened.

use super::*;
use crate::{
    caller::{Caller, Standing},
    commands::account::{AcceptInvite, ChangeRole, InviteMember, LeaveAccount},
    reading::read_document,
    testing::{World, caller, person},
};
use herald_account::{Action, OnboardingStep};

async fn account(world: &World, owner: &Caller) -> AccountDoc {
    world.project().await;
    let id = owner.account.to_string();
    let doc = world.desk.document(owner, Action::ReadAccount, NAME, &id).await;
    doc.expect("storage answers").expect("the account is there")
}

async fn accounts_of(world: &World, name: &str) -> Vec<MembershipDoc> {
    world.project().await;
    let version = world.desk.progress.version(MEMBERSHIPS);
    let identity = [person(name).identity.to_string()];
    let rows =
        world.desk.stores.views.list_unscoped(MEMBERSHIPS, version, &identity, None, 10).await;
    let rows = rows.expect("storage answers");
    rows.iter().map(|row| read_document(row).expect("it reads")).collect()
}

async fn join(world: &World, owner: &Caller) -> Caller {
    let email = "bob@example.org".try_into().expect("an address");
    let invited = world.run(owner, InviteMember { email, role: Role::Viewer }).await;
    let invited = invited.expect("invited");
    let bob = caller(owner.account, Standing::Person(person("Bob")));
    let secret = invited.secret.expect("shown once");
    let accept = AcceptInvite::new(&secret, "Bob".try_into().expect("a name"));
    world.run(&bob, accept).await.expect("Bob joins");
    let role = Role::Viewer;
    let standing = Standing::Member { member: invited.member, role, person: person("Bob") };
    caller(owner.account, standing)
}

#[tokio::test]
async fn an_account_shows_its_people_and_how_far_it_has_come() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let bob = join(&world, &owner).await;
    let doc = account(&world, &owner).await;
    assert_eq!(doc.business.as_deref(), Some("Ada's bakery"));
    assert_eq!(doc.onboarding, [OnboardingStep::Started]);
    let bob = doc.member(bob.member().expect("a member")).expect("Bob is there");
    assert_eq!((bob.name.as_deref(), bob.state), (Some("Bob"), MemberStatus::Active));
    assert_eq!((bob.invited_by, bob.expires_at), (owner.member(), None));
    assert_eq!(doc.version, 5);
}

#[tokio::test]
async fn a_membership_follows_the_role_and_ends_with_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    assert_eq!(accounts_of(&world, "Bob").await, []);
    let bob = join(&world, &owner).await;
    let roles = |docs: Vec<MembershipDoc>| docs.iter().map(|it| it.role).collect::<Vec<_>>();
    assert_eq!(roles(accounts_of(&world, "Bob").await), [Role::Viewer]);
    let member = bob.member().expect("a member");
    world.run(&owner, ChangeRole { member, role: Role::Editor }).await.expect("promoted");
    assert_eq!(roles(accounts_of(&world, "Bob").await), [Role::Editor]);
    world.run(&bob, LeaveAccount {}).await.expect("Bob leaves");
    assert_eq!(accounts_of(&world, "Bob").await, []);
}

#[tokio::test]
async fn a_forgotten_account_shows_no_name() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    world.desk.journal.keyring().destroy(owner.account).await.expect("the key is destroyed");
    let doc = account(&world, &owner).await;
    assert_eq!((doc.business.as_deref(), doc.members[0].name.as_deref()), (None, None));
}
