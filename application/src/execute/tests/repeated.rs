//! Every request may come twice: the second answer is the first one's, and nothing happens again.

use super::super::*;
use crate::{
    commands::{
        account::{
            AcceptInvite, ForgetMember, InviteMember, LeaveAccount, LinkIdentity, ObserveProfile,
            RecordOnboarding, RemoveMember, UnlinkIdentity, UpdateBusinessProfile,
        },
        api_key::{
            ChangeApiKeyScopes, DisableApiKey, EnableApiKey, IssueApiKey, IssueServiceKey,
            LimitApiKey, RenameApiKey, ReportApiKeyLeak, RotateApiKey, SettleApiKey,
            services_account,
        },
        connection::{
            BeginConnection, CompleteConnection, ConsentAnswer, Disconnect, IntendRefresh,
            LimitConnection, ObserveProbe, OnConnection, PauseConnection, Reconnect,
            RecordExchangeFailure, RecordRefreshFailure,
        },
        post::{
            ApprovePost, CancelPost, ContentInput, CreatePost, EditPost, OnPost, RejectPost,
            RequestChanges, SchedulePost, StepInput, SubmitPost, WhenInput,
        },
    },
    testing::{World, caller, job_caller, person},
};
use herald_account::{BusinessProfile, Identity, OnboardingStep, Role};
use herald_kernel::Network;
use herald_post::Post;
use herald_social_connection::{ExchangeFailure, Probe, RefreshFailure, Trouble};
use herald_terms::{Reach, Scope};
use std::fmt::Debug;

const HOUR: Duration = Duration::from_secs(3_600);

/// Sends the same request twice; both answers.
async fn twice<U: UseCase>(
    world: &World,
    who: &Caller,
    wish: impl Fn() -> U,
) -> (U::Answer, U::Answer) {
    let happened = || world.memory.state().events.len();
    let key = format!("at {}", happened());
    let what = U::WHO.operation();
    let first = world.run_as(who, &key, wish()).await;
    let first = first.unwrap_or_else(|failure| panic!("{what} is followed: {failure}"));
    assert!(first.token.is_some() && !first.replayed, "{what} wrote nothing");
    let before = happened();
    let again = world.run_as(who, &key, wish()).await;
    let again = again.unwrap_or_else(|failure| panic!("{what} was followed: {failure}"));
    assert!(again.replayed && again.token.is_none(), "{what} is done anew");
    assert_eq!((happened(), again.command), (before, first.command), "{what} happened again");
    (first.answer, again.answer)
}

/// Sends the same request twice, which is answered alike.
async fn alike<U: UseCase<Answer: Debug + PartialEq>>(
    world: &World,
    who: &Caller,
    wish: impl Fn() -> U,
) -> U::Answer {
    let (first, again) = twice(world, who, wish).await;
    assert_eq!(first, again, "{}", U::WHO.operation());
    first
}

fn content(text: &str) -> ContentInput {
    let root = StepInput { text: text.try_into().expect("a text"), media: Vec::new() };
    ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false }
}

#[tokio::test]
async fn what_is_asked_of_an_account_twice_is_done_once() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let job = job_caller(ada.account);
    let profile = || BusinessProfile {
        name: "A bakery".try_into().expect("a name"),
        sells: "bread".try_into().expect("a text"),
        audience: "neighbours".try_into().expect("a text"),
        tone: "warm".try_into().expect("a text"),
        goals: Vec::new(),
        website: None,
    };
    alike(&world, &ada, || UpdateBusinessProfile { profile: profile() }).await;
    let step = OnboardingStep::FirstPlan;
    alike(&world, &job, || RecordOnboarding { step }).await;
    let identity = || Identity::try_new("https://idp.example", "ada").expect("an identity");
    alike(&world, &ada, || LinkIdentity { identity: identity() }).await;
    alike(&world, &ada, || UnlinkIdentity { identity: identity().id() }).await;

    let (email, role) = ("bob@example.org", Role::Viewer);
    let invite = || InviteMember { email: email.try_into().expect("an address"), role };
    let (invited, again) = twice(&world, &ada, invite).await;
    assert_eq!((again.member, again.secret.is_none()), (invited.member, true), "shown once");
    let secret = invited.secret.expect("shown once");
    let newcomer = caller(ada.account, Standing::Person(person("Bob")));
    let accept = || AcceptInvite::new(&secret, "Bob".try_into().expect("a name"));
    alike(&world, &newcomer, accept).await;
    let member = invited.member;
    let name = || Some("Robert".try_into().expect("a name"));
    alike(&world, &job, || ObserveProfile { member, name: name(), email: None }).await;
    let bob = caller(ada.account, Standing::Member { member, role, person: person("Bob") });
    alike(&world, &bob, || LeaveAccount {}).await;
    world.pass(HOUR * 24 * 31);
    alike(&world, &job, || ForgetMember { member }).await;

    let eve = InviteMember { email: "eve@example.org".try_into().expect("an address"), role };
    let member = world.run(&ada, eve).await.expect("invited").member;
    alike(&world, &ada, || RemoveMember { member }).await;
}

#[tokio::test]
async fn what_is_asked_of_a_key_twice_is_done_once_and_its_text_shown_once() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let job = job_caller(ada.account);
    let issue = |expires_at| IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: Scope::OF_USERS.into(),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at,
    };
    let (issued, again) = twice(&world, &ada, || issue(None)).await;
    assert_eq!((again.key, again.secret.is_none()), (issued.key, true));
    let key = issued.key;
    alike(&world, &ada, || RenameApiKey { key, name: "the till".try_into().expect("a name") })
        .await;
    let scopes = || [Scope::Read].into();
    let narrow = || ChangeApiKeyScopes { key, scopes: scopes(), signed_in_at: None };
    alike(&world, &ada, narrow).await;
    alike(&world, &job, || LimitApiKey { key, disabled: true }).await;
    alike(&world, &job, || LimitApiKey { key, disabled: false }).await;
    alike(&world, &ada, || DisableApiKey { key }).await;
    alike(&world, &ada, || EnableApiKey { key }).await;
    let (successor, again) = twice(&world, &ada, || RotateApiKey { key, overlap: HOUR }).await;
    assert_eq!((again.key, again.secret.is_none()), (successor.key, true));
    alike(&world, &ada, || ReportApiKeyLeak { key: successor.key }).await;

    let mortal = issue(Some(world.desk.clock.now().plus(HOUR)));
    let mortal = world.run(&ada, mortal).await.expect("issued").key;
    world.pass(HOUR);
    alike(&world, &job, || SettleApiKey { key: mortal }).await;

    let operator = caller(services_account(), Standing::Operator(None));
    let service = || IssueServiceKey {
        name: "the till".try_into().expect("a name"),
        operator: "root".try_into().expect("a name"),
        ip_allow: vec!["192.0.2.0/24".parse().expect("a network")],
        expires_at: None,
    };
    let (issued, again) = twice(&world, &operator, service).await;
    assert_eq!((again.key, again.secret.is_none()), (issued.key, true));
}

#[tokio::test]
async fn what_is_asked_of_a_connection_twice_is_done_once() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let job = job_caller(ada.account);
    let connection = world.connect(&ada).await;
    alike(&world, &job, || OnConnection(LimitConnection { connection, paused: true })).await;
    alike(&world, &job, || OnConnection(LimitConnection { connection, paused: false })).await;
    alike(&world, &ada, || OnConnection(PauseConnection { connection, paused: true })).await;
    alike(&world, &ada, || OnConnection(PauseConnection { connection, paused: false })).await;
    let lost = || Probe::CapabilityLost { scope: "media.write".to_owned() };
    alike(&world, &job, || OnConnection(ObserveProbe { connection, probe: lost() })).await;

    let (open, again) = twice(&world, &job, || IntendRefresh { connection, fence: 1 }).await;
    assert_eq!(again, None, "whoever asks again is not the one who may send");
    let n = open.expect("a refresh is open").n;
    let failure = || RefreshFailure::Transient { cause: Trouble::Unreachable };
    alike(&world, &job, || {
        OnConnection(RecordRefreshFailure { connection, n, failure: failure() })
    })
    .await;

    let (begun, again) = twice(&world, &ada, || Reconnect { connection }).await;
    assert_eq!((again.connection, again.authorization_url), (connection, None));
    let page = begun.authorization_url.expect("an address");
    let state = page.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let answer = || ConsentAnswer::Code("code-canary".into());
    let complete = || CompleteConnection { state: state.clone().into_owned(), answer: answer() };
    assert_eq!(alike(&world, &ada, complete).await, connection);
    let attempt = 2;
    let failure = || ExchangeFailure::Unknown;
    alike(&world, &job, || {
        OnConnection(RecordExchangeFailure { connection, attempt, failure: failure() })
    })
    .await;
    assert_eq!(alike(&world, &ada, || Disconnect { connection }).await, connection);

    let other = || BeginConnection { network: Network::X };
    let (first, again) = twice(&world, &ada, other).await;
    assert_eq!(first.connection, again.connection);
}

#[tokio::test]
async fn what_is_asked_of_a_post_twice_is_done_once() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let connection = world.connect(&ada).await;
    let connections = || vec![connection];
    let create = || CreatePost { content: content("Rye"), connections: connections() };
    let post = alike(&world, &ada, create).await;
    let text = |text: &str| text.try_into().expect("a text");
    alike(&world, &ada, || EditPost { post, content: content("Rye, and more of it") }).await;
    alike(&world, &ada, || OnPost(SubmitPost { post })).await;
    let wish = || RequestChanges { post, comment: text("Shorter.") };
    alike(&world, &ada, || OnPost(wish())).await;
    alike(&world, &ada, || OnPost(SubmitPost { post })).await;
    let state = world.desk.journal.load::<Post>(post.uuid()).await.expect("it loads").state;
    let hash = state.content_hash().expect("a fingerprint").clone();
    let approve = || ApprovePost { post, content_hash: hash.clone() };
    alike(&world, &ada, || OnPost(approve())).await;
    let when = || WhenInput::At(world.desk.clock.now().plus(HOUR));
    alike(&world, &ada, || OnPost(SchedulePost { post, when: when() })).await;
    alike(&world, &ada, || OnPost(CancelPost { post })).await;

    let other = world.run(&ada, create()).await.expect("another");
    world.run(&ada, OnPost(SubmitPost { post: other })).await.expect("submitted");
    let reject = || RejectPost { post: other, reason: text("No.") };
    assert_eq!(alike(&world, &ada, || OnPost(reject())).await, other);
}
