//! Looking for a post, and reading its numbers.

use crate::{
    asked::asks_for_known_fields,
    fake::{Stage, Then, say},
};
use herald_application::ports::{LookupFailure, LookupRequest, SocialNetwork as _};
use herald_x::Vocabulary;
use serde_json::{Value, json};

fn request() -> LookupRequest {
    let since = "2026-11-21T09:00:00.750Z".parse().expect("an instant");
    LookupRequest { author: "42".to_owned(), since }
}

fn page(posts: &Value, next: Option<&str>) -> Value {
    let mut meta = json!({ "result_count": 1 });
    if let Some(next) = next {
        meta["next_token"] = json!(next);
    }
    json!({ "data": posts, "meta": meta })
}

fn post(id: &str, references: &str) -> Value {
    json!({
        "id": id,
        "text": "Tea &amp; cake https://t.co/p",
        "created_at": "2026-11-21T09:00:01.000Z",
        "attachments": { "media_keys": ["3_1", "3_2"] },
        "entities": { "urls": [{ "start": 0, "end": 1, "url": "https://t.co/p",
            "expanded_url": "https://x.com/ada/status/1/photo/1", "media_key": "3_1" }] },
        references: [{ "type": "quoted", "id": "5" }, { "type": "replied_to", "id": "6" }],
    })
}

#[tokio::test]
async fn the_timeline_is_read_to_its_end_in_either_vocabulary() {
    for (vocabulary, fields, references) in [
        (Vocabulary::Posts, "post.fields", "referenced_posts"),
        (Vocabulary::Tweets, "tweet.fields", "referenced_tweets"),
    ] {
        let first = page(&json!([post("12", references)]), Some("more"));
        let last = page(&json!([post("11", references)]), None);
        let script = [say(200, &first), say(200, &last)];
        let stage = Stage::with(script, |settings| settings.vocabulary = vocabulary).await;
        let listing = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect("a listing");

        assert!(listing.complete);
        assert_eq!(listing.taken_at, stage.world.now());
        let ids: Vec<&str> = listing.posts.iter().map(|post| post.remote_id.as_str()).collect();
        assert_eq!(ids, ["12", "11"]);
        let found = &listing.posts[0];
        assert_eq!((found.text.as_str(), found.media_count), ("Tea & cake", 2));
        assert_eq!(found.reply_to.as_deref(), Some("6"));

        let asked = stage.asked();
        assert_eq!(asked[0].line(), "GET /2/users/42/tweets");
        asked.iter().for_each(asks_for_known_fields);
        let query = asked[0].query();
        assert!(query["start_time"] == "2026-11-21T09:00:00Z");
        assert!(query.iter().any(|(name, _)| name == fields));
        assert!(asked[1].query()["pagination_token"] == "more");
    }
}

#[tokio::test]
async fn a_listing_with_holes_does_not_claim_to_be_complete() {
    let mut partial = page(&json!([post("12", "referenced_posts")]), None);
    partial["errors"] = json!([{ "title": "Partial", "type": "about:blank", "detail": "…" }]);
    let headless = json!({ "data": [post("12", "referenced_posts")] });
    let undated = page(&json!([post("12", "referenced_posts"), { "id": "11", "text": "?" }]), None);
    for answer in [partial, headless, undated] {
        let stage = Stage::new([say(200, &answer)]).await;
        let listing = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect("a listing");
        assert!(!listing.complete, "{answer}");
        assert_eq!(listing.posts.len(), 1, "what was found is kept");
    }
    let first = say(200, &page(&json!([post("12", "referenced_posts")]), Some("more")));
    let down = || Then::Say(503, vec![], String::new());
    let stage = Stage::new([first, down(), down(), down()]).await;
    let listing = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect("a listing");
    assert!(!listing.complete && listing.posts.len() == 1);
}

#[tokio::test]
async fn an_empty_timeline_is_a_complete_answer() {
    let stage = Stage::new([say(200, &json!({ "meta": { "result_count": 0 } }))]).await;
    let listing = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect("a listing");
    assert!(listing.complete && listing.posts.is_empty());
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_told_apart_from_trouble() {
    let stage = Stage::new([Then::Say(401, vec![], "{}".to_owned())]).await;
    let failure = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect_err("refused");
    assert_eq!(failure, LookupFailure::Unauthorized);
    let stage = Stage::new([Then::Say(200, vec![], "garbage".to_owned())]).await;
    let failure = stage.x.list_own(&"CANARY-T".into(), &request()).await.expect_err("unreadable");
    assert!(matches!(failure, LookupFailure::Transient { .. }));
}

#[tokio::test]
async fn numbers_are_read_in_either_vocabulary() {
    for name in ["repost_count", "retweet_count"] {
        let data = json!({ "data": { "id": "12", "text": "…", "public_metrics": {
            name: 3, "reply_count": 1, "like_count": 9, "quote_count": 0, "bookmark_count": 2,
            "impression_count": 700 } } });
        let stage = Stage::new([say(200, &data)]).await;
        let seen = stage.x.metrics(&"CANARY-T".into(), "12").await.expect("an answer");
        let seen = seen.expect("it exists");
        assert_eq!((seen.reposts, seen.likes, seen.impressions), (Some(3), Some(9), Some(700)));
        asks_for_known_fields(&stage.asked()[0]);
    }
}

#[tokio::test]
async fn a_deleted_post_has_no_numbers() {
    let gone = json!({ "errors": [{ "title": "Not Found Error", "detail": "Could not find it",
        "type": "https://api.x.com/2/problems/resource-not-found", "resource_type": "post" }] });
    for then in [say(200, &gone), Then::Say(404, vec![], "{}".to_owned())] {
        let stage = Stage::new([then]).await;
        assert_eq!(stage.x.metrics(&"CANARY-T".into(), "12").await, Ok(None));
    }
}
