//! No secret and no query string in anything that the client shows; every call in the metrics.

use crate::{
    provider::{Provider, Then, answer},
    world::World,
};
use herald_http_client::{
    Client, Commit, CommitAnswer, Deadline, Environment as _, Method, Request,
};
use metrics_exporter_prometheus::PrometheusBuilder;
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

fn secretive() -> Request {
    Request::new("token", Method::POST, ["oauth2", "CANARY-PATH"])
        .query("code", "CANARY-QUERY")
        .bearer(&"CANARY-BEARER".into())
        .form(&[("client_secret", "CANARY-BODY")])
}

async fn everything_shown(behaviour: Then) -> String {
    let (world, provider) = (World::new(), Provider::that(vec![behaviour]).await);
    let client: Client = world.client(provider.settings());
    let failed = client.send(&secretive()).await;
    let open = client.open_commit(Commit::new(secretive())).await.expect("a connection");
    let opened = format!("{open:?}");
    let minute = Duration::from_secs(60);
    let deadline = Deadline { wall: world.wall() + minute, after_open: minute };
    let committed: CommitAnswer = open.send(deadline).await;
    let failure = failed.as_ref().map_err(ToString::to_string).err();
    format!("{failed:?} {failure:?} {opened} {committed:?} {client:?} {:?}", secretive())
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_shown_however_a_call_ends() {
    let written = Written::default();
    let writer = written.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(log);
    let echo = r#"{"error":"bad","access_token":"CANARY-ECHO","detail":"Bearer CANARY-ECHO"}"#;
    let redirect = "location: http://127.0.0.1:1/?token=CANARY-LOCATION\r\n";
    for behaviour in [
        Then::Cut,
        Then::Hang,
        answer("401 Unauthorized", "set-cookie: a=CANARY-COOKIE\r\n", echo),
        answer("403 Forbidden", "", echo),
        answer("429 Too Many Requests", "retry-after: 100000\r\n", echo),
        answer("503 Service Unavailable", "", echo),
        answer("307 Temporary Redirect", redirect, echo),
        answer("200 OK", "", echo),
    ] {
        let shown = everything_shown(behaviour.clone()).await;
        assert!(!shown.contains("CANARY"), "{behaviour:?}: {shown}");
    }
    let log = String::from_utf8(written.0.lock().expect("not poisoned").clone()).expect("text");
    assert!(log.contains("PROVIDER_OUTAGE"), "the failures were logged: {log}");
    assert!(!log.contains("CANARY"), "{log}");
}

#[test]
fn every_try_is_counted_by_provider_operation_and_outcome() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("one");
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let limits = "ratelimit-limit: 10\r\nratelimit-remaining: 4\r\n";
            let provider = Provider::that(vec![Then::Cut, answer("200 OK", limits, "fine")]).await;
            let world = World::new();
            let client = world.client(provider.settings());
            client.send(&Request::get("read", ["things"])).await.expect("fine at last");
            client.cost("read", 1_500_000);
        });
    });
    let shown = recorder.handle().render();
    for line in [
        r#"provider_requests_total{provider="fake",operation="read",outcome="PROVIDER_NETWORK"} 1"#,
        r#"provider_requests_total{provider="fake",operation="read",outcome="ok"} 1"#,
        r#"provider_retries_total{provider="fake",operation="read"} 1"#,
        r#"provider_limit_utilisation{provider="fake",operation="read",unit="requests"} 0.6"#,
        r#"provider_cost_nano_usd_total{provider="fake",operation="read"} 1500000"#,
        r#"provider_breaker_state{provider="fake"} 0"#,
    ] {
        assert!(shown.contains(line), "{line} is missing from\n{shown}");
    }
}
