//! What survives: posts, permissions and the ledger over a restart, and what a reset forgets.

use std::path::Path;

use herald_sandbox::{Settings, StartError};
use serde_json::{Value, json};

use crate::house::{BAKERY, House, id, pixel, settings};

fn lasting(folder: &Path) -> Settings {
    Settings { data_dir: Some(folder.to_owned()), fsync_ledger: true, ..settings() }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(lasting(folder.path())).await;
    let tokens = house.connect().await;
    let post = house.say(&tokens, "I stay").await;
    let ledger = house.sandbox.state().ledger();
    house.sandbox.state().advance_clock(60).unwrap();
    house.sandbox.shutdown().await;

    let house = House::with(lasting(folder.path())).await;

    let found = house.read(&tokens, &format!("/x/2/tweets/{post}")).await;
    assert_eq!(found["data"]["text"], "I stay");
    assert_eq!(house.sandbox.state().ledger()[..ledger.len()], ledger);
    let again = house.publish(&tokens, &json!({ "text": "I stay" })).await;
    assert_eq!(again.status(), 403);
    let told: Value = house.get("/_control").send().await.unwrap().json().await.unwrap();
    assert_eq!(told["clock"]["offset_seconds"], 60);
    let next: u64 = house.say(&tokens, "me too").await.parse().unwrap();
    assert!(next > post.parse().unwrap());
}

#[tokio::test]
async fn a_picture_survives_a_restart() {
    use base64::Engine as _;
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(lasting(folder.path())).await;
    let tokens = house.connect().await;
    let media = base64::engine::general_purpose::STANDARD.encode(pixel());
    let body = json!({ "media": media, "media_category": "tweet_image" });
    let request = house.post("/x/2/media/upload").bearer_auth(&tokens.access).json(&body);
    let uploaded: Value = request.send().await.unwrap().json().await.unwrap();
    house.sandbox.shutdown().await;

    let house = House::with(lasting(folder.path())).await;
    let body = json!({ "text": "", "media": { "media_ids": [id(&uploaded)] } });
    assert_eq!(house.publish(&tokens, &body).await.status(), 201);
    let bytes = house.get(&format!("/x/media/{}", id(&uploaded))).send().await.unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), pixel());
}

#[tokio::test]
async fn a_line_that_a_crash_cut_is_forgotten_and_the_rest_kept() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(lasting(folder.path())).await;
    let tokens = house.connect().await;
    house.say(&tokens, "whole").await;
    let before = house.sandbox.state().ledger();
    house.sandbox.shutdown().await;
    let file = folder.path().join("sandbox/ledger.jsonl");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("{\"seq\":99,\"at\":\"20");
    std::fs::write(&file, text).unwrap();

    let house = House::with(lasting(folder.path())).await;

    assert_eq!(house.sandbox.state().ledger(), before);
    house.say(&tokens, "after the crash").await;
    assert_eq!(house.effects("create_post")[1].seq, before.last().unwrap().seq + 1);
}

#[tokio::test]
async fn a_ledger_that_is_no_ledger_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sandbox")).unwrap();
    std::fs::write(folder.path().join("sandbox/ledger.jsonl"), "nonsense\n").unwrap();
    let refused = herald_sandbox::Sandbox::start(lasting(folder.path())).await.unwrap_err();
    assert!(matches!(refused, StartError::Ledger(_)));
    assert!(refused.to_string().starts_with("line 1 of "), "{refused}");
}

#[tokio::test]
async fn no_file_holds_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(lasting(folder.path())).await;
    let code = house.code().await;
    let tokens = house.connect().await;
    let text = std::fs::read_to_string(folder.path().join("sandbox/ledger.jsonl")).unwrap();
    for secret in [&code, &tokens.access, &tokens.refresh] {
        assert!(!text.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn a_reset_forgets_everything_and_keeps_the_old_ledger_aside() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(lasting(folder.path())).await;
    let tokens = house.connect().await;
    house.say(&tokens, "forget me").await;
    assert_eq!(house.post("/_control/reset").send().await.unwrap().status(), 200);

    assert!(house.sandbox.state().ledger().is_empty());
    assert_eq!(house.publish(&tokens, &json!({ "text": "hi" })).await.status(), 401);
    assert!(folder.path().join("sandbox/ledger.1.jsonl").exists());
}

#[tokio::test]
async fn the_ledger_is_read_from_where_one_left_off() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.say(&tokens, "one").await;
    let all: Value = house.get("/_ledger").send().await.unwrap().json().await.unwrap();
    let seqs: Vec<u64> =
        all["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(all["entries"][2].get("_changes"), None);

    let path = "/_ledger?after=1&provider=x&operation=create_post";
    let some: Value = house.get(path).send().await.unwrap().json().await.unwrap();
    assert_eq!(some["count"], 1);
    assert_eq!(some["entries"][0]["text"], "one");
}

#[tokio::test]
async fn the_page_shows_what_was_published_and_says_that_it_is_a_sandbox() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let root = house.say(&tokens, "<script>alert('no')</script>").await;
    let reply = json!({ "text": "below", "reply": { "in_reply_to_tweet_id": root } });
    house.publish(&tokens, &reply).await;

    for path in ["/".to_owned(), format!("/x/sandbox_bakery/status/{root}")] {
        let answer = house.get(&path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().contains_key("content-security-policy"));
        let page = answer.text().await.unwrap();
        assert!(page.contains("Nothing here is real") && page.contains("below"), "{page}");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    }
    let missing = house.get("/x/sandbox_studio/status/1").send().await.unwrap();
    assert_eq!(missing.status(), 404);
    let me = house.read(&tokens, &format!("/x/2/users/{BAKERY}/tweets")).await;
    assert_eq!(me["meta"]["result_count"], 2);
}
