//! The main job from the front door to the world and back: connect, plan, approve, publish, prove.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use herald_kernel::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An owner with a described business and a connection to X.
async fn bakery(front: &Front) -> (Visitor, String) {
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    story::describe(&ada, "Corner Bakery").await;
    let connection = story::connect(&ada, "sandbox_bakery").await;
    (ada, connection)
}

/// From a written plan to posts: accept the items, hand in, approve what was read, make posts.
async fn materialised(ada: &Visitor, connection: &str) -> Value {
    let plan = story::plan(ada, connection).await;
    let id = text(&plan["id"]);
    for item in plan["items"].as_array().expect("items") {
        let accept = json!({ "plan": id, "item": item["id"] });
        ada.tell("acceptPlanItem", accept, "item { status }").await;
    }
    ada.tell("submitContentPlan", json!({ "plan": id }), "contentPlan { id }").await;
    let read = story::look_at_plan(ada, &id).await;
    let stale = json!({ "plan": id, "revision": read["revision"], "contentHash": "0".repeat(64) });
    assert_eq!(ada.refused("approveContentPlan", stale).await, "STALE_APPROVAL");
    let approve =
        json!({ "plan": id, "revision": read["revision"], "contentHash": read["contentHash"] });
    ada.tell("approveContentPlan", approve, "contentPlan { status }").await;
    let make = json!({ "plan": id });
    ada.tell("materializeContentPlan", make.clone(), "posts { id }").await;
    ada.tell("materializeContentPlan", make, "posts { id }").await;
    story::look_at_plan(ada, &id).await
}

async fn the_main_job(engine: Engine) {
    let front = Front::start(engine).await;
    let (ada, connection) = bakery(&front).await;
    let plan = materialised(&ada, &connection).await;
    let items = plan["items"].as_array().expect("items");
    assert!(!items.is_empty());
    let post = text(&items[0]["post"]["id"]);
    let published = story::publish(&ada, &post).await;

    let target = &published["targets"][0];
    assert_eq!(target["status"], "PUBLISHED", "{published}");
    let seen = story::ledger(&front, "create_post").await;
    let texts: Vec<_> = seen.iter().filter(|entry| entry["text"] == items[0]["text"]).collect();
    assert_eq!(texts.len(), 1, "the world saw {seen:?}");

    why(&ada, &post, &text(&target["id"])).await;
    let onboarding = ada.gql("{ account { onboarding } }", json!({})).await;
    assert!(onboarding["account"]["onboarding"].as_array().expect("steps").len() >= 4);
    proof(front).await;
}

/// The audit log leads from the outcome back to the person, one cause at a time.
async fn why(ada: &Visitor, post: &str, target: &str) {
    let query = "query($post: ID!) { auditLog(object: $post, last: 100) { nodes {
        type actor via causation correlation commandId why
        cause { ordinal type object causation } } } }";
    let log = ada.gql(query, json!({ "post": post })).await;
    let entries = log["auditLog"]["nodes"].as_array().expect("entries");
    let named = |name: &str| {
        let mut found = entries.iter().filter(|entry| entry["type"] == name);
        found.next().unwrap_or_else(|| panic!("no {name} in {entries:?}"))
    };
    let (born, told) = (named("post.created"), named("post.rescheduled"));
    let out = named("post.target_published");
    assert!(text(&born["actor"]).starts_with("member:"), "{born}");
    assert_eq!(born["via"], "graphql");
    assert!(text(&told["causation"]).starts_with("request:"), "{told}");
    assert_eq!(out["via"], "job");
    assert_eq!(out["correlation"], told["correlation"], "one request, one thread");
    assert!(!text(&out["why"]).is_empty(), "{out}");
    let by = format!("job:publish_target:{target}");
    assert_eq!((text(&out["actor"]), &out["cause"]["object"]), (by, &json!(post)), "{out}");
    let cause = &out["cause"];
    assert_eq!(text(&out["causation"]), format!("event:{}", text(&cause["ordinal"])));
    assert!(text(&cause["causation"]).starts_with("request:"), "a person began it: {cause}");
}

/// `herald audit verify` is content, and not any more once a stored event was changed.
async fn proof(mut front: Front) {
    let verified = front.herald(&["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
    front.kill();
    front.database.tamper().await;
    let verified = front.herald(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(said.contains("event 3"), "the place is named: {said}");
}

#[tokio::test]
async fn a_plan_becomes_a_published_post_that_the_log_explains_on_sqlite() {
    the_main_job(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_plan_becomes_a_published_post_that_the_log_explains_on_postgresql() {
    the_main_job(Engine::Postgres).await;
}

async fn two_people(engine: Engine) {
    let front = Front::start(engine).await;
    let (ada, connection) = bakery(&front).await;
    let eve = story::join(&front, &ada, "EDITOR").await;
    let post = story::write(&eve, &connection, story::words("written by Eve")).await;
    let id = json!({ "post": post["id"] });
    eve.tell("submitPost", id.clone(), "post { status }").await;
    assert_eq!(eve.refused("publishPost", id.clone()).await, "FORBIDDEN");
    let wish = json!({ "post": post["id"], "comment": "warmer, please" });
    ada.tell("requestChanges", wish, "post { status }").await;
    let edit = json!({ "post": post["id"], "content": story::words("written warmly by Eve") });
    eve.tell("editPost", edit, "post { id }").await;
    eve.tell("submitPost", id.clone(), "post { status }").await;
    let stale = json!({ "post": post["id"], "contentHash": post["contentHash"] });
    assert_eq!(ada.refused("approvePost", stale).await, "STALE_APPROVAL");
    let read = story::look(&ada, &text(&post["id"])).await;
    let approve = json!({ "post": post["id"], "contentHash": read["contentHash"] });
    ada.tell("approvePost", approve, "post { status }").await;
    let out = story::publish(&ada, &text(&post["id"])).await;
    assert_eq!(out["targets"][0]["attempts"].as_array().expect("attempts").len(), 1);
    let role = json!({ "member": member(&eve).await, "role": "VIEWER" });
    ada.tell("changeRole", role, "member { role }").await;
    assert_eq!(eve.refused("submitPost", id).await, "FORBIDDEN");
    ada.tell("removeMember", json!({ "member": member(&eve).await }), "member { status }").await;
    let answer = eve.ask("{ account { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
}

async fn member(person: &Visitor) -> String {
    let me = person.gql("{ viewer { memberships { accountId memberId } } }", json!({})).await;
    text(&me["viewer"]["memberships"][0]["memberId"])
}

#[tokio::test]
async fn two_people_share_the_work_by_their_roles_on_sqlite() {
    two_people(Engine::Sqlite).await;
}

#[tokio::test]
async fn two_people_share_the_work_by_their_roles_on_postgresql() {
    two_people(Engine::Postgres).await;
}

#[tokio::test]
async fn a_thread_with_a_picture_and_a_first_comment_goes_out_in_order() {
    let front = Front::start(Engine::Sqlite).await;
    let (ada, connection) = bakery(&front).await;
    let picture = story::upload(&ada).await;
    assert_eq!(story::upload(&ada).await, picture, "the same picture is the one that is there");
    let content = json!({
        "root": { "text": "first", "media": [{ "media": picture }] },
        "segments": [{ "text": "second" }, { "text": "third" }],
        "firstComment": { "text": "and a comment" },
    });
    let post = story::write(&ada, &connection, content).await;
    let out = story::publish(&ada, &text(&post["id"])).await;
    let steps = out["targets"][0]["steps"].as_array().expect("steps");
    let kinds: Vec<_> = steps.iter().map(|step| text(&step["kind"])).collect();
    assert_eq!(kinds, ["ROOT", "SEGMENT", "SEGMENT", "FIRST_COMMENT"]);
    let seen = story::ledger(&front, "create_post").await;
    let texts: Vec<_> = seen.iter().map(|entry| text(&entry["text"])).collect();
    assert_eq!(texts, ["first", "second", "third", "and a comment"]);
}

#[tokio::test]
async fn a_follower_resumes_where_they_stopped_and_misses_nothing() {
    let front = Front::start(Engine::Sqlite).await;
    let (ada, connection) = bakery(&front).await;
    let first = story::write(&ada, &connection, story::words("one")).await;
    let start = ada.gql("{ auditLog(last: 1) { nodes { token } } }", json!({})).await;
    let start = text(&start["auditLog"]["nodes"][0]["token"]);
    let seen = follow(&ada, &start, |seen| seen.len() == 2).await;
    let middle = text(&seen[1]["token"]);
    let second = story::write(&ada, &connection, story::words("two")).await;
    let mut all = seen.clone();
    let is_second = |change: &Value| change["objectId"] == second["id"];
    all.extend(follow(&ada, &middle, |seen| seen.iter().any(is_second)).await);
    let log = ada.gql("{ auditLog(last: 100) { nodes { ordinal } } }", json!({})).await;
    let mut logged: Vec<u64> = numbers(log["auditLog"]["nodes"].as_array().expect("entries"));
    logged.sort_unstable();
    let followed = numbers(&all);
    assert_eq!(followed, logged[1..=followed.len()], "in order, nothing missed, nothing twice");
    assert!(all.iter().any(|change| change["objectId"] == first["id"]));
}

#[tokio::test]
async fn what_one_replica_writes_or_folds_another_one_hears_of_without_a_poll() {
    // Whoever waited for the poll would wait longer than any test.
    let here = Front::start_with(Engine::Postgres, &[("HERALD_WAIT_POLL", "600s")]).await;
    let there = here.replica().await;
    let (ada, connection) = bakery(&here).await;
    let guest = there.nobody();
    let elsewhere = Visitor { session: ada.session.clone(), account: ada.account.clone(), ..guest };
    // Written there, folded here, read there: the answer holds the post.
    let first = story::write(&elsewhere, &connection, story::words("written there")).await;
    let log = ada.gql("{ auditLog(first: 1) { nodes { token } } }", json!({})).await;
    let start = text(&log["auditLog"]["nodes"][0]["token"]);
    // Written and folded here, heard there.
    let created = |seen: &[Value]| seen.iter().any(|change| change["type"] == "post.created");
    let (seen, second) = tokio::join!(
        follow(&elsewhere, &start, created),
        story::write(&ada, &connection, story::words("written here"))
    );
    assert_ne!(first["id"], second["id"]);
    assert!(seen.iter().any(|change| change["objectId"] == second["id"]), "{seen:?}");
}

#[tokio::test]
async fn a_follower_who_signs_out_elsewhere_hears_no_more() {
    let front = Front::start(Engine::Sqlite).await;
    let (ada, connection) = bakery(&front).await;
    let eve = story::join(&front, &ada, "EDITOR").await;
    let body = json!({ "query": "subscription { changes { type } }" });
    let request = eve.request(reqwest::Method::POST, "/graphql").json(&body);
    let mut stream = request.header("accept", "text/event-stream").send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    story::write(&eve, &connection, story::words("heard")).await;
    let mut heard = String::new();
    while !heard.contains("post.created") {
        let chunk = tokio::time::timeout(front::PATIENCE, stream.chunk()).await;
        let chunk = chunk.expect("a change in time").expect("a chunk").expect("no end");
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    eve.tell("endSessions", json!({ "everywhere": true }), "ended").await;
    story::write(&ada, &connection, story::words("not for Eve")).await;
    let rest = async {
        let mut rest = String::new();
        while let Some(chunk) = stream.chunk().await.expect("a chunk") {
            rest.push_str(&String::from_utf8_lossy(&chunk));
        }
        rest
    };
    let rest = tokio::time::timeout(front::PATIENCE, rest).await.expect("an end in time");
    assert!(rest.contains("UNAUTHENTICATED") && !rest.contains("post.created"), "{rest}");
}

fn numbers(nodes: &[Value]) -> Vec<u64> {
    nodes.iter().map(|node| text(&node["ordinal"]).parse().expect("a number")).collect()
}

/// Follows the account behind a token until `enough` was seen.
async fn follow(person: &Visitor, after: &str, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let document =
        "subscription($after: String) { changes(after: $after) { token ordinal type objectId } }";
    let body = json!({ "query": document, "variables": { "after": after } });
    let request = person.request(reqwest::Method::POST, "/graphql").json(&body);
    let request = request.header("accept", "text/event-stream");
    let mut stream = request.send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    let (mut seen, mut rest) = (Vec::new(), String::new());
    while !enough(&seen) {
        let chunk = tokio::time::timeout(front::PATIENCE, stream.chunk()).await;
        let chunk = chunk.expect("a change in time").expect("a chunk").expect("no end");
        rest.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((event, further)) = rest.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data:"));
            let next: Option<Value> = data.and_then(|data| serde_json::from_str(data.trim()).ok());
            seen.extend(next.map(|mut next| next["data"]["changes"].take()));
            rest = further.to_owned();
        }
    }
    seen
}

#[tokio::test]
async fn a_repeated_request_changes_nothing_and_a_reused_key_is_refused() {
    let front = Front::start(Engine::Sqlite).await;
    let (ada, connection) = bakery(&front).await;
    let mut input = json!({
        "content": story::words("once"), "connections": [connection], "idempotencyKey": "one wish"
    });
    let first = ada.tell("createPost", input.clone(), "post { id } replayed").await;
    let again = ada.tell("createPost", input.clone(), "post { id } replayed").await;
    assert_eq!((&again["post"], &again["replayed"]), (&first["post"], &json!(true)));
    input["content"] = story::words("twice");
    assert_eq!(ada.refused("createPost", input).await, "IDEMPOTENCY_KEY_REUSED");
    let posts = ada.gql("{ posts(first: 10) { totalCount } }", json!({})).await;
    assert_eq!(posts["posts"]["totalCount"], 1);
}

#[tokio::test]
async fn a_schedule_is_kept_when_it_is_due_and_not_before() {
    let front = Front::start(Engine::Sqlite).await;
    let (ada, connection) = bakery(&front).await;
    let soon = story::write(&ada, &connection, story::words("soon")).await;
    let late = story::write(&ada, &connection, story::words("late")).await;
    let cancelled = story::write(&ada, &connection, story::words("never")).await;
    let due = in_two_seconds();
    let mut versions = BTreeMap::new();
    for (post, when) in [
        (&soon, json!({ "at": due })),
        (&late, json!({ "local": "2031-03-30T02:30:00", "zone": "Europe/Berlin" })),
        (&cancelled, json!({ "at": due })),
    ] {
        let input = json!({ "post": post["id"], "when": when });
        let told = ada.tell("schedulePost", input, "post { version schedule { at } }").await;
        versions.insert(text(&post["id"]), told["post"].clone());
    }
    // The clocks of Berlin skip that half hour: the post goes out where it would have been.
    assert_eq!(versions[&text(&late["id"])]["schedule"]["at"], "2031-03-30T01:30:00.000000Z");
    ada.tell("cancelPost", json!({ "post": cancelled["id"] }), "post { status }").await;
    until("the post goes out when it is due", || async {
        let seen = story::look(&ada, &text(&soon["id"])).await;
        (seen["status"] == "PUBLISHED").then_some(())
    })
    .await;
    let seen = story::ledger(&front, "create_post").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let went: Instant = text(&seen[0]["at"]).parse().expect("an instant");
    assert!(went >= due.parse().expect("an instant"), "{seen:?} before {due}");
    assert_eq!(story::look(&ada, &text(&late["id"])).await["status"], "SCHEDULED");
}

/// As RFC 3339 writes it.
fn in_two_seconds() -> String {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    let micros = i64::try_from(now.as_micros()).expect("a time of our age") + 2_000_000;
    Instant::from_micros(micros).expect("a time of our age").to_string()
}
