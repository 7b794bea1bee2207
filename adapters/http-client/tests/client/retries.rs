//! Repeatable calls are repeated where that helps, with growing patience, and not for ever.

use crate::{
    provider::{Provider, Then, answer},
    world::World,
};
use herald_http_client::{
    BreakerState, CacheKey, CacheSettings, Client, Environment as _, Method, Request, Settings,
};
use std::time::Duration;

fn read() -> Request {
    Request::get("read", ["things", "1"])
}

async fn told(client: &Client, request: &Request) -> String {
    match client.send(request).await {
        Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
        Err(error) => format!("{} after {}", error.failure.code(), error.tries),
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_was_decided_is_not() {
    let ok = answer("200 OK", "", "fine");
    let torn = Then::Say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfi".to_owned());
    let redirect = answer("307 Temporary Redirect", "location: http://127.0.0.1:1/\r\n", "");
    let cases = [
        (vec![Then::Cut, ok.clone()], "fine", 2),
        (vec![torn, ok.clone()], "fine", 2),
        (vec![Then::Hang, ok.clone()], "fine", 2),
        (vec![answer("408 Request Timeout", "", ""), ok.clone()], "fine", 2),
        (vec![answer("503 Service Unavailable", "", ""), ok.clone()], "fine", 2),
        (vec![answer("500 Internal Server Error", "", "")], "PROVIDER_OUTAGE after 3", 3),
        (vec![answer("401 Unauthorized", "", "")], "PROVIDER_AUTHENTICATION after 1", 1),
        (vec![answer("403 Forbidden", "", "")], "PROVIDER_REFUSED after 1", 1),
        (vec![redirect], "PROVIDER_INVALID_ANSWER after 1", 1),
        (vec![answer("200 OK", "", &"x".repeat(5000))], "PROVIDER_ANSWER_TOO_LARGE after 1", 1),
    ];
    for (script, expected, sent) in cases {
        let (world, provider) = (World::new(), Provider::that(script.clone()).await);
        assert_eq!(told(&world.client(provider.settings()), &read()).await, expected, "{script:?}");
        assert_eq!(provider.carried_out(), sent, "{script:?}");
    }
}

#[tokio::test]
async fn pauses_double_and_chance_only_lengthens_them() {
    let (world, provider) = (World::new(), Provider::that(vec![Then::Cut]).await);
    let settings = Settings { tries: 4, ..provider.settings() };
    assert_eq!(told(&world.client(settings), &read()).await, "PROVIDER_NETWORK after 4");
    assert_eq!(world.pauses(), [1.05, 2.1, 4.2].map(Duration::from_secs_f64));
}

#[tokio::test]
async fn nobody_is_asked_before_the_time_that_the_provider_named() {
    let limited = answer("429 Too Many Requests", "retry-after: 20\r\n", "");
    let provider = Provider::that(vec![limited, answer("200 OK", "", "fine")]).await;
    let world = World::new();
    assert_eq!(told(&world.client(provider.settings()), &read()).await, "fine");
    assert_eq!(world.pauses(), [Duration::from_secs(21)]);
}

#[tokio::test]
async fn a_wait_beyond_our_patience_is_given_up_with_the_time_to_come_back() {
    let headers = "x-rate-limit-limit: 900\r\nx-rate-limit-remaining: 0\r\nx-rate-limit-reset: 1795000600\r\n";
    let provider = Provider::that(vec![answer("429 Too Many Requests", headers, "")]).await;
    let world = World::new();
    let client = world.client(provider.settings());
    let error = client.send(&read()).await.expect_err("limited");
    assert_eq!(error.failure.until(), Some(world.wall() + Duration::from_secs(600)));
    assert_eq!((provider.carried_out(), world.pauses().len()), (1, 0));
    let limits = client.standing().limits;
    assert!((limits[0].utilisation() - 1.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_final_answer_is_final_even_with_a_passing_status() {
    let quota = answer("429 Too Many Requests", "", r#"{"error":{"code":"insufficient_quota"}}"#);
    let (world, provider) = (World::new(), Provider::that(vec![quota]).await);
    let settings = Settings {
        is_final: |answer| answer.excerpt().contains("insufficient_quota"),
        ..provider.settings()
    };
    assert_eq!(told(&world.client(settings), &read()).await, "PROVIDER_RATE_LIMITED after 1");
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_and_then_probed() {
    let script = vec![Then::Cut, Then::Cut, answer("200 OK", "", "fine")];
    let (world, provider) = (World::new(), Provider::that(script).await);
    let mut settings = Settings { tries: 1, ..provider.settings() };
    settings.breaker.failures = 2;
    let client = world.client(settings);
    assert_eq!(told(&client, &read()).await, "PROVIDER_NETWORK after 1");
    assert_eq!(told(&client, &read()).await, "PROVIDER_NETWORK after 1");
    assert_eq!(told(&client, &read()).await, "PROVIDER_BREAKER_OPEN after 0");
    assert_eq!(client.standing().breaker, BreakerState::Open);
    assert_eq!(provider.carried_out(), 2, "an open circuit asks nobody");

    world.pass(Duration::from_secs(30));
    assert_eq!(told(&client, &read()).await, "fine");
    assert_eq!(client.standing().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn our_own_budget_spreads_calls_and_then_says_when() {
    let provider = Provider::that(vec![answer("200 OK", "", "fine")]).await;
    let world = World::new();
    let client = world.client(Settings {
        requests_per_minute: Some(60),
        tokens_per_minute: Some(1000),
        patience: Duration::from_secs(10),
        ..provider.settings()
    });
    assert_eq!(told(&client, &read().tokens(1000)).await, "fine");
    assert_eq!(told(&client, &read().tokens(100)).await, "fine");
    assert_eq!(world.pauses(), [Duration::from_secs(6)]);
    let much = read().tokens(900);
    assert_eq!(told(&client, &much).await, "PROVIDER_RATE_LIMITED after 0");
}

#[tokio::test]
async fn a_kept_answer_is_not_asked_for_again_until_it_falls() {
    let numbered = |n: &str| answer("200 OK", "", n);
    let provider = Provider::that(vec![numbered("1"), numbered("2"), numbered("3")]).await;
    let world = World::new();
    let cache = CacheSettings { ttl: Duration::from_secs(60), capacity: 10 };
    let client = world.client(Settings { cache: Some(cache), ..provider.settings() });
    let of = |account: &str| read().cached(CacheKey::new(account, "things/1"));
    assert_eq!(told(&client, &of("ada")).await, "1");
    assert_eq!(told(&client, &of("ada")).await, "1");
    assert_eq!(told(&client, &of("bob")).await, "2", "no account reads another's answer");
    client.invalidate("ada", "things/");
    assert_eq!(told(&client, &of("ada")).await, "3");
}

#[tokio::test]
async fn a_repeated_call_is_the_same_call_word_by_word() {
    let provider = Provider::that(vec![Then::Cut, answer("200 OK", "", "fine")]).await;
    let world = World::new();
    let upload = Request::new("append", Method::POST, ["upload"]).form(&[("part", "0")]);
    assert_eq!(told(&world.client(provider.settings()), &upload).await, "fine");
    let heard = provider.heard();
    assert!(heard[0].starts_with("post /v1/upload http/1.1\r\n") && heard[0].ends_with("part=0"));
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn our_correlation_id_goes_along_where_the_provider_takes_one() {
    let provider = Provider::that(vec![answer("200 OK", "", "fine")]).await;
    let world = World::new();
    let quiet = world.client(provider.settings());
    let header = Some(herald_http_client::HeaderName::from_static("x-client-request-id"));
    let open = world.client(Settings { correlation_header: header, ..provider.settings() });
    told(&quiet, &read().correlation("corr-1")).await;
    told(&open, &read().correlation("corr-1")).await;
    let named = |request: &String| request.contains("x-client-request-id: corr-1");
    assert_eq!(provider.heard().iter().map(named).collect::<Vec<_>>(), [false, true]);
}
