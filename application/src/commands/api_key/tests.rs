//! How keys are issued, replaced and ended.

use super::*;
use crate::{
    caller::{Caller, Standing},
    testing::{World, caller, person},
};
use herald_account::Role;
use herald_terms::{Reach, Scope};
use std::{collections::BTreeSet, time::Duration};

const HOUR: Duration = Duration::from_secs(3_600);

fn wish(scopes: &[Scope]) -> IssueApiKey {
    IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: scopes.iter().copied().collect(),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: None,
    }
}

async fn issued(world: &World, owner: &Caller) -> ApiKeyId {
    world.run(owner, wish(&[Scope::Read])).await.expect("it is issued").key
}

#[tokio::test]
async fn a_key_is_shown_once_and_a_repetition_meets_the_same() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let first = world.run_as(&owner, "k", wish(&[Scope::Read])).await.expect("issued");
    let again = world.run_as(&owner, "k", wish(&[Scope::Read])).await.expect("repeated");
    assert!(first.answer.secret.is_some() && !first.replayed);
    assert!(again.answer.secret.is_none() && again.replayed);
    assert_eq!(again.answer.key, first.answer.key);
    assert_eq!(world.memory.history(first.answer.key.uuid()), ["api_key.issued"]);
}

#[tokio::test]
async fn only_owners_and_admins_issue_keys_and_keys_never_do() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let member = owner.member().expect("a member");
    for role in [Role::Publisher, Role::Editor, Role::Viewer, Role::Billing, Role::Auditor] {
        let standing = Standing::Member { member, role, person: person("Ada") };
        let refused = world.run(&caller(owner.account, standing), wish(&[Scope::Read])).await;
        assert_eq!(refused.expect_err("too small").code(), "FORBIDDEN", "{role}");
    }
    let (key, rights) = (issued(&world, &owner).await, Rights::all());
    let standing = Standing::Key { key, issuer: member, role: Role::Owner, rights };
    let refused = world.run(&caller(owner.account, standing), wish(&[Scope::Read])).await;
    assert_eq!(refused.expect_err("a key makes no key").code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_key_that_takes_anothers_place_is_born_in_the_same_append() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let former = issued(&world, &owner).await;
    let long = RotateApiKey { key: former, overlap: HOUR * 24 * 8 };
    let refused = world.run(&owner, long).await.expect_err("too long");
    assert_eq!(refused.code(), "VALIDATION");
    let rotate = RotateApiKey { key: former, overlap: HOUR };
    let successor = world.run(&owner, rotate).await.expect("rotated");
    assert_eq!(world.memory.history(former.uuid()), ["api_key.issued", "api_key.rotated"]);
    assert_eq!(world.memory.history(successor.key.uuid()), ["api_key.issued"]);
    let second = RotateApiKey { key: former, overlap: HOUR };
    let refused = world.run(&owner, second).await.expect_err("one at a time");
    assert_eq!(refused.code(), "INVALID_STATE");
}

#[tokio::test]
async fn the_worker_notes_that_an_overlap_and_a_lifetime_are_over() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let former = issued(&world, &owner).await;
    world.run(&owner, RotateApiKey { key: former, overlap: HOUR }).await.expect("rotated");
    let expires_at = Some(world.desk.clock.now().plus(HOUR * 2));
    let mortal = IssueApiKey { expires_at, ..wish(&[Scope::Read]) };
    let mortal = world.run(&owner, mortal).await.expect("issued").key;
    world.work().await;
    assert_eq!(world.memory.history(former.uuid()).len(), 2, "not yet");
    world.pass(HOUR * 2);
    world.work().await;
    let last = |key: ApiKeyId| world.memory.history(key.uuid()).pop();
    assert_eq!(last(former).as_deref(), Some("api_key.overlap_ended"));
    assert_eq!(last(mortal).as_deref(), Some("api_key.expired"));
}

#[tokio::test]
async fn scopes_are_taken_away_freely_and_added_after_a_fresh_sign_in_only() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let key = issued(&world, &owner).await;
    let all: BTreeSet<_> = Scope::OF_USERS.into();
    let widen = |signed_in_at| ChangeApiKeyScopes { key, scopes: all.clone(), signed_in_at };
    let refused = world.run(&owner, widen(None)).await.expect_err("nobody signed in");
    assert_eq!(refused.code(), "REAUTHENTICATION_REQUIRED");
    let now = world.desk.clock.now();
    let old = Some(now.minus(Duration::from_secs(601)));
    let refused = world.run(&owner, widen(old)).await.expect_err("too long ago");
    assert_eq!(refused.code(), "REAUTHENTICATION_REQUIRED");
    world.run(&owner, widen(Some(now))).await.expect("just signed in");
    let scopes = [Scope::Write].into();
    let narrow = ChangeApiKeyScopes { key, scopes, signed_in_at: None };
    world.run(&owner, narrow).await.expect("less is free");
}

#[tokio::test]
async fn another_accounts_key_is_not_there() {
    let world = World::new().await;
    let (owner, other) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let key = issued(&world, &owner).await;
    assert_eq!(world.run(&other, RevokeApiKey { key }).await, Err(Failure::NotFound));
    assert_eq!(world.memory.history(key.uuid()), ["api_key.issued"], "nothing happened to it");
}

#[tokio::test]
async fn a_key_that_was_ended_stays_ended() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let key = issued(&world, &owner).await;
    world.run(&owner, RevokeApiKey { key }).await.expect("ended");
    world.run(&owner, RevokeApiKey { key }).await.expect("already so");
    let refused = world.run(&owner, EnableApiKey { key }).await.expect_err("for ever");
    assert_eq!(refused.code(), "INVALID_STATE");
    assert_eq!(world.memory.history(key.uuid()), ["api_key.issued", "api_key.revoked"]);
}
