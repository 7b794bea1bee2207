//! One post, one request, one verdict.

use crate::{
    asked::follows_the_rules,
    fake::{Stage, Then, say},
};
use herald_application::ports::{CommitOutcome, CommitPlan, Proof, Rejection, SocialNetwork as _};
use serde_json::json;
use std::time::Duration;

fn plan() -> CommitPlan {
    CommitPlan {
        text: "Open today".to_owned(),
        media: Vec::new(),
        reply_to: None,
        made_with_ai: false,
    }
}

async fn publish(stage: &Stage, plan: &CommitPlan) -> CommitOutcome {
    let open = stage.x.open(&"CANARY-T".into(), plan).await.expect("a connection");
    open.send(stage.world.now().plus(Duration::from_secs(30))).await
}

fn rejected(outcome: CommitOutcome) -> Rejection {
    let CommitOutcome::Rejected(rejection) = outcome else { panic!("{outcome:?}") };
    rejection
}

#[tokio::test]
async fn a_post_goes_out_with_its_pictures_as_an_answer_and_is_found_under_its_address() {
    let created = json!({ "data": { "id": "1990000000000000001", "text": "Open today" } });
    let stage = Stage::new([say(201, &created)]).await;
    let plan = CommitPlan {
        media: vec!["7".to_owned(), "8".to_owned()],
        reply_to: Some("1989".to_owned()),
        made_with_ai: true,
        ..plan()
    };
    let outcome = publish(&stage, &plan).await;

    let CommitOutcome::Committed { remote_id, url } = outcome else { panic!("{outcome:?}") };
    assert_eq!(remote_id, "1990000000000000001");
    assert!(url.ends_with("/x/i/web/status/1990000000000000001"), "{url}");
    let asked = &stage.asked()[0];
    follows_the_rules("create_post", asked);
    assert_eq!(asked.line(), "POST /2/tweets");
    assert_eq!(asked.header("authorization"), "Bearer CANARY-T");
    let expected = json!({
        "text": "Open today",
        "reply": { "in_reply_to_tweet_id": "1989" },
        "media": { "media_ids": ["7", "8"] },
        "made_with_ai": true,
    });
    assert_eq!(asked.json(), expected);
}

#[tokio::test]
async fn words_written_by_a_machine_are_not_declared_as_a_picture() {
    let created = json!({ "data": { "id": "1", "text": "Open today" } });
    let stage = Stage::new([say(201, &created)]).await;
    let _committed = publish(&stage, &CommitPlan { made_with_ai: true, ..plan() }).await;
    assert_eq!(stage.asked()[0].json(), json!({ "text": "Open today" }));
}

#[tokio::test]
async fn whatever_does_not_prove_a_refusal_leaves_the_outcome_unknown() {
    let forbidden = json!({ "title": "Forbidden", "type": "about:blank", "detail": "Forbidden" });
    for then in [
        Then::Hang,
        Then::Say(201, vec![], "not JSON".to_owned()),
        Then::Say(201, vec![], r#"{"data":{"text":"no id"}}"#.to_owned()),
        Then::Say(201, vec![], r#"{"data":{"id":"../../1","text":""}}"#.to_owned()),
        Then::Say(204, vec![], String::new()),
        Then::Say(307, vec![("location", "http://127.0.0.1:1/")], String::new()),
        Then::Say(400, vec![], "<html>Bad Request</html>".to_owned()),
        say(403, &forbidden),
        Then::Say(408, vec![], String::new()),
        Then::Say(500, vec![], String::new()),
        Then::Say(503, vec![("retry-after", "1")], String::new()),
    ] {
        let stage = Stage::new([then.clone()]).await;
        let outcome = publish(&stage, &plan()).await;
        assert!(matches!(outcome, CommitOutcome::Unknown { .. }), "{then:?}: {outcome:?}");
        assert_eq!(stage.lines(), ["POST /2/tweets"], "{then:?} is not sent again");
    }
}

#[tokio::test]
async fn a_refusal_on_the_list_says_what_kind_and_when_to_come_back() {
    let duplicate = json!({
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank", "title": "Forbidden", "status": 403
    });
    let stage = Stage::new([say(403, &duplicate)]).await;
    let rejection = rejected(publish(&stage, &plan()).await);
    assert_eq!((rejection.proof, rejection.code.as_str()), (Proof::Duplicate, "http-403"));
    assert!(rejection.detail.contains("duplicate content"), "{}", rejection.detail);

    let limited = vec![("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1795000600")];
    let stage = Stage::new([Then::Say(429, limited, "{}".to_owned())]).await;
    let rejection = rejected(publish(&stage, &plan()).await);
    assert_eq!(rejection.proof, Proof::RateLimited);
    assert_eq!(rejection.retry_at, Some(stage.world.now().plus(Duration::from_secs(600))));
}

#[tokio::test]
async fn a_token_that_x_echoes_is_not_shown() {
    let echo = json!({
        "title": "Unauthorized", "type": "about:blank", "detail": "Bearer CANARY-T is not valid",
    });
    let stage = Stage::new([say(401, &echo)]).await;
    let rejection = rejected(publish(&stage, &plan()).await);
    assert_eq!(rejection.proof, Proof::Unauthorized);
    assert!(!format!("{rejection:?} {:?}", stage.x).contains("CANARY"));
}

#[tokio::test]
async fn nothing_leaves_after_the_deadline() {
    for passed in [Duration::from_secs(31), Duration::from_secs(3600)] {
        let stage = Stage::new([]).await;
        let open = stage.x.open(&"CANARY-T".into(), &plan()).await.expect("a connection");
        let deadline = stage.world.now().plus(Duration::from_secs(30));
        stage.world.pass(passed);
        assert_eq!(rejected(open.send(deadline).await).proof, Proof::NotSent);
        assert!(stage.asked().is_empty());
    }
}

#[tokio::test]
async fn an_unreachable_x_needs_no_intent() {
    let nowhere = "http://127.0.0.1:1/".parse().expect("a URL");
    let stage = Stage::with([], |settings| settings.api = nowhere).await;
    let failure = stage.x.open(&"CANARY-T".into(), &plan()).await.err().expect("not reached");
    assert_eq!(failure.cause, "no connection could be made");
}
