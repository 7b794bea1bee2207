//! Pictures are made ready before anybody sees them.

use crate::{
    asked::follows_the_rules,
    fake::{Stage, Then, say},
};
use herald_application::ports::{MediaFile, Picture, PrepareFailure, SocialNetwork as _};
use serde_json::{Value, json};
use std::time::Duration;

fn picture(content_type: &'static str, size: usize, alt: Option<&str>) -> Picture {
    let file = MediaFile { content_type, bytes: vec![7; size].into() };
    Picture { file, alt: alt.map(str::to_owned) }
}

fn uploaded(state: Option<&str>) -> Value {
    let mut data = json!({ "id": "71", "media_key": "3_71", "expires_after_secs": 86400 });
    if let Some(state) = state {
        data["processing_info"] = json!({ "state": state, "check_after_secs": 5 });
    }
    json!({ "data": data })
}

#[tokio::test]
async fn a_picture_is_uploaded_at_once_and_described() {
    let stage = Stage::new([say(200, &uploaded(None)), say(200, &json!({ "data": {} }))]).await;
    let alt = "a".repeat(2000);
    let picture = picture("image/png", 100, Some(&alt));
    let ready = stage.x.prepare_picture(&"CANARY-T".into(), &picture).await.expect("ready");

    assert_eq!(ready.remote_id, "71");
    assert_eq!(ready.expires_at, Some(stage.world.now().plus(Duration::from_secs(86_400))));
    assert_eq!(stage.lines(), ["POST /2/media/upload", "POST /2/media/metadata"]);
    let asked = stage.asked();
    assert!(asked[0].header("content-type").starts_with("multipart/form-data; boundary="));
    let form = String::from_utf8_lossy(&asked[0].body);
    assert!(form.contains("name=\"media_category\"\r\n\r\ntweet_image\r\n"), "{form}");
    assert!(form.contains("name=\"media\"; filename=\"picture\"\r\nContent-Type: image/png"));
    follows_the_rules("describe_media", &asked[1]);
}

#[tokio::test]
async fn a_large_gif_goes_up_in_pieces_and_is_waited_for() {
    let fine = json!({ "data": { "expires_at": 1 } });
    let script = [
        uploaded(None),
        fine.clone(),
        fine,
        uploaded(Some("pending")),
        uploaded(Some("in_progress")),
        uploaded(Some("succeeded")),
    ];
    let stage = Stage::new(script.iter().map(|body| say(200, body))).await;
    let picture = picture("image/gif", 5 * 1024 * 1024, None);
    let ready = stage.x.prepare_picture(&"CANARY-T".into(), &picture).await.expect("ready");

    assert_eq!(ready.remote_id, "71");
    assert_eq!(
        stage.lines(),
        [
            "POST /2/media/upload/initialize",
            "POST /2/media/upload/71/append",
            "POST /2/media/upload/71/append",
            "POST /2/media/upload/71/finalize",
            "GET /2/media/upload",
            "GET /2/media/upload",
        ]
    );
    let asked = stage.asked();
    follows_the_rules("initialize_media", &asked[0]);
    assert_eq!(asked[0].json()["total_bytes"], 5 * 1024 * 1024);
    assert!(String::from_utf8_lossy(&asked[2].body).contains("segment_index\"\r\n\r\n1\r\n"));
    assert!(asked[4].query()["command"] == "STATUS");
    assert_eq!(stage.world.passed(), Duration::from_secs(10), "X said five seconds, twice");
}

#[tokio::test]
async fn a_picture_that_x_will_never_take_is_told_apart_from_one_to_try_again() {
    let invalid = json!({ "title": "Invalid Request", "detail": "The media is not valid.",
        "type": "https://api.x.com/2/problems/invalid-request" });
    let stage = Stage::new([say(400, &invalid)]).await;
    let failure = stage.x.prepare_picture(&"T".into(), &picture("image/png", 9, None)).await;
    let Err(PrepareFailure::Refused { code, detail }) = failure else { panic!("{failure:?}") };
    assert_eq!(code, "invalid-request");
    assert!(detail.starts_with("The media is not valid."), "{detail}");

    let stage = Stage::new([]).await;
    let huge = picture("image/png", 6 * 1024 * 1024, None);
    let failure = stage.x.prepare_picture(&"T".into(), &huge).await.expect_err("too large");
    assert!(matches!(failure, PrepareFailure::Refused { .. }));
    assert!(stage.asked().is_empty(), "what X would refuse is not uploaded");

    let slow = std::iter::repeat_with(|| say(200, &uploaded(Some("in_progress")))).take(20);
    let stage = Stage::new(slow).await;
    let failure = stage.x.prepare_picture(&"T".into(), &picture("image/png", 9, None)).await;
    assert!(matches!(failure, Err(PrepareFailure::Transient { retry_at: Some(_), .. })));

    let stage = Stage::new([Then::Say(401, vec![], "{}".to_owned())]).await;
    let failure = stage.x.prepare_picture(&"T".into(), &picture("image/png", 9, None)).await;
    assert_eq!(failure, Err(PrepareFailure::Unauthorized));
}
