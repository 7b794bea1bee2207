//! Publishing on the sandbox's X: what is accepted, refused, listed and taken back.

use crate::house::{BAKERY, House, id, pixel};
use serde_json::{Value, json};

#[tokio::test]
async fn a_post_is_published_and_found_again() {
    let house = House::open().await;
    let tokens = house.connect().await;

    let answer =
        house.publish(&tokens, &json!({ "text": "Fresh & warm: https://example.com/bread" })).await;

    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-rate-limit-limit"], "100");
    assert_eq!(answer.headers()["x-rate-limit-remaining"], "99");
    let answer: Value = answer.json().await.unwrap();
    let id = id(&answer);
    let text = answer["data"]["text"].as_str().unwrap();
    assert!(text.starts_with("Fresh &amp; warm: https://t.co/"), "{text}");
    assert_eq!(answer["data"]["edit_history_tweet_ids"], json!([id]));
    let effect = &house.effects("create_post")[0];
    assert_eq!(effect.text("author"), Some("sandbox_bakery"));
    assert_eq!(effect.text("text"), Some("Fresh & warm: https://example.com/bread"));

    let fields = "tweet.fields=created_at,entities,public_metrics,author_id";
    let found = house.read(&tokens, &format!("/x/2/tweets/{id}?{fields}")).await;
    assert_eq!(found["data"]["entities"]["urls"][0]["expanded_url"], "https://example.com/bread");
    assert_eq!(found["data"]["public_metrics"]["reply_count"], 0);
    assert!(found["data"]["public_metrics"]["retweet_count"].is_number());
    assert_eq!(found["data"]["author_id"], BAKERY);
}

#[tokio::test]
async fn ids_grow_and_look_like_those_of_x() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let first: u64 = house.say(&tokens, "one").await.parse().unwrap();
    let second: u64 = house.say(&tokens, "two").await.parse().unwrap();
    assert!(second > first && first > 1_900_000_000_000_000_000);
}

#[tokio::test]
async fn the_same_words_within_a_day_are_refused_and_a_day_later_taken() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.say(&tokens, "twice").await;

    let refused = house.publish(&tokens, &json!({ "text": " twice " })).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["detail"], "You are not allowed to create a Tweet with duplicate content.");
    assert_eq!(house.effects("create_post").len(), 1);

    house.sandbox.state().advance_clock(7_000).unwrap();
    let refreshed = house.refresh(&tokens.refresh).await.json().await.unwrap();
    house.sandbox.state().advance_clock(86_400 - 7_000).unwrap();
    let refreshed = crate::house::tokens(&refreshed);
    let later = house.refresh(&refreshed.refresh).await.json().await.unwrap();
    house.say(&crate::house::tokens(&later), "twice").await;
    assert_eq!(house.effects("create_post").len(), 2);
}

#[tokio::test]
async fn a_thread_is_walked_by_what_each_post_answers() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let root = house.say(&tokens, "A thread").await;
    let reply = json!({ "text": "and on", "reply": { "in_reply_to_tweet_id": root } });
    let second = id(&house.publish(&tokens, &reply).await.json().await.unwrap());

    let path = format!(
        "/x/2/users/{BAKERY}/tweets?max_results=5&tweet.fields=created_at,referenced_tweets,\
         in_reply_to_user_id,conversation_id&expansions=author_id"
    );
    let listed = house.read(&tokens, &path).await;
    let newest = &listed["data"][0];
    assert_eq!(newest["id"], second);
    assert_eq!(newest["referenced_tweets"], json!([{ "type": "replied_to", "id": root }]));
    assert_eq!(newest["in_reply_to_user_id"], BAKERY);
    assert_eq!(newest["conversation_id"], root);
    assert_eq!(listed["includes"]["users"][0]["username"], "sandbox_bakery");
    assert_eq!(listed["meta"]["result_count"], 2);
}

#[tokio::test]
async fn the_newer_vocabulary_is_spoken_when_it_is_set() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let set = house.post("/_control/settings").json(&json!({ "vocabulary": "post" }));
    assert!(set.send().await.unwrap().status().is_success());
    let root = house.say(&tokens, "new words").await;
    let reply = json!({ "text": "below", "reply": { "in_reply_to_tweet_id": root } });
    let answer: Value = house.publish(&tokens, &reply).await.json().await.unwrap();
    assert!(answer["data"]["edit_history_post_ids"].is_array());

    let path = format!(
        "/x/2/tweets/{}?post.fields=public_metrics,created_at&expansions=referenced_posts",
        id(&answer)
    );
    let found = house.read(&tokens, &path).await;
    assert!(found["data"]["public_metrics"]["repost_count"].is_number());
    assert_eq!(found["data"]["referenced_posts"][0]["id"], root);
    assert_eq!(found["includes"]["posts"][0]["id"], root);
}

#[tokio::test]
async fn a_timeline_is_paged_and_bounded_by_time() {
    let house = House::open().await;
    let tokens = house.connect().await;
    for n in 0..7 {
        house.say(&tokens, &format!("post {n}")).await;
    }
    let path = format!("/x/2/users/{BAKERY}/tweets?max_results=5");
    let first = house.read(&tokens, &path).await;
    let next = first["meta"]["next_token"].as_str().unwrap();
    let second = house.read(&tokens, &format!("{path}&pagination_token={next}")).await;
    assert_eq!(first["meta"]["result_count"], 5);
    assert_eq!(second["meta"]["result_count"], 2);
    assert_eq!(second["meta"].get("next_token"), None);
    assert_eq!(second["data"][1]["text"], "post 0");

    let future = house.read(&tokens, &format!("{path}&start_time=2126-01-01T00:00:00Z")).await;
    assert_eq!(future, json!({ "meta": { "result_count": 0 } }));
}

#[tokio::test]
async fn a_picture_with_its_alternative_text_goes_along() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let part = reqwest::multipart::Part::bytes(pixel()).file_name("pixel.png");
    let form =
        reqwest::multipart::Form::new().text("media_category", "tweet_image").part("media", part);
    let uploaded: Value = house
        .post("/x/2/media/upload")
        .bearer_auth(&tokens.access)
        .multipart(form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let media = id(&uploaded);
    let alt = json!({ "id": media, "metadata": { "alt_text": { "text": "A pixel" } } });
    let described =
        house.post("/x/2/media/metadata").bearer_auth(&tokens.access).json(&alt).send().await;
    assert_eq!(described.unwrap().status(), 200);

    let body = json!({ "text": "Look", "media": { "media_ids": [media] } });
    let posted: Value = house.publish(&tokens, &body).await.json().await.unwrap();
    let path = format!(
        "/x/2/tweets/{}?tweet.fields=attachments&expansions=attachments.media_keys\
         &media.fields=alt_text,url,width",
        id(&posted)
    );
    let found = house.read(&tokens, &path).await;

    assert_eq!(found["data"]["attachments"]["media_keys"][0], uploaded["data"]["media_key"]);
    assert_eq!(found["includes"]["media"][0]["alt_text"], "A pixel");
    assert_eq!(found["includes"]["media"][0]["width"], 1);
    let bytes = house.get(&format!("/x/media/{media}")).send().await.unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), pixel());
}

#[tokio::test]
async fn a_picture_in_segments_is_one_picture() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let whole = pixel();
    let send = async |path: String, body: Value| -> Value {
        let request = house.post(&path).bearer_auth(&tokens.access).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    };
    let start = json!({ "media_type": "image/png", "total_bytes": whole.len(),
        "media_category": "tweet_image" });
    let media = id(&send("/x/2/media/upload/initialize".to_owned(), start).await);
    let (front, back) = whole.split_at(20);
    for (index, part) in [(0, front), (1, back)] {
        use base64::Engine as _;
        let part = base64::engine::general_purpose::STANDARD.encode(part);
        let body = json!({ "media": part, "segment_index": index });
        let answer = send(format!("/x/2/media/upload/{media}/append"), body).await;
        assert!(answer["data"]["expires_at"].is_number(), "{answer}");
    }
    let done = send(format!("/x/2/media/upload/{media}/finalize"), json!({})).await;
    assert_eq!(done["data"]["size"], whole.len());
    let path = format!("/x/2/media/upload?media_id={media}&command=STATUS");
    assert_eq!(house.read(&tokens, &path).await["data"]["id"], media);
}

#[tokio::test]
async fn a_post_that_is_taken_back_is_gone() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let id = house.say(&tokens, "oops").await;
    let path = format!("/x/2/tweets/{id}");
    let request = house.client.delete(house.url(&path)).bearer_auth(&tokens.access);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();

    assert_eq!(answer, json!({ "data": { "deleted": true } }));
    let found = house.read(&tokens, &path).await;
    assert_eq!(found["errors"][0]["title"], "Not Found Error");
    assert_eq!(house.effects("delete_post").len(), 1);
}

#[tokio::test]
async fn what_x_refuses_is_refused_and_nothing_goes_out() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let long = "x".repeat(281);
    let table = [
        (json!({}), 400),
        (json!({ "text": "" }), 400),
        (json!({ "text": long }), 400),
        (json!({ "text": "hi", "unheard": 1 }), 400),
        (json!({ "text": 7 }), 400),
        (json!({ "text": "hi", "reply": {} }), 400),
        (json!({ "text": "hi", "reply": { "in_reply_to_tweet_id": "1" } }), 403),
        (json!({ "text": "hi", "reply": { "in_reply_to_tweet_id": 1 } }), 400),
        (json!({ "text": "hi", "media": { "media_ids": [] } }), 400),
        (json!({ "text": "hi", "media": { "media_ids": ["1", "2", "3", "4", "5"] } }), 400),
        (json!({ "text": "hi", "media": { "media_ids": ["99"] } }), 400),
        (json!({ "text": "hi", "reply_settings": "everyone" }), 400),
        (json!({ "text": "hi", "quote_tweet_id": "99" }), 400),
        (json!([]), 400),
        (json!("hi"), 400),
    ];
    for (body, status) in table {
        let answer = house.publish(&tokens, &body).await;
        assert_eq!(answer.status(), status, "{body}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["status"], status, "{body}");
        assert!(answer["title"].is_string() && answer["type"].is_string(), "{body}");
    }
    assert_eq!(house.effects("create_post").len(), 0);
}

#[tokio::test]
async fn the_hundred_and_first_post_waits() {
    let house = House::open().await;
    let tokens = house.connect().await;
    for _ in 0..100 {
        house.publish(&tokens, &json!({})).await;
    }
    let answer = house.publish(&tokens, &json!({ "text": "late" })).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["x-rate-limit-remaining"], "0");
    assert!(answer.headers().contains_key("retry-after"));

    house.sandbox.state().advance_clock(901).unwrap();
    house.say(&tokens, "late").await;
}
