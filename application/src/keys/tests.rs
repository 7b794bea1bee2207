//! Which callers with a key are let in, and what the others are told.

use super::*;
use crate::{
    caller::{Caller, Standing},
    commands::{
        account::RemoveMember,
        api_key::{
            DisableApiKey, EnableApiKey, IssueApiKey, IssueServiceKey, IssuedKey, ReportApiKeyLeak,
            RevokeApiKey, RotateApiKey, services_account,
        },
    },
    testing::{World, caller, person},
};
use herald_account::{Action, Role};
use herald_api_key::{Ground, KeyText, Verdict};
use herald_kernel::{AccountId, MemberId};
use herald_terms::{Reach, Scope};
use secrecy::{ExposeSecret as _, SecretString};
use std::{net::IpAddr, time::Duration};

const HOUR: Duration = Duration::from_secs(3_600);

async fn world() -> World {
    World::with(|settings| settings.waits.remember_keys = Duration::ZERO).await
}

fn wish(scopes: &[Scope]) -> IssueApiKey {
    IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: scopes.iter().copied().collect(),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: None,
    }
}

async fn issue(world: &World, owner: &Caller, wish: IssueApiKey) -> (IssuedKey, SecretString) {
    let issued = world.run(owner, wish).await.expect("it is issued");
    world.project().await;
    let secret = issued.secret.clone().expect("shown once");
    (issued, secret)
}

fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

async fn told(world: &World, secret: &SecretString) -> Verdict {
    match authenticate(&world.desk, secret, ip("192.0.2.9")).await {
        Ok(pass) => {
            let Standing::Key { rights, .. } = pass.standing else { panic!("not a user's key") };
            Verdict::Valid(rights)
        }
        Err(Denied::Refused(verdict)) => verdict,
        Err(Denied::Failed(failure)) => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn a_good_key_acts_for_its_issuer_within_its_scopes() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (issued, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    let pass = authenticate(&world.desk, &secret, None).await.expect("it is good");
    let acts = pass.caller(None, crate::log::Via::Graphql, uuid::Uuid::nil()).expect("acts");
    assert_eq!((acts.account, acts.member()), (owner.account, owner.member()));
    assert!(acts.may(Action::ReadPosts) && !acts.may(Action::CreatePost));
    assert!(!acts.may(Action::ReadApiKeys) && !acts.may(Action::IssueApiKey));
    assert_eq!(acts.actor().to_string(), format!("api_key:{}", issued.key));
    let elsewhere = Some(AccountId::new(uuid::Uuid::from_u128(5)));
    assert!(pass.caller(elsewhere, acts.via, uuid::Uuid::nil()).is_none());
}

#[tokio::test]
async fn what_is_no_key_or_nobodys_is_told_apart_only_within() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (_, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    let text = secret.expose_secret();
    let slip = format!("{}x", text.get(..text.len() - 1).expect("letters"));
    for malformed in ["", PREFIX, "herald_sk_dev_short", &slip] {
        let answer = told(&world, &SecretString::from(malformed)).await;
        assert!(answer == Verdict::Malformed && answer.is_unauthenticated(), "{malformed}");
    }
    let unknown = KeyText::compose(environment(Mode::Sandbox), &[9; 32]);
    let answer = told(&world, &SecretString::from(unknown.expose_secret())).await;
    assert!(answer == Verdict::NotFound && answer.is_unauthenticated());
}

#[tokio::test]
async fn a_key_that_rests_or_is_over_does_not_pass_from_its_event_on() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (one, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    // No view is folded in between: the log alone decides.
    world.run(&owner, DisableApiKey { key: one.key }).await.expect("it rests");
    assert_eq!(told(&world, &secret).await, Verdict::Disabled);
    world.run(&owner, EnableApiKey { key: one.key }).await.expect("it works again");
    assert!(told(&world, &secret).await.is_valid());
    world.run(&owner, RevokeApiKey { key: one.key }).await.expect("it ends");
    assert_eq!(told(&world, &secret).await, Verdict::Revoked);
    let (two, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    world.run(&owner, ReportApiKeyLeak { key: two.key }).await.expect("it ends");
    assert_eq!(told(&world, &secret).await, Verdict::Revoked);
}

#[tokio::test]
async fn time_ends_a_key_before_anybody_notes_it() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let expires_at = Some(world.desk.clock.now().plus(HOUR));
    let (_, secret) =
        issue(&world, &owner, IssueApiKey { expires_at, ..wish(&[Scope::Read]) }).await;
    assert!(told(&world, &secret).await.is_valid());
    world.pass(HOUR);
    assert_eq!(told(&world, &secret).await, Verdict::Expired);
}

#[tokio::test]
async fn both_keys_work_until_the_overlap_ends() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (former, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    let rotate = RotateApiKey { key: former.key, overlap: HOUR };
    let successor = world.run(&owner, rotate).await.expect("it is rotated");
    world.project().await;
    let new = successor.secret.expect("shown once");
    assert!(told(&world, &secret).await.is_valid() && told(&world, &new).await.is_valid());
    world.pass(HOUR);
    assert_eq!(told(&world, &secret).await, Verdict::Revoked);
    assert!(told(&world, &new).await.is_valid());
}

#[tokio::test]
async fn a_key_bound_to_networks_is_taken_from_there_only() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let ip_allow = vec!["198.51.100.0/24".parse().expect("a network")];
    let (_, secret) = issue(&world, &owner, IssueApiKey { ip_allow, ..wish(&[Scope::Read]) }).await;
    for (source, expected) in [
        (ip("198.51.100.7"), None),
        (ip("192.0.2.9"), Some(Verdict::Forbidden(Ground::Source))),
        (None, Some(Verdict::Forbidden(Ground::Source))),
    ] {
        let answer = authenticate(&world.desk, &secret, source).await.err();
        assert_eq!(answer, expected.map(Denied::Refused), "{source:?}");
    }
}

#[tokio::test]
async fn a_key_of_the_other_environment_is_not_taken() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (_, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    assert!(secret.expose_secret().starts_with("herald_sk_dev_"));
    assert_eq!(environment(Mode::Production).as_str(), "live");
}

async fn join(world: &World, owner: &Caller, role: Role) -> Caller {
    use crate::{
        commands::account::{AcceptInvite, InviteMember},
        sign_in,
    };
    let email = "bob@example.org".try_into().expect("an address");
    let invited = world.run(owner, InviteMember { email, role }).await.expect("invited");
    let secret = invited.secret.expect("shown once");
    let (account, member) = sign_in::invitation(&world.desk, &secret).await.expect("known");
    let newcomer = caller(account, Standing::Person(person("Bob")));
    let accept = AcceptInvite::new(&secret, "Bob".try_into().expect("a name"));
    world.run(&newcomer, accept).await.expect("joins");
    caller(account, Standing::Member { member, role, person: person("Bob") })
}

fn member(caller: &Caller) -> MemberId {
    caller.member().expect("a member")
}

#[tokio::test]
async fn a_key_dies_with_the_membership_of_its_issuer_at_once() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let admin = join(&world, &owner, Role::Admin).await;
    let (_, secret) = issue(&world, &admin, wish(&[Scope::Read])).await;
    assert!(told(&world, &secret).await.is_valid());
    world.run(&owner, RemoveMember { member: member(&admin) }).await.expect("removed");
    assert_eq!(told(&world, &secret).await, Verdict::Revoked);
}

#[tokio::test]
async fn a_service_acts_in_the_account_that_it_names_and_starts_checkouts_only() {
    let world = world().await;
    let operator = caller(services_account(), Standing::Operator(None));
    let use_case = || IssueServiceKey {
        name: "shop front".try_into().expect("a name"),
        operator: "ops".to_owned().try_into().expect("a name"),
        ip_allow: vec!["192.0.2.0/24".parse().expect("a network")],
        expires_at: None,
    };
    let owner = world.open_account("Ada").await;
    let refused = world.run(&owner, use_case()).await.expect_err("not for customers");
    assert_eq!(refused.code(), "FORBIDDEN");
    let issued = world.run(&operator, use_case()).await.expect("issued");
    world.project().await;
    let secret = issued.secret.expect("shown once");
    let pass = authenticate(&world.desk, &secret, ip("192.0.2.9")).await.expect("it is good");
    let via = crate::log::Via::Rest;
    assert!(pass.caller(None, via, uuid::Uuid::nil()).is_none(), "it must name an account");
    let acts = pass.caller(Some(owner.account), via, uuid::Uuid::nil()).expect("it acts");
    let allowed: Vec<_> = Action::ALL.iter().filter(|action| acts.may(**action)).collect();
    assert_eq!(allowed, [&Action::StartCheckout]);
}

#[tokio::test]
async fn the_last_use_is_known_to_the_minute_and_goes_forwards_only() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (issued, secret) = issue(&world, &owner, wish(&[Scope::Read])).await;
    let last = || last_used_at(&world.desk, owner.account, issued.key);
    assert_eq!(last().await, Ok(None));
    let pass = authenticate(&world.desk, &secret, None).await.expect("it is good");
    world.pass(Duration::from_secs(95));
    let call = || async {
        crate::limits::charge_key(&world.desk, &pass, "account", 1).await.expect("it passes");
        world.desk.commands.close();
        world.desk.commands.wait().await;
        world.desk.commands.reopen();
    };
    call().await;
    let minute = crate::testing::start().plus(Duration::from_secs(60));
    assert_eq!(last().await, Ok(Some(minute)));
    world.pass(Duration::from_secs(20));
    call().await;
    assert_eq!(last().await, Ok(Some(minute)), "the same minute");
}

#[tokio::test]
async fn a_keys_text_is_nowhere_but_in_the_one_answer() {
    let world = world().await;
    let owner = world.open_account("Ada").await;
    let (_, secret) = issue(&world, &owner, wish(&[Scope::Read, Scope::Write])).await;
    told(&world, &secret).await;
    world.work().await;
    let text = secret.expose_secret();
    let random = text.get(PREFIX.len() + 4..PREFIX.len() + 36).expect("letters");
    let kept = format!("{:?}", world.memory.state());
    let log = world.memory.log_text();
    assert!(!log.contains(random), "the key's text is in the log");
    assert!(!kept.contains(random), "the key's text is stored");
    assert!(!format!("{:?}", world.desk.keys).contains(random));
}
