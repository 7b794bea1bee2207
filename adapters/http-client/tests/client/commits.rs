//! A commit goes over the wire exactly once, and its verdict claims no more than was seen.

use crate::{
    provider::{Provider, Then, answer},
    world::World,
};
use herald_http_client::{
    Client, Commit, CommitAnswer, Deadline, Environment as _, Failure, Method, NetworkCause,
    Request, Settings, UnsentCause,
};
use std::time::Duration;

fn create() -> Commit {
    Commit::new(Request::new("create_post", Method::POST, ["posts"]).json(&["hello"]))
}

fn in_a_minute(world: &World) -> Deadline {
    let minute = Duration::from_secs(60);
    Deadline { wall: world.wall() + minute, after_open: minute }
}

async fn commit(world: &World, client: &Client) -> CommitAnswer {
    let open = client.open_commit(create()).await.expect("a connection");
    open.send(in_a_minute(world)).await
}

fn told(answer: &CommitAnswer) -> String {
    match answer {
        CommitAnswer::Answered(answer) => answer.status.as_u16().to_string(),
        CommitAnswer::NotSent { cause } => format!("not sent: {cause}"),
        CommitAnswer::Unknown { cause } => format!("unknown: {cause}"),
    }
}

#[tokio::test]
async fn a_commit_goes_over_the_wire_exactly_once_however_the_provider_behaves() {
    let redirect = "location: http://127.0.0.1:1/posts\r\n";
    let large = answer("201 Created", "", &"x".repeat(5000));
    let torn = Then::Say("HTTP/1.1 201 Created\r\ncontent-length: 50\r\n\r\n{\"id\"".to_owned());
    let half_head = Then::Say("HTTP/1.1 201 Crea".to_owned());
    let cases = [
        (answer("201 Created", "", "{}"), "201"),
        (answer("307 Temporary Redirect", redirect, ""), "307"),
        (answer("308 Permanent Redirect", redirect, ""), "308"),
        (answer("408 Request Timeout", "connection: close\r\n", ""), "408"),
        (answer("429 Too Many Requests", "retry-after: 0\r\n", ""), "429"),
        (answer("500 Internal Server Error", "", ""), "500"),
        (answer("503 Service Unavailable", "retry-after: 0\r\n", ""), "503"),
        (Then::Cut, "unknown: the connection broke before the answer began"),
        (half_head, "unknown: the connection broke before the answer began"),
        (Then::Say("\u{0}garbage".into()), "unknown: the connection broke before the answer began"),
        (Then::Hang, "unknown: no complete answer in the time allowed"),
        (torn, "unknown: the answer 201 Created broke off"),
        (large, "unknown: the answer 201 Created was too large"),
    ];
    for (behaviour, verdict) in cases {
        let (world, provider) = (World::new(), Provider::that(vec![behaviour.clone()]).await);
        let seen = commit(&world, &world.client(provider.settings())).await;
        assert_eq!(told(&seen), verdict, "{behaviour:?}");
        assert_eq!(provider.carried_out(), 1, "{behaviour:?}");
        assert!(world.pauses().is_empty(), "nobody waits to try a commit again");
    }
}

#[tokio::test]
async fn an_open_connection_says_nothing_until_it_is_told_to() {
    let (world, provider) = (World::new(), Provider::that(vec![Then::Cut]).await);
    let client = world.client(provider.settings());
    drop(client.open_commit(create()).await.expect("a connection"));
    assert_eq!(provider.carried_out(), 0);
}

#[tokio::test]
async fn a_passed_deadline_keeps_the_request_in_the_house() {
    let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
    // A calendar set back by an hour hides a stopped process from the wall clock alone.
    for (wall, monotonic) in [(hour, second), (Duration::ZERO, hour), (hour, hour)] {
        let provider = Provider::that(vec![answer("201 Created", "", "{}")]).await;
        let world = World::new();
        let client = world.client(provider.settings());
        let (open, deadline) = (client.open_commit(create()).await, in_a_minute(&world));
        world.pass_apart(wall, monotonic);
        let seen = open.expect("a connection").send(deadline).await;
        let expected = CommitAnswer::NotSent { cause: UnsentCause::DeadlinePassed };
        assert_eq!(told(&seen), told(&expected));
        assert_eq!(provider.carried_out(), 0);
    }
}

#[tokio::test]
async fn a_provider_that_hung_up_first_is_proof_that_nothing_was_sent() {
    for opening in ["", "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"] {
        let (world, provider) = (World::new(), Provider::that_opens_with(opening).await);
        let client = world.client(provider.settings());
        let open = client.open_commit(create()).await.expect("a connection");
        provider.farewell().await;
        let seen = open.send(in_a_minute(&world)).await;
        let proven = matches!(seen, CommitAnswer::NotSent { cause: UnsentCause::ConnectionClosed });
        assert!(proven, "{seen:?} after {opening:?}");
        assert_eq!(provider.carried_out(), 0);
    }
}

#[tokio::test]
async fn not_being_reached_is_known_before_there_is_an_intent() {
    let world = World::new();
    let provider = Provider::that_opens_with("no TLS here").await;
    let at = |base: String| Settings {
        connect_timeout: Duration::from_secs(2),
        ..Settings::new("fake", base.parse().expect("a URL"))
    };
    let plain = format!("https://{}", provider.address);
    for (base, expected) in [
        ("http://127.0.0.1:1".to_owned(), NetworkCause::Connect),
        ("http://nowhere.invalid".to_owned(), NetworkCause::Name),
        (plain, NetworkCause::Tls),
    ] {
        let failure = world.client(at(base)).open_commit(create()).await.expect_err("unreached");
        let Failure::Network(cause) = failure.failure else { panic!("{failure}") };
        assert_eq!(cause, expected);
    }
}

#[tokio::test]
async fn a_commit_respects_the_budget_and_the_breaker_before_it_connects() {
    let (world, provider) = (World::new(), Provider::that(vec![Then::Cut]).await);
    let mut settings = provider.settings();
    settings.requests_per_minute = Some(3);
    settings.breaker.failures = 2;
    let client = world.client(settings);
    for _ in 0..2 {
        let _unknown = commit(&world, &client).await;
    }
    let failure = client.open_commit(create()).await.expect_err("the circuit is open");
    assert_eq!(failure.failure.code(), "PROVIDER_BREAKER_OPEN");
    let failure = client.open_commit(create()).await.expect_err("the budget is spent");
    assert_eq!(failure.failure.code(), "PROVIDER_RATE_LIMITED");
    assert!(failure.failure.until() > Some(world.wall()));
    assert_eq!(provider.carried_out(), 2);
}
