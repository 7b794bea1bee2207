//! What operators of the installation see and do, and what everybody else is refused.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};

const REVENUE: &str = "query($from: DateTime) { revenue(from: $from) {
    definitions monthly { minor currency }
    period { signUps trials trialsConverted upgrades downgrades payingAtStart currencies {
        currency new expansion contraction churn end paying perAccount
        refunds { count minor } disputes { count } } } } }";

const INBOX: &str = "query($kind: String, $state: [WebhookState!], $after: String) {
    inbox(source: \"stripe\", kind: $kind, state: $state, first: 2, after: $after) {
        nodes { number event kind about state attempts replays replayable receivedAt }
        pageInfo { hasNextPage endCursor } } }";

/// The code with which something is refused at the top.
fn refused(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

async fn revenue_is_read(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    assert_eq!(
        operator.gql("{ viewer { isOperator } }", json!({})).await["viewer"]["isOperator"],
        true
    );
    // The first card has its trial; whoever pays with it after that pays at once.
    cash::paying(&front, "starter").await;
    let ada = cash::paying(&front, "starter").await;
    let up = json!({ "tier": "professional", "interval": "MONTH" });
    ada.tell("changePlan", up, "subscription { tier }").await;
    cash::until_tier(&ada, "professional").await;

    let since = json!({ "from": "2020-01-01T00:00:00Z" });
    let earned = until("the upgrade is counted", async || {
        let earned = operator.gql(REVENUE, since.clone()).await["revenue"].take();
        (earned["period"]["upgrades"] == 1).then_some(earned)
    })
    .await;
    assert_eq!(earned["monthly"], json!([{ "minor": "9900", "currency": "USD" }]), "{earned}");
    let period = &earned["period"];
    assert_eq!((&period["signUps"], &period["trials"]), (&json!(2), &json!(1)), "{earned}");
    assert_eq!((&period["downgrades"], &period["trialsConverted"]), (&json!(0), &json!(0)));
    let dollars = &period["currencies"][0];
    assert_eq!((&dollars["new"], &dollars["expansion"]), (&json!("2900"), &json!("7000")));
    assert_eq!((&dollars["end"], &dollars["paying"]), (&json!("9900"), &json!(1)), "{dollars}");
    assert_eq!(dollars["refunds"], json!({ "count": 0, "minor": "0" }));

    let program = json!({ "name": "books", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", program, "secret").await;
    let program = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    for other in [&ada, &program] {
        let answer = other.ask(REVENUE, since.clone()).await;
        assert_eq!((refused(&answer), &answer["data"]), (&json!("FORBIDDEN"), &Value::Null));
    }
    let nobody = front.nobody().ask(REVENUE, since.clone()).await;
    assert_eq!(refused(&nobody), "UNAUTHENTICATED");
    let backwards = "{ revenue(from: \"2027-01-01T00:00:00Z\", to: \"2026-01-01T00:00:00Z\") {
        definitions } }";
    assert_eq!(refused(&operator.ask(backwards, json!({})).await), "VALIDATION");
}

#[tokio::test]
async fn an_operator_reads_what_is_earned_and_nobody_else_does_on_sqlite() {
    revenue_is_read(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_operator_reads_what_is_earned_and_nobody_else_does_on_postgresql() {
    revenue_is_read(Engine::Postgres).await;
}

async fn webhooks_are_seen_and_replayed(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    let ada = cash::paying(&front, "starter").await;
    let done = json!({ "kind": "checkout.session.completed", "state": ["APPLIED"] });
    let row = async || {
        let inbox = operator.gql(INBOX, done.clone()).await["inbox"].take();
        inbox["nodes"].as_array().filter(|rows| rows.len() == 1).map(|rows| rows[0].clone())
    };
    let applied = until("the event of the page is applied", row).await;
    assert_eq!((&applied["replays"], &applied["replayable"]), (&json!(0), &json!(true)));

    let first = operator.gql(INBOX, json!({})).await["inbox"].take();
    let after = json!({ "after": first["pageInfo"]["endCursor"] });
    let second = operator.gql(INBOX, after).await["inbox"].take();
    let number = |row: &Value| text(&row["number"]).parse::<i64>().expect("a number");
    let pages = [&first["nodes"], &second["nodes"]].map(|nodes| nodes.as_array().expect("rows"));
    let numbers: Vec<_> = pages.into_iter().flatten().map(number).collect();
    assert!(numbers.len() == 4 && numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");

    let one = json!({ "source": "stripe", "event": applied["event"] });
    let elsewhere = story::open_account(&front.newcomer().await, "Elsewhere").await;
    for other in [&ada, &elsewhere] {
        assert_eq!(refused(&other.ask(INBOX, json!({})).await), "FORBIDDEN");
        assert_eq!(other.refused("replayWebhooks", one.clone()).await, "FORBIDDEN");
    }
    assert_eq!(row().await.expect("it is there")["replays"], 0, "nobody replayed it");
    let replayed = operator.tell("replayWebhooks", one.clone(), "count").await;
    assert_eq!(replayed["count"], 1);
    until("it is applied once more", async || row().await.filter(|row| row["replays"] == 1)).await;

    let number = number(&applied).to_string();
    let range = json!({ "source": "stripe", "from": number, "to": number });
    assert_eq!(operator.tell("replayWebhooks", range, "count").await["count"], 1);
    let later = json!({ "source": "stripe", "since": "2040-01-01T00:00:00Z" });
    assert_eq!(operator.tell("replayWebhooks", later, "count").await["count"], 0);
    let unknown = json!({ "source": "stripe", "event": "evt_of_nobody" });
    assert_eq!(operator.refused("replayWebhooks", unknown).await, "NOT_FOUND");
    let vague = json!({ "source": "stripe" });
    assert_eq!(operator.refused("replayWebhooks", vague).await, "VALIDATION");
    let same = cash::subscription(&ada).await;
    assert_eq!((&same["tier"], &same["access"]), (&json!("starter"), &json!("TRIAL")));
}

#[tokio::test]
async fn an_operator_sees_webhooks_and_replays_them_and_nobody_else_does_on_sqlite() {
    webhooks_are_seen_and_replayed(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_operator_sees_webhooks_and_replays_them_and_nobody_else_does_on_postgresql() {
    webhooks_are_seen_and_replayed(Engine::Postgres).await;
}

/// What a meter of it counted for the customer who came last.
async fn metered(front: &Front, meter: &str) -> Value {
    let customers = cash::stripe(front, "customers?limit=1").await;
    let customer = text(&customers["data"][0]["id"]);
    let minute = cash::now() / 60 * 60;
    let (start, end) = (minute - 86_400, minute + 600);
    let path = format!(
        "billing/meters/mtr_test_{meter}/event_summaries?customer={customer}&start_time={start}\
         &end_time={end}"
    );
    cash::stripe(front, &path).await["data"][0]["aggregated_value"].clone()
}

async fn calls_reach_the_meter(engine: Engine) {
    let mut front = cash::front(engine).await;
    let ada = cash::paying(&front, "starter").await;
    let wish = json!({ "name": "the till", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", wish, "secret").await;
    let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    for _ in 0..5 {
        till.gql("{ entitlements { tier } }", json!({})).await;
    }
    // A process that stops gives its blocks back: then it is known how much of them was used.
    front.stop().await;
    front.restart().await;
    until("the meter counted the calls", async || {
        let counted = metered(&front, "herald_api_calls").await;
        (counted == 5).then_some(())
    })
    .await;
    let log = "{ auditLog(first: 50) { nodes { type } } }";
    let told = until("the report is noted", async || {
        let log = ada.gql(log, json!({})).await.to_string();
        (log.matches("usage.reported").count() == 1).then_some(log)
    })
    .await;
    assert_eq!(told.matches("usage.report_intended").count(), 1, "{told}");
}

#[tokio::test]
async fn calls_are_told_to_the_meter_once_on_sqlite() {
    calls_reach_the_meter(Engine::Sqlite).await;
}

#[tokio::test]
async fn calls_are_told_to_the_meter_once_on_postgresql() {
    calls_reach_the_meter(Engine::Postgres).await;
}

async fn limits_are_set_otherwise(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let account = ada.account.clone().expect("an account");
    let seats = async || {
        let table = ada.gql("{ entitlements { seats } }", json!({})).await;
        table["entitlements"]["seats"].clone()
    };
    assert_eq!(seats().await, 1);
    let five = ["--account", &account, "--entitlement", "seats", "--value", "5"];
    let five = [&["accounts", "override"], &five[..], &["--reason", "a favour"]].concat();
    assert!(front.herald(&five).status.success());
    assert_eq!(seats().await, 5);
    let lift = ["accounts", "lift", "--account", &account, "--entitlement", "seats"];
    assert!(front.herald(&lift).status.success());
    assert_eq!(seats().await, 1);

    let nine = json!({
        "account": account, "entitlement": "seats", "value": "9", "reason": "a favour"
    });
    assert_eq!(ada.refused("overrideEntitlement", nine.clone()).await, "FORBIDDEN");
    operator.tell("overrideEntitlement", nine, "subscription { tier }").await;
    assert_eq!(seats().await, 9);
    let about = json!({ "account": account, "entitlement": "seats" });
    operator.tell("liftOverride", about, "subscription { tier }").await;
    assert_eq!(seats().await, 1);
    let later = json!({ "account": account, "until": "2040-01-01T00:00:00Z", "reason": "x" });
    assert_eq!(operator.refused("extendGrace", later).await, "INVALID_STATE", "nothing is owed");
    let nobody = ["accounts", "lift", "--account", "acc_nobody", "--entitlement", "seats"];
    assert!(!front.herald(&nobody).status.success());
}

#[tokio::test]
async fn an_operator_sets_a_limit_otherwise_and_lets_the_tier_decide_again_on_sqlite() {
    limits_are_set_otherwise(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_operator_sets_a_limit_otherwise_and_lets_the_tier_decide_again_on_postgresql() {
    limits_are_set_otherwise(Engine::Postgres).await;
}

/// Every cell of a table, by its column.
fn table(csv: &str) -> Vec<Value> {
    let mut lines = csv.lines();
    let head: Vec<_> = lines.next().expect("a head").split(',').collect();
    let row = |line: &str| {
        let cells = line.split(',').map(|cell| json!(cell));
        Value::Object(head.iter().map(ToString::to_string).zip(cells).collect())
    };
    lines.map(row).collect()
}

async fn use_is_exported(engine: Engine) {
    let mut front = cash::front(engine).await;
    let ada = cash::paying(&front, "starter").await;
    let ben = story::open_account(&front.newcomer().await, "Elsewhere").await;
    let wish = json!({ "name": "the till", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", wish, "apiKey { id } secret").await;
    let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    for path in ["/posts", "/posts", "/connections"] {
        assert_eq!(till.send(till.request(Method::GET, path)).await.0, 200);
    }
    front.stop().await;
    front.restart().await;
    let export = async |who: &Visitor, months: &str| {
        let path = format!("/billing/usage/export{months}");
        who.request(Method::GET, &path).send().await.expect("an answer")
    };
    let rows = until("the calls are in the table", async || {
        let answer = export(&ada, "").await;
        let kind = answer.headers()["content-type"].to_str().expect("text");
        assert!(answer.status() == 200 && kind.starts_with("text/csv"), "{answer:?}");
        let rows = table(&answer.text().await.expect("a table"));
        Some(rows).filter(|rows| rows.len() == 2)
    })
    .await;
    let seen: Vec<_> = rows.iter().map(|row| (&row["operation"], &row["used"])).collect();
    let expected = [("GET /connections", "1"), ("GET /posts", "2")];
    for ((operation, used), (name, count)) in seen.into_iter().zip(expected) {
        assert_eq!((operation, used), (&json!(name), &json!(count)), "{rows:?}");
    }
    for row in &rows {
        assert_eq!((&row["counter"], &row["key"]), (&json!("api_calls"), &issued["apiKey"]["id"]));
        assert!(text(&row["period_start"]) < text(&row["period_end"]), "{row}");
    }
    assert!(table(&export(&ben, "").await.text().await.expect("a table")).is_empty());
    assert!(table(&export(&ada, "?to=2020-01").await.text().await.expect("a table")).is_empty());
    let month = text(&rows[0]["month"]);
    let of_month = export(&ada, &format!("?from={month}&to={month}")).await;
    assert_eq!(table(&of_month.text().await.expect("a table")), rows);
    for (months, refused) in [("?from=yesterday", 422), ("?since=2026-11", 400)] {
        assert_eq!(export(&ada, months).await.status(), refused, "{months}");
    }
    assert_eq!(export(&till, "").await.status(), 200, "a key that reads may");
    assert_eq!(export(&front.nobody(), "").await.status(), 401);
}

#[tokio::test]
async fn what_was_used_is_exported_by_month_key_and_operation_on_sqlite() {
    use_is_exported(Engine::Sqlite).await;
}

#[tokio::test]
async fn what_was_used_is_exported_by_month_key_and_operation_on_postgresql() {
    use_is_exported(Engine::Postgres).await;
}

#[tokio::test]
async fn limit_hits_are_counted_by_tier() {
    let front = cash::front(Engine::Sqlite).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let wish = json!({ "name": "the till", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", wish, "secret").await;
    let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    let mut stopped = 0;
    for _ in 0..14 {
        let (status, _) = till.send(till.request(Method::GET, "/auth/me")).await;
        stopped += u32::from(status == 429);
    }
    assert!(stopped > 0, "ten calls a minute are free");
    let nobody = front.nobody();
    let (_, metrics) = nobody.send(nobody.request(Method::GET, "/metrics")).await;
    let counted = |outcome: &str| {
        let parts = ["herald_limited_calls_total{", "tier=\"free\"", outcome];
        let line = metrics.lines().find(|line| parts.iter().all(|part| line.contains(part)));
        line.and_then(|line| line.rsplit_once(' ')?.1.parse::<u32>().ok()).unwrap_or_default()
    };
    assert_eq!(counted("rate_limited"), stopped, "{metrics}");
    assert_eq!(counted("passed"), 14 - stopped);
}
