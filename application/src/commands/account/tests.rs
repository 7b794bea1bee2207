//! How people open accounts, invite each other and part.

use super::*;
use crate::{
    caller::{Caller, Standing},
    commands::account::InviteMember,
    sign_in,
    testing::{World, caller, person},
};
use herald_account::{Email, Role};
use herald_kernel::{AccountId, Zone};
use herald_terms::{ApprovalPolicy, Policy};
use secrecy::{ExposeSecret, SecretString};

fn email(text: &str) -> Email {
    text.try_into().expect("an address")
}

async fn invite(world: &World, owner: &Caller, role: Role) -> Invited {
    let invite = InviteMember { email: email("bob@example.org"), role };
    world.run(owner, invite).await.expect("the invitation goes out")
}

async fn accept(
    world: &World,
    account: AccountId,
    name: &str,
    secret: &SecretString,
) -> Result<(), Failure> {
    let newcomer = caller(account, Standing::Person(person(name)));
    let name = name.try_into().expect("a name");
    world.run(&newcomer, AcceptInvite::new(secret, name)).await
}

#[tokio::test]
async fn who_opens_an_account_owns_it_and_has_started() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let history = world.memory.history(owner.account.uuid());
    assert_eq!(history, ["account.opened", "account.member_added", "account.onboarding_advanced"]);
    let again = world.open_account("Ada").await;
    assert_eq!(again.member(), owner.member(), "a repetition meets the same account");
    assert_eq!(world.memory.history(owner.account.uuid()), history);
}

#[tokio::test]
async fn names_and_addresses_are_sealed_in_the_log() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    invite(&world, &owner, Role::Editor).await;
    let log = world.memory.log_text();
    assert!(!log.contains("Ada") && !log.contains("bob@example.org"), "{log}");
}

#[tokio::test]
async fn an_invitation_is_shown_once_and_its_secret_is_stored_nowhere() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let use_case = || InviteMember { email: email("bob@example.org"), role: Role::Editor };
    let first = world.run_as(&owner, "k", use_case()).await.expect("invited");
    let again = world.run_as(&owner, "k", use_case()).await.expect("the same request again");
    assert!(again.replayed && again.answer.secret.is_none());
    assert_eq!(again.answer.member, first.answer.member);
    let secret = first.answer.secret.expect("the first answer shows it");
    let kept = format!("{:?}", world.memory.state());
    assert!(!kept.contains(secret.expose_secret()), "the secret is stored");
}

#[tokio::test]
async fn the_link_makes_one_person_a_member_and_only_one() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let invited = invite(&world, &owner, Role::Editor).await;
    let secret = invited.secret.expect("shown once");
    let (account, member) = sign_in::invitation(&world.desk, &secret).await.expect("it is known");
    assert_eq!((account, member), (owner.account, invited.member));
    accept(&world, account, "Bob", &secret).await.expect("Bob joins");
    accept(&world, account, "Bob", &secret).await.expect("it is so already");
    let late = accept(&world, account, "Eve", &secret).await.expect_err("the link was used");
    assert_eq!(late.code(), "INVALID_STATE");
}

#[tokio::test]
async fn an_invitation_expires() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let secret = invite(&world, &owner, Role::Editor).await.secret.expect("shown once");
    world.pass(world.desk.settings.waits.invitation);
    let late = accept(&world, owner.account, "Bob", &secret).await.expect_err("it is void");
    assert_eq!(late.code(), "INVALID_STATE");
}

#[tokio::test]
async fn the_link_of_one_account_opens_no_other() {
    let world = World::new().await;
    let (owner, other) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let secret = invite(&world, &owner, Role::Editor).await.secret.expect("shown once");
    let foreign = accept(&world, other.account, "Eve", &secret).await;
    assert_eq!(foreign, Err(Failure::NotFound));
    let unknown = SecretString::from("never-made");
    let unknown = accept(&world, other.account, "Eve", &unknown).await.expect_err("no such link");
    assert_eq!(unknown.code(), "LINK_NOT_VALID");
}

#[tokio::test]
async fn nobody_invites_above_their_own_role() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let admin = join(&world, &owner, Role::Admin).await;
    let invitation = InviteMember { email: email("eve@example.org"), role: Role::Owner };
    let refused = world.run(&admin, invitation).await.expect_err("above the own role");
    assert_eq!(refused.code(), "FORBIDDEN");
    assert_eq!(world.memory.state().links.len(), 1, "a refused invitation leaves no link");
}

async fn join(world: &World, owner: &Caller, role: Role) -> Caller {
    let invited = invite(world, owner, role).await;
    let secret = invited.secret.expect("shown once");
    accept(world, owner.account, "Bob", &secret).await.expect("Bob joins");
    let standing = Standing::Member { member: invited.member, role, person: person("Bob") };
    caller(owner.account, standing)
}

#[tokio::test]
async fn everybody_may_leave_but_only_admins_remove_others() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let viewer = join(&world, &owner, Role::Viewer).await;
    let owner_member = owner.member().expect("a member");
    let forbidden = world.run(&viewer, RemoveMember { member: owner_member }).await;
    assert_eq!(forbidden, Err(Failure::Forbidden { action: "removeMember" }));
    world.run(&viewer, LeaveAccount {}).await.expect("a viewer may leave");
    let last = world.run(&owner, LeaveAccount {}).await.expect_err("the last owner stays");
    assert_eq!(last.code(), "INVALID_STATE");
}

#[tokio::test]
async fn a_changed_role_is_compared_with_the_version_that_was_seen() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let bob = join(&world, &owner, Role::Viewer).await.member().expect("a member");
    let change = ChangeRole { member: bob, role: Role::Editor };
    let request =
        crate::execute::Request { idempotency_key: "k".to_owned(), expected_version: Some(3) };
    let stale = world.desk.carry_out(&owner, request, change).await.expect_err("it has moved on");
    assert_eq!(stale, Failure::VersionConflict { current: 5 });
    let change = ChangeRole { member: bob, role: Role::Editor };
    world.run(&owner, change).await.expect("without a version it is changed");
}

#[tokio::test]
async fn describing_the_business_is_a_step_of_the_onboarding() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let profile = herald_account::BusinessProfile {
        name: "Ada's bakery".try_into().expect("a name"),
        sells: "bread".try_into().expect("a text"),
        audience: "neighbours".try_into().expect("a text"),
        tone: "warm".try_into().expect("a text"),
        goals: Vec::new(),
        website: None,
    };
    world.run(&owner, UpdateBusinessProfile { profile }).await.expect("it is described");
    let history = world.memory.history(owner.account.uuid());
    let last = &history[history.len() - 2..];
    assert_eq!(last, ["account.business_profile_updated", "account.onboarding_advanced"]);
}

#[tokio::test]
async fn a_conflict_is_decided_again_and_its_event_written_once() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    world.memory.state().conflicts = 3;
    invite(&world, &owner, Role::Editor).await;
    let history = world.memory.history(owner.account.uuid());
    assert_eq!(history.iter().filter(|name| *name == "account.member_invited").count(), 1);
}

#[tokio::test]
async fn an_invitation_needs_a_tier_for_teams_and_the_refusal_says_by_what() {
    let catalogue = std::sync::Arc::new(herald_subscription::Catalogue::default());
    let billing = crate::settings::Billing::On { catalogue, automatic_tax: false };
    let world = World::with(|settings| settings.billing = billing).await;
    let owner = world.open_account("Ada").await;
    let invite = InviteMember { email: email("bob@example.org"), role: Role::Editor };
    let refused = world.run(&owner, invite).await.expect_err("free is for one person");
    assert_eq!(refused.code(), "FEATURE_NOT_INCLUDED");
    let message = refused.to_string();
    for said in ["teams", "`changePlan`", "tier free v1, subscription event 0"] {
        assert!(message.contains(said), "no `{said}` in `{message}`");
    }
}

#[tokio::test]
async fn a_change_of_the_rules_keeps_what_it_does_not_name() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let grace = ChangePolicy { late_grace_minutes: Some(5), ..ChangePolicy::default() };
    world.run(&owner, grace).await.expect("changed");
    let approval = Some(ApprovalPolicy::FourEyes);
    let change = || ChangePolicy { approval, ..ChangePolicy::default() };
    world.run(&owner, change()).await.expect("changed");
    world.run(&owner, change()).await.expect("already so");
    let loaded = world.desk.journal.load::<Account>(owner.account.uuid()).await.expect("it loads");
    let expected =
        Policy { approval: ApprovalPolicy::FourEyes, late_grace_minutes: 5, ..Policy::default() };
    assert_eq!(loaded.state.policy(), &expected);
    let changes = world.memory.history(owner.account.uuid());
    assert_eq!(changes.iter().filter(|name| *name == "account.policy_changed").count(), 2);
    let none = ChangePolicy { posts_per_day: Some(0), ..ChangePolicy::default() };
    let refused = world.run(&owner, none).await.expect_err("no posts at all");
    assert_eq!(refused.code(), "VALIDATION");
}

#[tokio::test]
async fn an_account_may_mean_its_times_in_another_zone() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let zone: Zone = "Europe/Berlin".parse().expect("a zone");
    world.run(&owner, ChangeTimeZone { zone: zone.clone() }).await.expect("changed");
    let loaded = world.desk.journal.load::<Account>(owner.account.uuid()).await.expect("it loads");
    assert_eq!(loaded.state.zone(), Some(&zone));
}
