//! How people get in, how long they stay in, and where they find themselves.

mod passwords;

use super::*;
use crate::{
    caller::{Caller, Standing},
    commands::account::{AcceptInvite, ChangeRole, InviteMember, RemoveMember},
    log::Via,
    ports::{
        SignInGrant,
        SignInKind::{NewDevice, SignedIn},
    },
    settings::Mode,
    testing::{World, person},
};
use herald_account::Role;
use std::time::Duration;

async fn sign_in(world: &World, whom: SignInAs) -> SecretString {
    let link = create_sign_in_link(&world.desk, whom).await.expect("a link");
    redeem(&world.desk, &link).await.expect("the link works")
}

async fn whoami(world: &World, session: &SecretString) -> Option<Person> {
    person_of(&world.desk, session).await.expect("storage answers")
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let world = World::new().await;
    let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    redeem(&world.desk, &link).await.expect("the first time");
    let again = redeem(&world.desk, &link).await.expect_err("it was used");
    assert_eq!(again.code(), "LINK_NOT_VALID");
}

#[tokio::test]
async fn a_link_is_void_after_a_quarter_of_an_hour() {
    let world = World::new().await;
    let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    world.pass(Duration::from_secs(15 * 60));
    let late = redeem(&world.desk, &link).await.expect_err("it has expired");
    assert_eq!(late.code(), "LINK_NOT_VALID");
}

#[tokio::test]
async fn an_invitation_signs_nobody_in_and_survives_the_attempt() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let secret = invite(&world, &owner).await;
    redeem(&world.desk, &secret).await.expect_err("the wrong door");
    invitation(&world.desk, &secret).await.expect("it is still there");
}

#[tokio::test]
async fn every_link_of_an_installation_leads_to_the_same_resident() {
    let world = World::new().await;
    let (first, second) =
        (sign_in(&world, SignInAs::Resident).await, sign_in(&world, SignInAs::Resident).await);
    assert_eq!(whoami(&world, &first).await, whoami(&world, &second).await);
    let newcomer = sign_in(&world, SignInAs::Newcomer).await;
    assert_ne!(whoami(&world, &first).await, whoami(&world, &newcomer).await);
}

#[tokio::test]
async fn whom_the_settings_name_operates_and_in_the_sandbox_its_resident_as_well() {
    let named = || vec![("https://id.example".to_owned(), "ada|1".to_owned())];
    for (mode, resident_operates) in [(Mode::Sandbox, true), (Mode::Production, false)] {
        let world = World::with(|settings| {
            settings.mode = mode;
            settings.operators = named();
        })
        .await;
        let ada = Person::of("https://id.example", "ada|1");
        assert!(operates(&world.desk, &ada));
        for (issuer, subject) in [("https://evil.example", "ada|1"), ("https://id.example", "ada")]
        {
            assert!(!operates(&world.desk, &Person::of(issuer, subject)), "{issuer} {subject}");
        }
        let resident = sign_in(&world, SignInAs::Resident).await;
        let resident = whoami(&world, &resident).await.expect("signed in");
        assert_eq!(operates(&world.desk, &resident), resident_operates, "{mode:?}");
        let newcomer = sign_in(&world, SignInAs::Newcomer).await;
        let newcomer = whoami(&world, &newcomer).await.expect("signed in");
        assert!(!operates(&world.desk, &newcomer));
    }
}

#[tokio::test]
async fn an_operator_acts_under_their_own_name_and_only_in_accounts_that_there_are() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let olga = Person::of("https://id.example", "olga");
    let request = Uuid::from_u128(7);
    let acts = operator(&world.desk, Some(olga.clone()), owner.account, request).await;
    let acts = acts.expect("the account is there");
    assert_eq!(acts.actor(), crate::log::Actor::Person(olga.identity));
    assert_eq!(acts.member(), None, "it is no role in the account");
    let nowhere = AccountId::new(Uuid::from_u128(1));
    let refused = operator(&world.desk, Some(olga), nowhere, request).await;
    assert_eq!(refused.expect_err("there is no such account"), Failure::NotFound);
}

#[tokio::test]
async fn a_session_in_use_lasts_until_its_absolute_end() {
    let world = World::new().await;
    let session = sign_in(&world, SignInAs::Resident).await;
    for _ in 0..65 {
        assert!(whoami(&world, &session).await.is_some());
        world.pass(Duration::from_secs(11 * 3_600));
    }
    world.pass(Duration::from_secs(6 * 3_600));
    assert_eq!(whoami(&world, &session).await, None, "thirty days are over");
}

#[tokio::test]
async fn an_idle_session_ends_after_twelve_hours() {
    let world = World::new().await;
    let session = sign_in(&world, SignInAs::Resident).await;
    world.pass(Duration::from_secs(12 * 3_600));
    assert_eq!(whoami(&world, &session).await, None);
}

#[tokio::test]
async fn a_session_is_noted_as_used_once_a_minute() {
    let world = World::new().await;
    let session = sign_in(&world, SignInAs::Resident).await;
    let begun = world.memory.state().sessions[&hash(&session)].used_at;
    world.pass(Duration::from_secs(59));
    whoami(&world, &session).await;
    assert_eq!(world.memory.state().sessions[&hash(&session)].used_at, begun);
    world.pass(Duration::from_secs(1));
    whoami(&world, &session).await;
    assert!(world.memory.state().sessions[&hash(&session)].used_at > begun);
}

#[tokio::test]
async fn a_session_can_be_ended_and_is_stored_by_its_hash_alone() {
    let world = World::new().await;
    let session = sign_in(&world, SignInAs::Resident).await;
    let kept = format!("{:?}", world.memory.state());
    assert!(!kept.contains(session.expose_secret()));
    end(&world.desk, &session).await.expect("it ends");
    assert_eq!(whoami(&world, &session).await, None);
}

async fn invite(world: &World, owner: &Caller) -> SecretString {
    let email = "bob@example.org".try_into().expect("an address");
    let invited = world.run(owner, InviteMember { email, role: Role::Editor }).await;
    invited.expect("invited").secret.expect("shown once")
}

async fn place(world: &World, name: &str, named: Option<AccountId>) -> Result<Caller, Unplaced> {
    caller(&world.desk, &person(name), named, Via::Graphql, Uuid::from_u128(9)).await
}

#[tokio::test]
async fn who_takes_part_in_one_account_acts_in_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    world.project().await;
    let placed = place(&world, "Ada", None).await.expect("there is one");
    assert_eq!((placed.account, placed.member()), (owner.account, owner.member()));
}

#[tokio::test]
async fn who_takes_part_in_none_is_told_to_open_one() {
    let world = World::new().await;
    assert_eq!(place(&world, "Ada", None).await, Err(Unplaced::NoAccount));
}

#[tokio::test]
async fn an_account_that_was_opened_a_moment_ago_is_waited_for() {
    let world = std::sync::Arc::new(World::new().await);
    let owner = world.open_account("Ada").await;
    let folding = std::sync::Arc::clone(&world);
    let asked = tokio::spawn(async move { place(&world, "Ada", None).await });
    tokio::task::yield_now().await;
    folding.project().await;
    let placed = asked.await.expect("no panic").expect("it is found once the view knows it");
    assert_eq!(placed.account, owner.account);
}

#[tokio::test]
async fn who_takes_part_in_two_accounts_must_name_one() {
    let world = World::new().await;
    let (ada, bob) = (world.open_account("Ada").await, world.open_account("Bob").await);
    let secret = invite(&world, &ada).await;
    let joining = Caller { account: ada.account, ..bob.clone() };
    let name = "Bob".try_into().expect("a name");
    world.run(&joining, AcceptInvite::new(&secret, name)).await.expect("Bob joins");
    world.project().await;
    let unnamed = place(&world, "Bob", None).await;
    let both = [bob.account, ada.account];
    assert!(matches!(unnamed, Err(Unplaced::SeveralAccounts(accounts))
        if accounts.iter().all(|account| both.contains(account)) && accounts.len() == 2));
    let placed = place(&world, "Bob", Some(ada.account)).await.expect("a member");
    assert!(placed.may(herald_account::Action::CreatePost));
    assert!(!placed.may(herald_account::Action::PublishPost), "Bob is an editor there");
    let eve = place(&world, "Ada", Some(bob.account)).await;
    assert_eq!(eve, Err(Unplaced::NotAMember));
}

#[tokio::test]
async fn whoever_was_removed_or_has_another_role_is_told_so_although_no_view_has_heard_of_it() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let secret = invite(&world, &ada).await;
    let newcomer = Standing::Person(person("Bob"));
    let joining = Caller { standing: newcomer, ..ada.clone() };
    let name = "Bob".try_into().expect("a name");
    world.run(&joining, AcceptInvite::new(&secret, name)).await.expect("Bob joins");
    world.project().await;
    let bob = place(&world, "Bob", None).await.expect("a member");
    assert!(bob.may(herald_account::Action::CreatePost));
    let member = bob.member().expect("a member");

    // From here on nothing is folded any more.
    let role = Role::Billing;
    world.run(&ada, ChangeRole { member, role }).await.expect("another role");
    let placed = place(&world, "Bob", None).await.expect("a member");
    assert!(!placed.may(herald_account::Action::CreatePost));
    world.run(&ada, RemoveMember { member }).await.expect("removed");
    assert_eq!(memberships(&world.desk, &person("Bob")).await.expect("an answer").len(), 1);
    assert_eq!(place(&world, "Bob", None).await, Err(Unplaced::NoAccount));
    assert_eq!(place(&world, "Bob", Some(ada.account)).await, Err(Unplaced::NotAMember));
    place(&world, "Ada", None).await.expect("she stays");
}

#[tokio::test]
async fn a_token_for_renewal_that_comes_twice_ends_its_chain_and_no_other() {
    let world = World::new().await;
    let whence = Whence::default();
    let begin = async || {
        let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
        begin_chain(&world.desk, &link, &whence).await.expect("it begins")
    };
    let (stolen, other) = (begin().await, begin().await);
    let renewed = renew(&world.desk, &stolen.refresh, &whence).await.expect("an answer");
    let renewed = renewed.expect("it is fresh");
    assert!(whoami(&world, &renewed.access).await.is_some());
    assert!(renew(&world.desk, &stolen.refresh, &whence).await.expect("an answer").is_none());
    for ended in [&stolen.access, &renewed.access] {
        assert_eq!(whoami(&world, ended).await, None);
    }
    assert!(renew(&world.desk, &renewed.refresh, &whence).await.expect("an answer").is_none());
    assert!(whoami(&world, &other.access).await.is_some());
    let kinds: Vec<_> = world.memory.state().sign_ins.iter().map(|row| row.kind).collect();
    assert!(kinds.contains(&crate::ports::SignInKind::TokenReused), "{kinds:?}");
}

#[tokio::test]
async fn to_renew_a_session_is_not_to_sign_in() {
    let world = World::new().await;
    let whence = Whence::default();
    let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    let begun_at = world.desk.clock.now();
    let mut chain = begin_chain(&world.desk, &link, &whence).await.expect("it begins");
    for _ in 0..2 {
        world.pass(Duration::from_secs(11 * 60));
        let renewed = renew(&world.desk, &chain.refresh, &whence).await.expect("an answer");
        chain = renewed.expect("it is fresh");
        let signed_in_at = crate::keys::signed_in_at(&world.desk, &chain.access).await;
        assert_eq!(signed_in_at, Ok(Some(begun_at)));
        let person = whoami(&world, &chain.access).await.expect("somebody");
        let listed = sessions_of(&world.desk, &person).await.expect("an answer");
        let listed: Vec<_> = listed.iter().map(|it| (it.signed_in_at, it.used_at)).collect();
        assert_eq!(
            listed,
            [(begun_at, world.desk.clock.now())],
            "one, however often it is renewed"
        );
    }
}

#[tokio::test]
async fn a_program_that_only_renews_is_signed_out_after_thirty_days_all_the_same() {
    let world = World::new().await;
    let whence = Whence::default();
    let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    let mut chain = begin_chain(&world.desk, &link, &whence).await.expect("it begins");
    for _ in 0..29 {
        world.pass(Duration::from_secs(24 * 3_600));
        let renewed = renew(&world.desk, &chain.refresh, &whence).await.expect("an answer");
        chain = renewed.expect("within thirty days");
    }
    world.pass(Duration::from_secs(24 * 3_600));
    assert!(renew(&world.desk, &chain.refresh, &whence).await.expect("an answer").is_none());
}

#[tokio::test]
async fn what_is_over_is_swept_away_and_what_is_not_stays() {
    let world = World::new().await;
    let idle = sign_in(&world, SignInAs::Resident).await;
    create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    world.pass(Duration::from_secs(12 * 3_600));
    let live = sign_in(&world, SignInAs::Resident).await;
    assert_eq!(sweep(&world.desk).await, Ok(2), "a session and a link");
    assert_eq!(whoami(&world, &idle).await, None);
    assert!(whoami(&world, &live).await.is_some());
    world.pass(Duration::from_secs(91 * 24 * 3_600));
    sweep(&world.desk).await.expect("an answer");
    assert!(world.memory.state().sign_ins.is_empty(), "the log is kept for ninety days");
}

#[tokio::test]
async fn the_log_says_where_from_to_whoever_may_ask_and_stores_it_sealed() {
    let world = World::new().await;
    let link = create_sign_in_link(&world.desk, SignInAs::Resident).await.expect("a link");
    let address = Some("203.0.113.7".parse().expect("an address"));
    let whence = Whence { device: "CANARY on Linux".to_owned(), address };
    let session = redeem_from(&world.desk, &link, &whence).await.expect("signed in");
    let person = whoami(&world, &session).await.expect("somebody");
    let lately = signed_in_lately(&world.desk, &[person.identity], None, 10).await;
    assert_eq!(lately.expect("an answer")[0].whence, whence);
    let stored = world.memory.state().sign_ins[0].sealed.clone();
    let tells = |word: &[u8]| stored.windows(word.len()).any(|part| part == word);
    assert!(!tells(b"CANARY") && !tells(b"203.0.113.7"));
    forget(&world.desk, person.identity).await.expect("an answer");
    let lately = signed_in_lately(&world.desk, &[person.identity], None, 10).await;
    assert_eq!(lately.expect("an answer")[0].whence, Whence::default());
}

#[tokio::test]
async fn a_new_device_is_one_that_the_person_never_had_whatever_became_of_its_sessions() {
    let world = World::new().await;
    let subject = Uuid::from_u128(5);
    let identity = Person::of(LOCAL_ISSUER, &subject.to_string()).identity;
    let with = async |device: &str| {
        let link = create_sign_in_link(&world.desk, SignInAs::Subject(subject)).await;
        let whence = Whence { device: device.to_owned(), address: None };
        redeem_from(&world.desk, &link.expect("a link"), &whence).await.expect("signed in");
        let lately = signed_in_lately(&world.desk, &[identity], None, 1).await;
        world.pass(Duration::from_secs(1));
        lately.expect("an answer")[0].kind
    };
    assert_eq!(with("Firefox on Linux").await, SignedIn, "the first ever is not new to anybody");
    assert_eq!(with("Safari on iOS").await, NewDevice);
    assert_eq!(with("Safari on iOS").await, SignedIn);
    end_everywhere(&world.desk, identity).await.expect("an answer");
    world.pass(Duration::from_secs(365 * 24 * 3_600));
    sweep(&world.desk).await.expect("an answer");
    assert_eq!(with("Firefox on Linux").await, SignedIn, "it outlives sessions and their log");
    assert_eq!(with("").await, NewDevice, "one that says nothing is one, too");
    assert_eq!(world.memory.state().secrets.len(), 1);
    forget(&world.desk, identity).await.expect("an answer");
    assert!(world.memory.state().secrets.is_empty(), "of a forgotten person nothing is known");
}

#[tokio::test]
async fn a_grant_is_sealed_replaced_and_gone_with_the_next_sign_in_without_one() {
    let world = World::new().await;
    let identity = Person::of("https://github.com", "1").identity;
    let granted = async |token: Option<&str>| {
        let scopes = vec!["repo".to_owned()];
        let grant = token.map(|token| SignInGrant { access: token.into(), scopes });
        grants::keep(&world.desk, identity, grant.as_ref()).await;
        let rows = world.memory.state().secrets.clone();
        rows.into_values().map(|row| row.sealed).collect::<Vec<_>>()
    };
    let first = granted(Some("CANARY-1")).await;
    let second = granted(Some("CANARY-2")).await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    assert!(!second[0].windows(6).any(|part| part == b"CANARY"));
    assert!(granted(None).await.is_empty(), "it is no longer asked for");
    granted(Some("CANARY-3")).await;
    forget(&world.desk, identity).await.expect("an answer");
    assert!(granted(Some("CANARY-4")).await.is_empty(), "of whom we forgot we keep nothing");
}

#[tokio::test]
async fn a_person_ends_their_own_sessions_by_name_and_nobody_elses() {
    let world = World::new().await;
    let (mine, theirs) =
        (sign_in(&world, SignInAs::Resident).await, sign_in(&world, SignInAs::Newcomer).await);
    let me = whoami(&world, &mine).await.expect("somebody");
    let other = whoami(&world, &theirs).await.expect("somebody");
    let name = |sessions: &[SignedInAt]| vec![sessions[0].id.clone()];
    let foreign = name(&sessions_of(&world.desk, &other).await.expect("an answer"));
    assert_eq!(end_named(&world.desk, &me, &foreign).await, Ok(0));
    let own = name(&sessions_of(&world.desk, &me).await.expect("an answer"));
    assert_eq!(end_named(&world.desk, &me, &own).await, Ok(1));
    assert_eq!(whoami(&world, &mine).await, None);
    assert!(whoami(&world, &theirs).await.is_some());
}
